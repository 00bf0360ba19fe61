import {
  add,
  constant,
  isConstant,
  linearForm,
  mul,
  sub,
  type Term,
  termOf,
  truncate,
  variable,
  zeroExtend,
} from "../term/index.ts";
import type { Interpreter, Label } from "./execute.ts";
import type { Instruction } from "./module.ts";
import type { LoopReport } from "./record.ts";
import { mergeStates, type State } from "./state.ts";

/** A summary: the state behind the loop if control falls out of its end, and what was found. */
export interface LoopSummary {
  readonly fallen: State | undefined;
  readonly report: Pick<LoopReport, "summarised" | "iterations" | "reason">;
}

export const COUNTER_WIDTH = 32;

/** Why a loop cannot be summarised. Never leaves `summariseLoop`. */
export class Refusal extends Error {}

/** What changes from one round to the next. */
export interface Changes {
  /** Locals that grow by a constant each round. */
  readonly steps: Map<number, Term>;
  /** Locals that change otherwise: unknown at the start of a round. */
  readonly lost: Set<number>;
  readonly columns: Set<string>;
}

/** The outcome of one symbolic round. */
export interface Round {
  readonly start: State;
  readonly back: State;
  readonly exit: State;
  readonly exitLabel: number | undefined;
  readonly counter: Term;
  readonly lost: ReadonlyMap<number, Term>;
  /** Columns by the name of the function that stands for their contents at a round's start. */
  readonly holes: ReadonlyMap<string, string>;
  /** All names made for this round or during it; each may stand for another value next round. */
  readonly unknowns: ReadonlySet<string>;
  /** The number that ends the first of these names. */
  readonly since: number;
}

interface Arrivals {
  readonly back: State;
  readonly exits: readonly { readonly state: State; readonly label: number | undefined }[];
}

/** Executes the body on a copy, with labels of its own. */
function executeBody(
  interpreter: Interpreter,
  loop: Instruction,
  start: State,
  labels: readonly Label[],
): Arrivals {
  const own = labels.map((label) => ({ ...label, arrivals: [] as State[] }));
  const again: Label = { arrivals: [], height: start.stack.length, arity: 0 };
  const fallen = interpreter.sequence(loop.body!, start.clone(), [...own, again]);
  const back = mergeStates(again.arrivals);
  if (back === undefined) throw new Refusal("it does not go round");
  const exits = own.flatMap((label, at) =>
    label.arrivals.map((state) => ({ state, label: at as number | undefined })),
  );
  if (fallen !== undefined) exits.push({ state: fallen, label: undefined });
  return { back, exits };
}

/** What one round on real values changes. */
export function firstChanges(
  interpreter: Interpreter,
  loop: Instruction,
  state: State,
  labels: readonly Label[],
): Changes {
  const { back } = executeBody(interpreter, loop, state, labels);
  const changes: Changes = { steps: new Map(), lost: new Set(), columns: new Set() };
  for (const [at, before] of state.locals.entries()) {
    const after = back.locals[at]!;
    if (after === before) continue;
    const step = termOf(linearForm(sub(after, before)));
    if (isConstant(step)) changes.steps.set(at, step);
    else changes.lost.add(at);
  }
  for (const name of changedColumns(state, back)) changes.columns.add(name);
  return changes;
}

/** Columns that a state holds other contents for. */
export function changedColumns(before: State, after: State): string[] {
  return [...after.cells.keys()].filter((name) => {
    const old = before.cells.get(name);
    return old === undefined || old !== after.cells.get(name);
  });
}

/** One round with everything that rounds change unknown. */
export function executeRound(
  interpreter: Interpreter,
  loop: Instruction,
  state: State,
  labels: readonly Label[],
  changes: Changes,
): Round {
  const { record } = state;
  const namesBefore = record.freshCount;
  const counter = variable(record.freshName("round"), COUNTER_WIDTH);
  const start = state.clone();
  const lost = new Map<number, Term>();
  for (const [at, step] of changes.steps) {
    const before = state.locals[at]!;
    start.locals[at] = add(before, mul(step, resize(counter, before.width)));
  }
  for (const at of changes.lost) {
    const unknown = state.fresh("lost", state.locals[at]!.width);
    lost.set(at, unknown);
    start.locals[at] = unknown;
  }
  const holes = new Map<string, string>();
  for (const name of changes.columns) {
    const hole = state.unknownCells(name, "hole");
    holes.set(hole.symbol, name);
    start.cells.set(name, hole);
  }
  const { back, exits } = executeBody(interpreter, loop, start, labels);
  if (exits.length !== 1) throw new Refusal(`it has ${exits.length} exits`);
  const [exit] = exits;
  for (const end of [back, exit!.state]) checkUntouched(start, end);
  return {
    start,
    back,
    exit: exit!.state,
    exitLabel: exit!.label,
    counter,
    lost,
    holes,
    unknowns: new Set(record.freshSince(namesBefore)),
    since: namesBefore,
  };
}

function checkUntouched(start: State, end: State): void {
  if (end.globals.some((value, at) => value !== start.globals[at])) {
    throw new Refusal("it changes a global variable");
  }
  if (end.outputs !== start.outputs || end.sequence !== start.sequence) {
    throw new Refusal("it calls the machine");
  }
}

export function resize(term: Term, width: number): Term {
  return term.width >= width ? truncate(term, width) : zeroExtend(term, width);
}

/** Changes that the assumed ones do not cover; undefined if the round is as assumed. */
export function moreChanges(changes: Changes, round: Round): Changes | undefined {
  const { start, back } = round;
  const steps = new Map(changes.steps);
  const lost = new Set(changes.lost);
  let settled = true;
  for (const [at, before] of start.locals.entries()) {
    const after = back.locals[at]!;
    if (lost.has(at)) continue;
    const expected = steps.get(at) ?? constant(before.width, 0n);
    if (termOf(linearForm(sub(after, before))) === expected) continue;
    steps.delete(at);
    lost.add(at);
    settled = false;
  }
  const columns = new Set(changes.columns);
  for (const name of changedColumns(start, back)) {
    if (columns.has(name)) continue;
    columns.add(name);
    settled = false;
  }
  return settled ? undefined : { steps, lost, columns };
}
