// Which values of a word the code tells apart. The code is executed with the word unknown; calls
// that do not see the word are not followed. What the word is compared with, in any condition that
// decides a result, a call, a trap or a value written, cuts its values into ranges.

import { isConstant, postorder, type Term } from "../term/index.ts";
import { Interpreter, type Settings } from "../wasm/execute.ts";
import type { Cells, Instruction, State } from "../wasm/index.ts";

/** Calls from the entry's own body are followed this deep though they do not get the word. */
const LIMIT_DEPTH = 1;

/** Is there a loop in it? What repeats decides nothing about a word that it is not given. */
const repeats = (body: readonly Instruction[]): boolean =>
  body.some(
    (one) => one.name === "loop" || repeats(one.body ?? []) || repeats(one.otherwise ?? []),
  );

class ScoutInterpreter extends Interpreter {
  readonly #word: Term;
  #depth = -1;

  constructor(settings: Settings, word: Term) {
    super(settings);
    this.#word = word;
  }

  override call(index: number, state: State): State | undefined {
    const { module } = this.settings;
    const callee = module.functions[index - module.imports.length];
    if (callee === undefined) return this.#skip(index, state);
    const count = callee.type.parameters.length;
    const args = state.stack.slice(state.stack.length - count);
    const sees = postorder(args).includes(this.#word);
    const isNear = this.#depth < 0 || (this.#depth < LIMIT_DEPTH && !repeats(callee.body));
    if (!sees && !isNear) return this.#skip(index, state);
    this.#depth++;
    const after = super.call(index, state);
    this.#depth--;
    return after;
  }

  /** The call may give anything; that it happens, and with what, is an event. */
  #skip(index: number, state: State): State {
    const { module } = this.settings;
    const type =
      module.imports[index]?.type ?? module.functions[index - module.imports.length]!.type;
    const args = state.stack.splice(state.stack.length - type.parameters.length);
    state.output(`call ${index}`, args);
    for (const result of type.results) {
      state.stack.push(state.fresh("skipped", result === "i32" ? 32 : 64));
    }
    return state;
  }
}

/** Terms that say what a run does. */
function* spoken(state: State): Generator<Term> {
  yield state.path.all;
  yield* state.stack;
  for (const { condition } of state.record.obligations) yield condition;
  for (const { guard, args } of state.outputs) {
    yield guard;
    yield* args;
  }
  const seen = new Set<Cells>();
  for (const cells of state.cells.values()) yield* written(cells, seen);
}

/** The terms of a column's writes; histories share their past, which is told once. */
function* written(cells: Cells, seen: Set<Cells>): Generator<Term> {
  if (seen.has(cells)) return;
  seen.add(cells);
  if (cells.kind === "write") {
    yield cells.index;
    yield cells.value;
    yield* written(cells.older, seen);
  } else if (cells.kind === "range") {
    yield cells.range.start;
    yield cells.range.count;
    yield* written(cells.older, seen);
  } else if (cells.kind === "merge") {
    yield cells.condition;
    yield* written(cells.whenTrue, seen);
    yield* written(cells.whenFalse, seen);
  }
}

/** The numbers at which a comparison with the word changes its answer. */
export function cutsOf(term: Term, word: Term): bigint[] {
  const size = 1n << BigInt(word.width);
  const wrap = (value: bigint): bigint => ((value % size) + size) % size;
  const [left, right] = term.operands;
  if (left === undefined || right === undefined) return [];
  /** The word plus a constant. */
  const offset = (one: Term): bigint | undefined => {
    if (one === word) return 0n;
    const [first, second] = one.operands;
    const isSum = one.operator === "add" && one.operands.length === 2;
    if (isSum && first === word && isConstant(second!)) return second!.value;
    if (isSum && second === word && isConstant(first!)) return first!.value;
    return undefined;
  };
  const isOrder = ["ult", "slt"].includes(term.operator);
  if (term.operator !== "equal" && !isOrder) return [];
  const [one, two] = isConstant(right) ? [left, right] : [right, left];
  const shift = offset(one);
  if (shift === undefined || !isConstant(two)) return [];
  const at = wrap(two.value - shift);
  const start = wrap(-shift);
  if (term.operator === "equal") return [at, wrap(at + 1n)];
  return [at, wrap(at + 1n), start];
}

/** The first number of each range of values that the code tells apart, in rising order. */
export function cuts(
  settings: Settings,
  entry: { readonly index: number; readonly args: readonly Term[] },
  from: State,
  word: Term,
): bigint[] {
  const state = from.clone();
  state.record = from.record.successor();
  state.locals = [];
  state.stack = [...entry.args];
  const final = new ScoutInterpreter(settings, word).call(entry.index, state);
  const said = [...(final === undefined ? [] : spoken(final)), ...spoken(state)];
  const found = new Set<bigint>([0n]);
  for (const term of postorder(said)) for (const cut of cutsOf(term, word)) found.add(cut);
  return [...found].sort((one, two) => (one < two ? -1 : 1));
}
