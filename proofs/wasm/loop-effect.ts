import {
  constant,
  evaluate,
  extract,
  implies,
  isConstant,
  ite,
  linearForm,
  not,
  postorder,
  rewrite,
  type Term,
  termOf,
  ule,
} from "../term/index.ts";
import { type Cells, indexWidth, mergeCells, rangeCells, readCells, writeCells } from "./column.ts";
import type { Label } from "./execute.ts";
import {
  type Changes,
  COUNTER_WIDTH,
  changedColumns,
  type LoopSummary,
  Refusal,
  type Round,
  resize,
} from "./loop-round.ts";
import { beyond } from "./path.ts";
import type { State } from "./state.ts";

const LIMIT_ITERATIONS = 1 << 20;

/** One store per round: at start + j, a value. */
interface RoundStore {
  readonly index: Term;
  readonly value: Term;
}

/** The effect of all rounds, or a refusal. */
export function summary(
  state: State,
  labels: readonly Label[],
  round: Round,
  changes: Changes,
  firstObligation: number,
): LoopSummary {
  const rounds = countRounds(state, round);
  const stores = new Map<string, RoundStore>();
  for (const name of changes.columns) {
    const found = storeOf(round.back.contents(name), round.start.contents(name));
    if (found !== undefined) stores.set(name, found);
  }
  const bases = checkStores(round, stores);
  const ranges = new Map<string, Cells>();
  for (const [name, store] of stores) {
    ranges.set(name, rangeOf(state, round, name, store, bases.get(name)!, rounds));
  }
  const bound = boundOf(state, rounds, stores);
  guardObligations(state, round, rounds, firstObligation);
  const exit = exitState(state, round, rounds, ranges);
  exit.steps = round.exit.steps + bound * (round.back.steps - state.steps);
  if (round.exitLabel !== undefined) labels[round.exitLabel]!.arrivals.push(exit);
  const iterations = isConstant(rounds) ? `${rounds.value}` : `at most ${bound}`;
  return {
    fallen: round.exitLabel === undefined ? exit : undefined,
    report: { summarised: true, iterations, reason: "" },
  };
}

/** The number of rounds, from the conditions under which a round comes back or leaves. */
function countRounds(state: State, round: Round): Term {
  const goesOn = beyond(round.back.path, state.path);
  const leaves = beyond(round.exit.path, state.path);
  if (isClosed(goesOn, round.counter) && isClosed(leaves, round.counter)) {
    return constant(COUNTER_WIDTH, countConcretely(goesOn, leaves, round.counter));
  }
  const [left, right] = goesOn.operands as [Term, Term];
  const isCompared = goesOn.operator === "ult" && left === round.counter;
  if (!isCompared || leaves !== not(goesOn)) throw new Refusal("it may leave by more than a count");
  if (mentionsUnknown(right, round)) throw new Refusal("the number of rounds changes in the loop");
  return right;
}

function isClosed(condition: Term, counter: Term): boolean {
  return postorder([condition]).every(
    (term) => term === counter || (term.operator !== "variable" && term.operator !== "apply"),
  );
}

/** Evaluates both conditions for j = 0, 1, ... until the loop leaves. */
function countConcretely(goesOn: Term, leaves: Term, counter: Term): number {
  for (let round = 0; round <= LIMIT_ITERATIONS; round++) {
    const variables = new Map([[counter.name, BigInt(round)]]);
    const assignment = { variables, functions: new Map() };
    const on = evaluate(goesOn, assignment) === 1n;
    if (on === (evaluate(leaves, assignment) === 1n)) throw new Refusal("a round can trap");
    if (!on) return round;
  }
  throw new Refusal(`it goes round more than ${LIMIT_ITERATIONS} times`);
}

function mentionsUnknown(term: Term, round: Round): boolean {
  return postorder([term], round.since).some((part) => round.unknowns.has(part.name));
}

/** The one store on top of the column's contents at the start of the round. */
function storeOf(cells: Cells, hole: Cells): RoundStore | undefined {
  if (cells === hole) return undefined;
  const refuse = () => new Refusal(`it stores to ${cells.column.name} more than once a round`);
  if (cells.kind === "write") {
    if (cells.older !== hole) throw refuse();
    return { index: cells.index, value: cells.value };
  }
  if (cells.kind !== "merge") throw refuse();
  const left = storeOf(cells.whenTrue, hole);
  const right = storeOf(cells.whenFalse, hole);
  const index = (left ?? right)?.index;
  if (index === undefined) return undefined;
  if ((left?.index ?? index) !== (right?.index ?? index)) throw refuse();
  const old = readCells(hole, index);
  return { index, value: ite(cells.condition, left?.value ?? old, right?.value ?? old) };
}

/** Checks where stores go and what they read; gives the fixed part of each index. */
function checkStores(
  round: Round,
  stores: ReadonlyMap<string, RoundStore>,
): ReadonlyMap<string, Term> {
  const bases = new Map<string, Term>();
  for (const [name, { index, value }] of stores) {
    const form = linearForm(index);
    if (form.terms.get(round.counter) !== 1n) {
      throw new Refusal(`the store to ${name} does not move by one row a round`);
    }
    const terms = new Map(form.terms);
    terms.delete(round.counter);
    const base = termOf({ ...form, terms });
    if (mentionsUnknown(base, round)) throw new Refusal(`the store to ${name} has no fixed base`);
    for (const part of postorder([value], round.since)) checkRead(part, round, stores, name);
    bases.set(name, base);
  }
  return bases;
}

function checkRead(
  part: Term,
  round: Round,
  stores: ReadonlyMap<string, RoundStore>,
  name: string,
): void {
  if (part === round.counter || !round.unknowns.has(part.name)) return;
  const source = round.holes.get(part.name);
  if (source === undefined) throw new Refusal(`the value for ${name} passes between rounds`);
  if (stores.get(source)?.index !== part.operands[0]) {
    throw new Refusal(`the value for ${name} reads rows of ${source} that other rounds store`);
  }
}

/** The contents of a column after all rounds. */
function rangeOf(
  state: State,
  round: Round,
  name: string,
  store: RoundStore,
  base: Term,
  rounds: Term,
): Cells {
  const column = state.column(name);
  const width = indexWidth(column);
  const most = 2n ** BigInt(width);
  if (isConstant(rounds)) {
    if (rounds.value > most) throw new Refusal(`it stores to more rows than ${name} has`);
  }
  const before = (source: string) => state.contents(source);
  const element = (offset: Term) => {
    const at = resize(offset, COUNTER_WIDTH);
    return instantiate([store.value], round, at, before)[0]!;
  };
  const start = extract(base, width - 1, 0);
  const count = resize(rounds, width + 1);
  return rangeCells(before(name), { start, count, element });
}

/** Terms of the symbolic round, for the round number `at` and given contents of columns. */
function instantiate(
  terms: readonly Term[],
  round: Round,
  at: Term,
  contents: (column: string) => Cells,
): readonly Term[] {
  return rewrite(
    terms,
    (term, operands) => {
      if (term === round.counter) return at;
      if (term.operator !== "apply") return undefined;
      const column = round.holes.get(term.name);
      return column === undefined ? undefined : readCells(contents(column), operands[0]!);
    },
    round.since,
  );
}

/** The largest number of rounds; an unknown one has to fit the rows that are stored to. */
function boundOf(state: State, rounds: Term, stores: ReadonlyMap<string, RoundStore>): number {
  if (isConstant(rounds)) return Number(rounds.value);
  const rows = [...stores.keys()].map((name) => state.column(name).rows);
  if (rows.length === 0) throw new Refusal("nothing bounds the number of rounds");
  const bound = Math.min(...rows);
  state.require(ule(rounds, constant(COUNTER_WIDTH, bound)), "loop", `at most ${bound} rounds`);
  return bound;
}

/** What the round demanded is demanded for all rounds that happen, the last test included. */
export function guardObligations(state: State, round: Round, rounds: Term, first: number): void {
  const happens = ule(round.counter, rounds);
  const { obligations } = state.record;
  for (let at = first; at < obligations.length; at++) {
    const one = obligations[at]!;
    obligations[at] = { ...one, condition: implies(happens, one.condition) };
  }
}

/** The state that leaves the loop: the exit of round number N. */
function exitState(
  state: State,
  round: Round,
  rounds: Term,
  ranges: ReadonlyMap<string, Cells>,
): State {
  const exit = state.clone();
  const contents = (name: string) => ranges.get(name) ?? state.contents(name);
  const known = (terms: readonly Term[]) => instantiate(terms, round, rounds, contents);
  exit.locals = [...known(round.exit.locals)];
  exit.stack = [...known(round.exit.stack)];
  restoreLost(exit, round, rounds);
  for (const [name, cells] of ranges) exit.cells.set(name, cells);
  for (const name of changedColumns(round.start, round.exit)) {
    const hole = round.start.contents(name);
    const moved = moveCells(round.exit.contents(name), hole, contents(name), known);
    exit.cells.set(name, moved);
  }
  return exit;
}

/** Contents that were built on the hole, on what really stands there. */
function moveCells(
  cells: Cells,
  hole: Cells,
  real: Cells,
  known: (terms: readonly Term[]) => readonly Term[],
): Cells {
  if (cells === hole) return real;
  if (cells.kind === "write") {
    const older = moveCells(cells.older, hole, real, known);
    const [index, value] = known([cells.index, cells.value]);
    return writeCells(older, index!, value!);
  }
  if (cells.kind !== "merge") throw new Refusal(`it leaves ${cells.column.name} half written`);
  const [condition] = known([cells.condition]);
  return mergeCells(
    condition!,
    moveCells(cells.whenTrue, hole, real, known),
    moveCells(cells.whenFalse, hole, real, known),
  );
}

/** Locals that the last round set to something known get that value. */
function restoreLost(exit: State, round: Round, rounds: Term): void {
  if (!isConstant(rounds) || rounds.value === 0n) return;
  const last = constant(COUNTER_WIDTH, rounds.value - 1n);
  const values = new Map<Term, Term>();
  for (const [at, unknown] of round.lost) {
    const value = round.back.locals[at]!;
    const isKnown = postorder([value], round.since).every(
      (part) => part === round.counter || !round.unknowns.has(part.name),
    );
    if (!isKnown) continue;
    const none = (name: string) => exit.contents(name);
    values.set(unknown, instantiate([value], round, last, none)[0]!);
  }
  const replace = (terms: readonly Term[]) => [
    ...rewrite(terms, (term) => values.get(term), round.since),
  ];
  exit.locals = replace(exit.locals);
  exit.stack = replace(exit.stack);
}
