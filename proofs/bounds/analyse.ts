// The most instructions that a function executes, over all states: structured control flow is
// followed once for all values, each merge keeps the costlier way, calls cost what their callees
// cost for what is known of the arguments, and loops so many rounds as their counter allows.

import type { Instruction, WasmFunction, WasmModule } from "../wasm/index.ts";
import { binary, unary } from "./arithmetic.ts";
import { type LoadedColumn, loaded } from "./load.ts";
import { boundLoop, type LoopBound } from "./loop.ts";
import type { Selection } from "./operation.ts";
import { assume, copyOf, merged, type State } from "./state.ts";
import { primitiveOf, weightOf } from "./weights.ts";
import { type Bits, exactly, join, keyOf, narrowed, unknown, type Word, word } from "./word.ts";

/** Where branches go: states that arrive, and how much of the stack they keep. */
export interface Label {
  readonly arrivals: State[];
  readonly height: number;
  readonly arity: number;
}

/** What a call does at most. */
interface Outcome {
  /** Instructions, whether it returns or stops the machine. */
  readonly cost: bigint;
  /** Undefined if it never returns. */
  readonly returned?: { readonly cost: bigint; readonly result?: Word | undefined } | undefined;
}

/** Most instructions of an operation: on any way, and on the ways that do not stop the machine. */
export interface Bound {
  readonly instructions: bigint;
  readonly returning: bigint | undefined;
}

/** Nothing bounds the work: which code, and why. */
export class UnboundedError extends Error {}

/** The primitive that does not return. */
const HALT = "halt";

/** Ways to call a function that are told apart; all further ones are taken as one. */
const LIMIT_CONTEXTS = 200;

const bitsOf = (type: "i32" | "i64"): Bits => (type === "i32" ? 32 : 64);

/** A call as it is told apart from others. */
type Memory = Map<string, Outcome>;

/** What has been found of functions, whatever the operation; and what all operations share. */
export class Findings {
  readonly outcomes: Memory = new Map();
  readonly loops = new Map<string, LoopBound>();
  /** Primitives whose bytes are bounded by their contract alone. */
  readonly contracts = new Map<string, string>();
}

/** Follows the code of one operation. */
export class Analysis {
  readonly #module: WasmModule;
  readonly #selection: Selection;
  readonly #columns: readonly LoadedColumn[];
  readonly #findings: Findings;
  readonly #contexts = new Map<number, number>();
  /** The function that is being followed, and its costliest way that does not return. */
  #frame = { name: "", worst: 0n };

  constructor(
    module: WasmModule,
    selection: Selection,
    columns: readonly LoadedColumn[],
    findings = new Findings(),
  ) {
    this.#module = module;
    this.#selection = selection;
    this.#columns = columns;
    this.#findings = findings;
  }

  /** Most instructions of a call of the operation's entry, with any arguments. */
  bound(): Bound {
    const { exports, imports, functions } = this.#module;
    const { entry } = this.#selection;
    const found = exports.find(({ kind, name }) => kind === "function" && name === entry);
    if (found === undefined) throw new Error(`the core has no function ${entry}`);
    const callee = functions[found.index - imports.length]!;
    const args = callee.type.parameters.map((type) => unknown(bitsOf(type)));
    const { cost, returned } = this.#outcome(callee, args);
    return { instructions: cost, returning: returned?.cost };
  }

  /** The name and the cost so far of a way that ends here. */
  get frame(): { name: string; worst: bigint } {
    return this.#frame;
  }

  #outcome(callee: WasmFunction, given: readonly Word[]): Outcome {
    const { outcomes } = this.#findings;
    const count = this.#contexts.get(callee.index) ?? 0;
    const args = count < LIMIT_CONTEXTS ? given : given.map(({ bits }) => unknown(bits));
    const key = `${callee.index} ${args.map(keyOf).join(" ")}`;
    const known = outcomes.get(key);
    if (known !== undefined) return known;
    this.#contexts.set(callee.index, count + 1);
    const outer = this.#frame;
    this.#frame = { name: callee.name, worst: 0n };
    const rest = callee.locals.slice(args.length).map((type) => exactly(bitsOf(type), 0n));
    const fresh = args.map(({ bits, min, max, zeros, ones }) =>
      word(bits, { min, max, zeros, ones }),
    );
    const start = { locals: [...fresh, ...rest], stack: [], cost: 0n };
    const after = this.#scope(callee.body, start, [], callee.type.results.length);
    const { worst } = this.#frame;
    this.#frame = outer;
    const cost = after !== undefined && after.cost > worst ? after.cost : worst;
    const returned = after && { cost: after.cost, result: after.stack[0] };
    const outcome = { cost, returned };
    outcomes.set(key, outcome);
    return outcome;
  }

  /** Follows a body to its end, or to where something in it leaves to. */
  #scope(body: readonly Instruction[], from: State, around: readonly Label[], arity: number) {
    const label: Label = { arrivals: [], height: from.stack.length, arity };
    const end = this.sequence(body, from, [...around, label]);
    return merged(end === undefined ? label.arrivals : [...label.arrivals, end]);
  }

  /** Follows instructions in order; the state is used up. Nothing if no run comes to the end. */
  sequence(list: readonly Instruction[], from: State, labels: readonly Label[]) {
    let here: State | undefined = from;
    for (let at = 0; here !== undefined && at < list.length; at++) {
      here.cost++;
      here = this.#step(list[at]!, here, labels);
    }
    return here;
  }

  #step(one: Instruction, state: State, labels: readonly Label[]): State | undefined {
    switch (one.name) {
      case "unreachable":
        this.#end(state.cost);
        return undefined;
      case "block":
        return this.#scope(one.body!, state, labels, one.result ? 1 : 0);
      case "loop":
        return this.#loop(one, state, labels);
      case "if":
        return this.#if(one, state, labels);
      case "br":
        branch(state, labels, one.index!);
        return undefined;
      case "br_if":
        return branchIf(state, labels, one.index!);
      case "br_table":
        return branchTable(one, state, labels);
      case "return":
        branch(state, labels, labels.length - 1);
        return undefined;
      case "call":
        return this.#call(one.index!, state);
      case "memory.fill":
      case "memory.copy":
        return this.#bulk(one, state);
      default:
        this.#plain(one, state);
        return state;
    }
  }

  /** A way ends without returning. */
  #end(cost: bigint): void {
    if (cost > this.#frame.worst) this.#frame.worst = cost;
  }

  #if(one: Instruction, state: State, labels: readonly Label[]): State | undefined {
    const condition = pop(state);
    const label: Label = { arrivals: [], height: state.stack.length, arity: one.result ? 1 : 0 };
    const other = copyOf(state);
    const values: Word[] = [];
    for (const [body, from, isTrue] of [
      [one.body!, state, true],
      [one.otherwise!, other, false],
    ] as const) {
      if (!assume(from, condition, isTrue)) continue;
      const fallen = this.sequence(body, from, [...labels, label]);
      if (fallen === undefined) continue;
      label.arrivals.push(fallen);
      if (one.result !== undefined) values.push(fallen.stack[fallen.stack.length - 1]!);
    }
    const after = merged(label.arrivals);
    // A branch out of one of the parts would bring a value of its own.
    if (after !== undefined && values.length === 2 && label.arrivals.length === 2) {
      after.stack.push(choice(pop(after), condition, values[0]!, values[1]!));
    }
    return after;
  }

  #loop(one: Instruction, state: State, labels: readonly Label[]): State | undefined {
    const found = boundLoop(this, one, state, labels);
    const place = `${this.#frame.name} at byte 0x${one.offset.toString(16)}`;
    if (typeof found === "string") throw new UnboundedError(`the loop of ${place}: ${found}`);
    const known = this.#findings.loops.get(place);
    if (known === undefined || known.rounds < found.rounds) {
      this.#findings.loops.set(place, { place, rounds: found.rounds });
    }
    for (const [at, states] of found.exits.entries()) labels[at]!.arrivals.push(...states);
    return found.fallen;
  }

  #call(index: number, state: State): State | undefined {
    const { imports, functions } = this.#module;
    const imported = imports[index];
    const { type } = imported ?? functions[index - imports.length]!;
    const given = state.stack.splice(state.stack.length - type.parameters.length);
    if (imported !== undefined) {
      state.cost += this.#primitive(imported.name, given);
      if (imported.name === HALT) {
        this.#end(state.cost);
        return undefined;
      }
      for (const result of type.results) state.stack.push(unknown(bitsOf(result)));
      return state;
    }
    const callee = functions[index - imports.length]!;
    const args = this.#selected(callee, given);
    if (args === undefined) return undefined;
    const { cost, returned } = this.#outcome(callee, args);
    this.#end(state.cost + cost);
    if (returned === undefined) return undefined;
    state.cost += returned.cost;
    const { result } = returned;
    if (result !== undefined) {
      const { bits, min, max, zeros, ones } = result;
      state.stack.push(word(bits, { min, max, zeros, ones }));
    }
    return state;
  }

  /** The arguments with what the operation says of them; nothing if it is another operation. */
  #selected(callee: WasmFunction, args: readonly Word[]): readonly Word[] | undefined {
    for (const [name, words] of this.#selection.arguments) {
      if (!callee.name.endsWith(`/${name}`)) continue;
      const all = args.map((arg, at) => {
        const own = words[at];
        return own === undefined ? arg : narrowed(arg, own);
      });
      return all.includes(undefined) ? undefined : (all as Word[]);
    }
    return args;
  }

  #primitive(name: string, given: readonly Word[]): bigint {
    const { bytes, most } = primitiveOf(name);
    if (bytes === undefined) return weightOf(BigInt(most));
    const { max } = given[bytes]!;
    if (max <= BigInt(most)) return weightOf(max > 0n ? max : 1n);
    this.#findings.contracts.set(`machine.${name} in ${this.#frame.name}`, `${most} bytes`);
    return weightOf(BigInt(most));
  }

  #bulk(one: Instruction, state: State): State {
    const [, , length] = state.stack.splice(state.stack.length - 3);
    const { max } = length!;
    if (max >= BigInt(this.#module.memoryBytes)) {
      const place = `${this.#frame.name} at byte 0x${one.offset.toString(16)}`;
      throw new UnboundedError(`${one.name} of ${place}: its length may be anything`);
    }
    state.cost += weightOf(max);
    return state;
  }

  /** An instruction without control flow. */
  #plain(one: Instruction, state: State): void {
    const { name, index, value, memory } = one;
    const { stack, locals } = state;
    const bits: Bits = name.startsWith("i64") ? 64 : 32;
    if (name === "nop") return;
    if (name.endsWith(".const")) stack.push(exactly(bits, value!));
    else if (name === "local.get") stack.push(locals[index!]!);
    else if (name === "local.set") locals[index!] = pop(state);
    else if (name === "local.tee") locals[index!] = stack[stack.length - 1]!;
    else if (name === "global.get") stack.push(this.#global(index!));
    else if (name === "global.set" || name === "drop") pop(state);
    else if (name === "memory.size") stack.push(unknown(32));
    else if (name === "select") select(state);
    else if (memory !== undefined) this.#access(one, state);
    else operate(name, bits, state);
  }

  #global(index: number): Word {
    const { type, mutable, initial } = this.#module.globals[index]!;
    return mutable ? unknown(bitsOf(type)) : exactly(bitsOf(type), initial);
  }

  #access({ name, memory }: Instruction, state: State): void {
    const isStore = name.includes(".store");
    if (isStore) pop(state);
    const address = pop(state);
    if (isStore) return;
    state.stack.push(loaded(name, address, memory!.offset, this.#columns, this.#selection));
  }
}

/** One of two values, by a condition. Where one of them is a constant, whether the value is 0 says
 *  which it was: "a and then b", "a or else b". */
function choice(value: Word, condition: Word, chosen: Word, otherwise: Word): Word {
  const isNot = unary("eqz", 32, condition);
  const test = (relation: "and" | "or", left: Word, right: Word): Word => ({
    ...value,
    test: { relation, left, right, negated: false },
  });
  if (otherwise.max === 0n) return test("and", condition, chosen);
  if (otherwise.min > 0n) return test("or", isNot, chosen);
  if (chosen.max === 0n) return test("and", isNot, otherwise);
  return chosen.min > 0n ? test("or", condition, otherwise) : value;
}

function operate(name: string, bits: Bits, state: State): void {
  const [, rest] = name.split(".");
  const isUnary = /^(eqz|clz|ctz|popcnt|wrap|extend)/.test(rest!);
  const right = pop(state);
  state.stack.push(isUnary ? unary(rest!, bits, right) : binary(rest!, pop(state), right));
}

/** One of two words; each is as it is where the condition chooses it. */
function select(state: State): void {
  const [condition, otherwise, chosen] = [pop(state), pop(state), pop(state)];
  const words = [
    [chosen, true],
    [otherwise, false],
  ] as const;
  const possible = words.flatMap(([value, isTrue]) => {
    const alone = { locals: [value], stack: [], cost: 0n };
    return assume(alone, condition, isTrue) ? alone.locals : [];
  });
  const [first, second] = possible;
  if (second === undefined) return void state.stack.push(first!);
  state.stack.push(choice(join(first!, second), condition, first!, second));
}

function pop(state: State): Word {
  return state.stack.pop()!;
}

/** Hands the state to a label, with as much of the stack as the label keeps. */
function branch(state: State, labels: readonly Label[], depth: number): void {
  const label = labels[labels.length - 1 - depth]!;
  const kept = state.stack.splice(state.stack.length - label.arity);
  state.stack.length = label.height;
  state.stack.push(...kept);
  label.arrivals.push(state);
}

function branchIf(state: State, labels: readonly Label[], depth: number): State | undefined {
  const condition = pop(state);
  const taken = copyOf(state);
  if (assume(taken, condition, true)) branch(taken, labels, depth);
  return assume(state, condition, false) ? state : undefined;
}

function branchTable(one: Instruction, state: State, labels: readonly Label[]): undefined {
  const operand = pop(state);
  const depths = one.depths!;
  const last = BigInt(depths.length - 1);
  const taken = new Set<number>();
  for (const [at, depth] of depths.slice(0, -1).entries()) {
    const alone = narrowed(operand, { min: BigInt(at), max: BigInt(at) });
    if (alone !== undefined) taken.add(depth);
  }
  if (operand.max >= last) taken.add(depths[depths.length - 1]!);
  for (const depth of taken) branch(copyOf(state), labels, depth);
  return undefined;
}
