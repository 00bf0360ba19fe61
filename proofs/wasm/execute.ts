import {
  constant,
  equal,
  FALSE,
  isConstant,
  isNonZero,
  ite,
  not,
  or,
  signExtend,
  type Term,
  TermError,
  truncate,
  zeroExtend,
} from "../term/index.ts";
import { load, store } from "./access.ts";
import { copy, fill } from "./bulk.ts";
import { HostError, type HostFunction } from "./host.ts";
import { summariseLoop } from "./loop.ts";
import type { Questions } from "./loop-search.ts";
import type { MemoryMap } from "./memory.ts";
import type { FunctionType, Instruction, ValueType, WasmFunction, WasmModule } from "./module.ts";
import { binary, memoryAccess, requireDivision, unary } from "./numeric.ts";
import { mergeStates, type State } from "./state.ts";

/** Where branches go: states that arrive, and how much of the stack they keep. */
export interface Label {
  readonly arrivals: State[];
  readonly height: number;
  readonly arity: number;
}

/** Settings that the executor of a module keeps for all its runs. */
export interface Settings {
  readonly module: WasmModule;
  readonly memory: MemoryMap;
  readonly hosts: ReadonlyMap<string, HostFunction>;
  /** A loop may go round so often before that becomes an obligation that fails. */
  readonly unroll: number;
  readonly summarise: boolean;
  /** Names for what loops find that search or count; without them, such loops go round. */
  readonly questions?: Questions;
}

const LIMIT_CALL_DEPTH = 200;

export function bitsOf(type: ValueType): 32 | 64 {
  return type === "i32" ? 32 : 64;
}

/**
 * Executes structured code on symbolic states. Each method takes a state that it owns and gives
 * the state that goes on behind, or nothing if none does.
 */
export class Interpreter {
  readonly settings: Settings;
  #depth = 0;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** Calls a function by its index; arguments are on the stack and results replace them. */
  call(index: number, state: State): State | undefined {
    const { module } = this.settings;
    const imported = module.imports[index];
    if (imported !== undefined) {
      const host = this.settings.hosts.get(`${imported.module}.${imported.name}`);
      if (host === undefined) throw new HostError(`import ${imported.name} has no model`);
      return callModel(host, imported.type, state);
    }
    const callee = module.functions[index - module.imports.length]!;
    const { record } = state;
    const caller = { locals: state.locals, stack: state.stack, ...record.place };
    const args = caller.stack.splice(caller.stack.length - callee.type.parameters.length);
    const declared = callee.locals.slice(args.length);
    state.locals = [...args, ...declared.map((type) => constant(bitsOf(type), 0n))];
    state.stack = [];
    if (++this.#depth > LIMIT_CALL_DEPTH) throw new Error(`${callee.name} calls too deeply`);
    const after = this.body(callee, state);
    this.#depth--;
    record.function = caller.function;
    record.offset = caller.offset;
    if (after === undefined) return undefined;
    after.locals = caller.locals;
    after.stack = [...caller.stack, ...after.stack];
    return after;
  }

  /** Runs a function's body in a frame that is set up; leaves its results on the stack. */
  body(callee: WasmFunction, state: State): State | undefined {
    state.record.function = callee.name;
    const arity = callee.type.results.length;
    return this.#scope(callee.body, state, [], arity);
  }

  /** Runs instructions inside a new label whose arrivals go on behind them. */
  #scope(
    body: readonly Instruction[],
    state: State,
    labels: readonly Label[],
    arity: number,
  ): State | undefined {
    const label: Label = { arrivals: [], height: state.stack.length, arity };
    const fallen = this.sequence(body, state, [...labels, label]);
    if (fallen !== undefined) label.arrivals.push(fallen);
    return mergeStates(label.arrivals);
  }

  /** Runs instructions in order; `labels` are the enclosing ones, the innermost last. */
  sequence(
    body: readonly Instruction[],
    state: State,
    labels: readonly Label[],
  ): State | undefined {
    let current: State | undefined = state;
    for (const instruction of body) {
      current.steps++;
      current.record.offset = instruction.offset;
      current = this.#step(instruction, current, labels);
      if (current === undefined) return undefined;
    }
    return current;
  }

  #step(instruction: Instruction, state: State, labels: readonly Label[]): State | undefined {
    switch (instruction.name) {
      case "nop":
        return state;
      case "unreachable":
        state.require(FALSE, "unreachable", "unreachable");
        return undefined;
      case "block":
        return this.#scope(instruction.body!, state, labels, instruction.result ? 1 : 0);
      case "loop":
        return this.#loop(instruction, state, labels);
      case "if":
        return this.#if(instruction, state, labels);
      case "br":
        branch(state, labels, instruction.index!);
        return undefined;
      case "br_if":
        return this.#branchIf(instruction, state, labels);
      case "br_table":
        return branchTable(instruction, state, labels);
      case "return":
        branch(state, labels, labels.length - 1);
        return undefined;
      case "call":
        return this.call(instruction.index!, state);
      default:
        return this.#plain(instruction, state) ? state : undefined;
    }
  }

  #if(instruction: Instruction, state: State, labels: readonly Label[]): State | undefined {
    const condition = isNonZero(pop(state));
    const label: Label = {
      arrivals: [],
      height: state.stack.length,
      arity: instruction.result ? 1 : 0,
    };
    const inner = [...labels, label];
    if (isConstant(condition)) {
      const chosen = condition === FALSE ? instruction.otherwise! : instruction.body!;
      const fallen = this.sequence(chosen, state, inner);
      if (fallen !== undefined) label.arrivals.push(fallen);
      return mergeStates(label.arrivals);
    }
    const other = state.clone();
    if (state.assume(condition)) {
      const fallen = this.sequence(instruction.body!, state, inner);
      if (fallen !== undefined) label.arrivals.push(fallen);
    }
    if (other.assume(not(condition))) {
      const fallen = this.sequence(instruction.otherwise!, other, inner);
      if (fallen !== undefined) label.arrivals.push(fallen);
    }
    return mergeStates(label.arrivals);
  }

  #branchIf(instruction: Instruction, state: State, labels: readonly Label[]): State | undefined {
    const condition = isNonZero(pop(state));
    if (condition === FALSE) return state;
    const taken = state.clone();
    if (taken.assume(condition)) branch(taken, labels, instruction.index!);
    return state.assume(not(condition)) ? state : undefined;
  }

  #loop(instruction: Instruction, state: State, labels: readonly Label[]): State | undefined {
    const { record } = state;
    const place = record.place;
    let reason = "not asked for";
    if (this.settings.summarise) {
      const summary = summariseLoop(this, instruction, state, labels);
      if (typeof summary !== "string") {
        record.loops.push({ ...place, ...summary.report });
        return summary.fallen;
      }
      reason = summary;
    }
    const fallen: State[] = [];
    let rounds = 0;
    let current: State | undefined = state;
    while (current !== undefined) {
      // After the last full round there is one more, which leaves.
      if (++rounds > this.settings.unroll + 1) {
        record.offset = place.offset;
        current.require(FALSE, "loop", `more than ${this.settings.unroll} rounds: ${reason}`);
        break;
      }
      const label: Label = { arrivals: [], height: current.stack.length, arity: 0 };
      const after = this.sequence(instruction.body!, current, [...labels, label]);
      if (after !== undefined) fallen.push(after);
      current = mergeStates(label.arrivals);
    }
    if (this.settings.summarise && rounds > 1) {
      record.loops.push({ ...place, summarised: false, iterations: `${rounds}`, reason });
    }
    return mergeStates(fallen);
  }

  /** An instruction without control flow. False if the state dies. */
  #plain(instruction: Instruction, state: State): boolean {
    const { name, index, value } = instruction;
    const { stack } = state;
    switch (name) {
      case "i32.const":
        stack.push(constant(32, value!));
        return true;
      case "i64.const":
        stack.push(constant(64, value!));
        return true;
      case "local.get":
        stack.push(state.locals[index!]!);
        return true;
      case "local.set":
        state.locals[index!] = pop(state);
        return true;
      case "local.tee":
        state.locals[index!] = stack[stack.length - 1]!;
        return true;
      case "global.get":
        stack.push(state.globals[index!]!);
        return true;
      case "global.set":
        state.globals[index!] = pop(state);
        return true;
      case "drop":
        pop(state);
        return true;
      case "select": {
        const condition = isNonZero(pop(state));
        const [otherwise, chosen] = [pop(state), pop(state)];
        stack.push(ite(condition, chosen, otherwise));
        return true;
      }
      case "memory.size":
        stack.push(constant(32, this.settings.memory.bytes / 65_536));
        return true;
      case "memory.fill": {
        const [length, byte, target] = [pop(state), pop(state), pop(state)];
        return fill(this.settings.memory, state, target, byte, length);
      }
      case "memory.copy": {
        const [length, source, target] = [pop(state), pop(state), pop(state)];
        return copy(this.settings.memory, state, target, source, length);
      }
      default:
        return this.#operate(instruction, state);
    }
  }

  #operate(instruction: Instruction, state: State): boolean {
    const { name, memory } = instruction;
    if (memory !== undefined) {
      return name.includes(".load")
        ? this.#load(name, memory.offset, state)
        : this.#store(name, memory.offset, state);
    }
    const one = unary.get(name);
    if (one !== undefined) {
      state.stack.push(one(pop(state)));
      return true;
    }
    const two = binary.get(name);
    if (two === undefined) throw new TermError(`no meaning for instruction ${name}`);
    const [right, left] = [pop(state), pop(state)];
    if (!requireDivision(state, name, left, right)) return false;
    state.stack.push(two(left, right));
    return true;
  }

  #load(name: string, offset: number, state: State): boolean {
    const shape = memoryAccess(name);
    const word = load(this.settings.memory, state, pop(state), offset, shape.bytes);
    if (word === undefined) return false;
    const extend = shape.signed ? signExtend : zeroExtend;
    state.stack.push(extend(word, shape.width));
    return true;
  }

  #store(name: string, offset: number, state: State): boolean {
    const shape = memoryAccess(name);
    const value = truncate(pop(state), 8 * shape.bytes);
    return store(this.settings.memory, state, pop(state), offset, value);
  }
}

/** The effect of a model in place of a body. */
function callModel(host: HostFunction, type: FunctionType, state: State): State | undefined {
  const args = state.stack.splice(state.stack.length - type.parameters.length);
  state.steps += (host.weight ?? 1) - 1;
  const result = host.effect(state, args);
  if (state.dead) return undefined;
  const expected = type.results[0];
  const width = expected === undefined ? undefined : bitsOf(expected);
  if (result?.width !== width) {
    throw new HostError(`the model of ${host.name} gives ${result?.width} bits, not ${width}`);
  }
  if (result !== undefined) state.stack.push(result);
  return state;
}

function pop(state: State): Term {
  const top = state.stack.pop();
  if (top === undefined) throw new TermError("the operand stack is empty");
  return top;
}

/** Hands the state to a label, with as much of the stack as the label keeps. */
function branch(state: State, labels: readonly Label[], depth: number): void {
  const label = labels[labels.length - 1 - depth]!;
  const kept = state.stack.splice(state.stack.length - label.arity);
  state.stack.length = label.height;
  state.stack.push(...kept);
  label.arrivals.push(state);
}

function branchTable(instruction: Instruction, state: State, labels: readonly Label[]): undefined {
  const operand = state.simplify(pop(state));
  const depths = instruction.depths!;
  if (operand.operator === "constant") {
    const at = operand.value < BigInt(depths.length) ? Number(operand.value) : depths.length - 1;
    branch(state, labels, depths[at]!);
    return undefined;
  }
  state.record.switches.push({ ...state.record.place, operand, targets: depths.length });
  const fallback = depths[depths.length - 1]!;
  const cases = new Map<number, Term>();
  for (const [at, depth] of depths.slice(0, -1).entries()) {
    if (depth === fallback) continue;
    const hit = equal(operand, constant(32, at));
    cases.set(depth, or(cases.get(depth) ?? FALSE, hit));
  }
  for (const [depth, hit] of cases) {
    const taken = state.clone();
    if (taken.assume(hit)) branch(taken, labels, depth);
    if (!state.assume(not(hit))) return undefined;
  }
  branch(state, labels, fallback);
  return undefined;
}
