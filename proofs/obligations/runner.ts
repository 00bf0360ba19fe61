// Runs functions of a module, exported or not, with some calls replaced by what is proved of them.

import { DIRECTORY_PAGES } from "../../tcb/core/limits.ts";
import type { Term } from "../term/index.ts";
import { Interpreter, type Label, type Settings } from "../wasm/execute.ts";
import {
  type Column,
  Executor,
  type HostFunction,
  type Instruction,
  MemoryMap,
  type Run,
  type State,
  type WasmFunction,
  type WasmModule,
} from "../wasm/index.ts";
import type { Questions } from "../wasm/loop-search.ts";
import { machineHosts } from "./event.ts";
import { callsDirectly, type Repetition, takeRepetition } from "./repetition.ts";
import { counterOf, type Round, RoundDone, type Rounds, runRound, takeRounds } from "./rounds.ts";
import { cuts } from "./scout.ts";
import { type Search, takeSearch } from "./search.ts";
import type { ChoiceBook } from "./symbolic.ts";

/** What stands for a function of the module wherever it is called from inside. */
export interface Contract {
  /** The end of the function's name, from its file on, as in "guest/openArgument". */
  readonly name: string;
  /** What the call does: the state behind it, and its result if it has one. */
  readonly effect: (state: State, args: readonly Term[]) => { state: State; result?: Term };
}

/** Rounds of a loop that a run takes one by one: of the longest, over a map's directories. */
const LIMIT_ROUNDS = Math.max(64, DIRECTORY_PAGES);

/** Loops that a run takes round by round in the sense of rounds.ts. */
export interface LoopRounds {
  /** Those of which all rounds are one step, and what the step does. */
  readonly whole?: readonly { readonly rounds: Rounds; readonly take: (state: State) => void }[];
  /** The one of which one round is what is run. */
  readonly single?: Round;
  /** Those that look for a number, which is a choice of the book. */
  readonly searches?: { readonly all: readonly Search[]; readonly book: ChoiceBook };
  /** Names for what others find. */
  readonly questions?: Questions;
}

/** Repetitions by the index of the function that marks their loops. */
type Repetitions = readonly (readonly [number, Repetition])[];

class ContractInterpreter extends Interpreter {
  readonly #contracts: ReadonlyMap<number, Contract>;
  readonly #repetitions: Repetitions;
  readonly #rounds: LoopRounds;
  readonly #find: (name: string) => number | undefined;
  #entered = false;

  constructor(
    settings: Settings,
    contracts: ReadonlyMap<number, Contract>,
    repetitions: Repetitions,
    rounds: LoopRounds,
    find: (name: string) => number | undefined,
  ) {
    super(settings);
    this.#contracts = contracts;
    this.#repetitions = repetitions;
    this.#rounds = rounds;
    this.#find = find;
  }

  /** Loops that have a model are taken as one step each. */
  override sequence(
    body: readonly Instruction[],
    state: State,
    labels: readonly Label[],
  ): State | undefined {
    let current: State = state;
    let done = 0;
    for (const [at, instruction] of body.entries()) {
      const model = this.#modelOf(instruction, current);
      if (model === undefined) continue;
      const before = super.sequence(body.slice(done, at), current, labels);
      if (before === undefined) return undefined;
      const after = model(before, labels);
      if (after === undefined) return undefined;
      current = after;
      done = at + 1;
    }
    return super.sequence(done === 0 ? body : body.slice(done), current, labels);
  }

  /** What stands for a loop, if anything does. */
  #modelOf(
    loop: Instruction,
    state: State,
  ): ((state: State, labels: readonly Label[]) => State | undefined) | undefined {
    if (loop.name !== "loop") return undefined;
    const calls = (name: string) => {
      const index = this.#find(name);
      return index !== undefined && callsDirectly(loop.body!, index);
    };
    const { single, whole = [] } = this.#rounds;
    if (single?.of.calls.some(calls)) {
      return (state, labels) => runRound(this, single, loop, state, labels);
    }
    const all = whole.find(({ rounds }) => rounds.calls.some(calls));
    if (all !== undefined) return (state) => takeRounds(all.rounds, all.take, loop, state);
    const { searches } = this.#rounds;
    const search = searches?.all.find(
      ({ calls: callee, count }) =>
        counterOf(loop, count, state) !== undefined && (callee === undefined || calls(callee)),
    );
    if (search !== undefined) {
      const { book } = searches!;
      return (state, labels) => takeSearch(this, search, book, loop, state, labels);
    }
    const found = this.#repetitions.find(([index]) => callsDirectly(loop.body!, index));
    if (found === undefined) return undefined;
    return (state, labels) => takeRepetition(this, found[1], loop, state, labels);
  }

  /** The first call is the one that is asked for: its body runs even if it has a contract. */
  override call(index: number, state: State): State | undefined {
    const contract = this.#contracts.get(index);
    const isEntry = !this.#entered;
    this.#entered = true;
    if (contract === undefined || isEntry) return super.call(index, state);
    const { module } = this.settings;
    const { type } = module.functions[index - module.imports.length]!;
    const args = state.stack.splice(state.stack.length - type.parameters.length);
    const { locals, stack } = state;
    state.stack = [];
    const after = contract.effect(state, args);
    if (after.state.dead) return undefined;
    after.state.locals = locals;
    after.state.stack = [...stack, ...(type.results.length > 0 ? [after.result!] : [])];
    return after.state;
  }
}

/** The state behind a call, or behind the one round that the call is run for. */
function behind(call: () => State | undefined): State | undefined {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof RoundDone)) throw error;
    if (error.state !== undefined) error.state.stack = [];
    return error.state;
  }
}

/** What a call did, for all states and arguments at once. */
export type CodeRun = Omit<Run, "steps">;

/** One build of the core. */
export class Code {
  readonly module: WasmModule;
  readonly #executor: Executor;
  readonly #settings: Settings;

  constructor(module: WasmModule, columns: readonly Column[], unroll?: number) {
    const hosts: HostFunction[] = machineHosts(columns);
    this.module = module;
    this.#executor = new Executor(module, { columns, hosts });
    this.#settings = {
      module,
      memory: new MemoryMap(columns, module.data, module.memoryBytes),
      hosts: new Map(hosts.map((host) => [host.name, host])),
      unroll: unroll ?? LIMIT_ROUNDS,
      summarise: unroll === undefined,
    };
  }

  /** A state about which nothing is known. */
  unknownState(prefix = ""): State {
    return this.#executor.initialState({ prefix });
  }

  /** The exported function of that name, or the one inner function whose name ends in it. */
  find(name: string): WasmFunction | undefined {
    const { exports, functions, imports } = this.module;
    const exported = exports.find((one) => one.kind === "function" && one.name === name);
    if (exported !== undefined) return functions[exported.index - imports.length];
    const found = functions.filter((one) => one.name.endsWith(`/${name}`));
    if (found.length > 1) throw new Error(`the module has ${found.length} functions ${name}`);
    return found[0];
  }

  /** Where ranges of values begin that a function tells apart when a word is unknown. */
  cuts(name: string, args: readonly Term[], word: Term): bigint[] {
    const callee = this.find(name);
    if (callee === undefined) throw new Error(`the module has no function ${name}`);
    return cuts(this.#settings, { index: callee.index, args }, this.unknownState(), word);
  }

  /** Calls a function, exported or inner, on a state, which is not changed. */
  run(
    name: string,
    args: readonly Term[],
    from: State,
    contracts: readonly Contract[] = [],
    repetitions: readonly Repetition[] = [],
    rounds: LoopRounds = {},
  ): CodeRun {
    const callee = this.find(name);
    if (callee === undefined) throw new Error(`the module has no function ${name}`);
    const found = contracts.flatMap((contract) => {
      const inner = this.find(contract.name);
      return inner === undefined ? [] : [[inner.index, contract] as const];
    });
    const loops = repetitions.flatMap((repetition) => {
      const inner = this.find(repetition.calls);
      return inner === undefined ? [] : [[inner.index, repetition] as const];
    });
    const find = (name: string) => this.find(name)?.index;
    const { questions } = rounds;
    const settings = { ...this.#settings, ...(questions === undefined ? {} : { questions }) };
    const interpreter = new ContractInterpreter(settings, new Map(found), loops, rounds, find);
    const state = from.clone();
    const record = from.record.successor();
    state.record = record;
    state.locals = [];
    state.stack = [...args];
    const final = behind(() => interpreter.call(callee.index, state));
    const { obligations, accesses, switches } = record;
    return { final, result: final?.stack[0], obligations, accesses, loops: record.loops, switches };
  }
}
