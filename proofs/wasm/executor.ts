import { constant, type Term, variable } from "../term/index.ts";
import type { Cells, Column } from "./column.ts";
import { bitsOf, Interpreter, type Settings } from "./execute.ts";
import { HostError, type HostFunction } from "./host.ts";
import type { Questions } from "./loop-search.ts";
import { MemoryMap } from "./memory.ts";
import type { WasmFunction, WasmModule } from "./module.ts";
import {
  type Access,
  type LoopReport,
  RunRecord,
  type SwitchReport,
  type TrapObligation,
} from "./record.ts";
import { State, StateSpace } from "./state.ts";

export interface ExecutorOptions {
  readonly columns: readonly Column[];
  readonly hosts?: readonly HostFunction[];
  /** Largest number of rounds of a loop that is not summarised; 64 if not given. */
  readonly unroll?: number;
  /** Whether counted loops become range writes; true if not given. */
  readonly summarise?: boolean;
  /** Names for what loops find that search or count; without them, such loops go round. */
  readonly questions?: Questions;
}

export interface StateOptions {
  /** Goes before the names of all unknowns, so that two runs have states of their own. */
  readonly prefix?: string;
  /** "unknown" (any value), or as an instance starts: zero, data segments, initial globals. */
  readonly contents?: "unknown" | "initial";
}

/** What a call did: for all states and arguments at once if these are unknown. */
export interface Run {
  /** The state in which the call returns; undefined if it never does. */
  readonly final: State | undefined;
  readonly result: Term | undefined;
  /** All have to be valid, or the call can trap (or leave its tables). */
  readonly obligations: readonly TrapObligation[];
  /** Rows read and written, in the order of their first use. */
  readonly accesses: readonly Access[];
  readonly loops: readonly LoopReport[];
  readonly switches: readonly SwitchReport[];
  /** Most instructions on any way through; bulk operations count bytes / 8. */
  readonly steps: number;
}

const DEFAULT_UNROLL = 64;

/** Executes the functions of one module. */
export class Executor {
  readonly module: WasmModule;
  readonly memory: MemoryMap;
  readonly #interpreter: Interpreter;
  readonly #space: StateSpace;

  constructor(module: WasmModule, options: ExecutorOptions) {
    this.module = module;
    this.memory = new MemoryMap(options.columns, module.data, module.memoryBytes);
    this.#space = new StateSpace(this.memory);
    const hosts = new Map((options.hosts ?? []).map((host) => [host.name, host]));
    for (const { module: from, name } of module.imports) {
      if (!hosts.has(`${from}.${name}`)) throw new HostError(`import ${from}.${name} has no model`);
    }
    const settings: Settings = {
      module,
      memory: this.memory,
      hosts,
      unroll: options.unroll ?? DEFAULT_UNROLL,
      summarise: options.summarise ?? true,
      ...(options.questions === undefined ? {} : { questions: options.questions }),
    };
    this.#interpreter = new Interpreter(settings);
  }

  /** A state to start from; change it with `write` and `assume` before a run. */
  initialState(options: StateOptions = {}): State {
    const prefix = options.prefix ?? "";
    const state = new State(this.#space, new RunRecord(prefix));
    const isInitial = options.contents === "initial";
    state.globals = this.module.globals.map((global) =>
      isInitial || !global.mutable
        ? constant(bitsOf(global.type), global.initial)
        : variable(globalSymbol(global.name, prefix), bitsOf(global.type)),
    );
    if (isInitial) state.cells = new Map<string, Cells>(this.memory.initialContents());
    return state;
  }

  /** The function that is exported under a name, or else has it in the name section. */
  function(name: string): WasmFunction {
    const found = this.module.exports.find((one) => one.kind === "function" && one.name === name);
    if (found === undefined) return this.#named(name);
    return this.module.functions[found.index - this.module.imports.length]!;
  }

  #named(name: string): WasmFunction {
    const found = this.module.functions.filter((one) => one.name === name);
    if (found.length !== 1) throw new Error(`the module has ${found.length} functions ${name}`);
    return found[0]!;
  }

  /** Unknown arguments for a function: variables `argument0.i32`, ... */
  unknownArguments(name: string, prefix = ""): Term[] {
    return this.function(name).type.parameters.map((type, at) =>
      variable(`${prefix}argument${at}.${type}`, bitsOf(type)),
    );
  }

  /**
   * Calls a function. The given state is not changed; its record of obligations starts
   * afresh, so that a second run from the final state of a first reports only its own.
   */
  run(name: string, args: readonly Term[], from: State = this.initialState()): Run {
    const callee = this.function(name);
    checkArguments(callee, args);
    const state = from.clone();
    const record = from.record.successor();
    state.record = record;
    const stepsBefore = state.steps;
    state.locals = [];
    state.stack = [...args];
    const final = this.#interpreter.call(callee.index, state);
    return {
      final,
      result: final?.stack[0],
      obligations: record.obligations,
      accesses: record.accesses,
      loops: record.loops,
      switches: record.switches,
      steps: final === undefined ? 0 : final.steps - stepsBefore,
    };
  }
}

/** The name of the variable that stands for a global's unknown value. */
export function globalSymbol(name: string, prefix = ""): string {
  return `${prefix}global.${name.replace(/[^A-Za-z0-9_.]/g, "_")}`;
}

function checkArguments(callee: WasmFunction, args: readonly Term[]): void {
  const expected = callee.type.parameters.map(bitsOf);
  const given = args.map((term) => term.width);
  if (expected.join() !== given.join()) {
    throw new Error(`${callee.name} takes (${expected}) bits, got (${given})`);
  }
}
