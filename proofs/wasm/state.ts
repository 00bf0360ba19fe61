import {
  add,
  constant,
  FALSE,
  implies,
  isConstant,
  ite,
  not,
  or,
  type Term,
  TRUE,
  variable,
} from "../term/index.ts";
import {
  type Cells,
  type Column,
  initialCells,
  mergeCells,
  type RangeWrite,
  rangeCells,
  readCells,
  writeCells,
} from "./column.ts";
import type { MemoryMap } from "./memory.ts";
import { beyond, commonPath, EMPTY_PATH, extendPath, type Path, underPath } from "./path.ts";
import type { RunRecord, TrapKind } from "./record.ts";

/** One effect on the world outside, made if `guard` holds. */
export interface Output {
  readonly guard: Term;
  readonly name: string;
  readonly args: readonly Term[];
}

/** Bits of the number that tells guest reads apart. */
export const SEQUENCE_WIDTH = 32;

/** The shape of a module's memory, shared by all states of an executor. */
export class StateSpace {
  readonly memory: MemoryMap;
  readonly #initial = new Map<string, Cells>();

  constructor(memory: MemoryMap) {
    this.memory = memory;
  }

  get columns(): ReadonlyMap<string, Column> {
    return this.memory.columns;
  }

  /** Unknown contents of a column; one object for one name. */
  initial(column: Column, prefix: string): Cells {
    const key = `${prefix}${column.name}`;
    const known = this.#initial.get(key) ?? initialCells(column, prefix);
    this.#initial.set(key, known);
    return known;
  }
}

/** A symbolic machine state. The executor changes it in place and clones it where paths part. */
export class State {
  readonly space: StateSpace;
  record: RunRecord;
  path: Path = EMPTY_PATH;
  locals: Term[] = [];
  stack: Term[] = [];
  globals: Term[] = [];
  /** Columns that have been touched; the others hold their initial value. */
  cells = new Map<string, Cells>();
  outputs: readonly Output[] = [];
  /** Number of guest reads (and other numbered events) so far. */
  sequence: Term = constant(SEQUENCE_WIDTH, 0n);
  /** Instructions executed at most on any way here; bulk operations count their bytes / 8. */
  steps = 0;
  /** A demand could not be met: nothing that follows is ever executed. */
  dead = false;

  constructor(space: StateSpace, record: RunRecord) {
    this.space = space;
    this.record = record;
  }

  clone(): State {
    const copy = new State(this.space, this.record);
    copy.path = this.path;
    copy.locals = [...this.locals];
    copy.stack = [...this.stack];
    copy.globals = [...this.globals];
    copy.cells = new Map(this.cells);
    copy.outputs = this.outputs;
    copy.sequence = this.sequence;
    copy.steps = this.steps;
    return copy;
  }

  column(name: string): Column {
    const column = this.space.columns.get(name);
    if (column === undefined) throw new Error(`there is no column ${name}`);
    return column;
  }

  contents(name: string): Cells {
    return this.cells.get(name) ?? this.space.initial(this.column(name), this.record.prefix);
  }

  /** The value of a row, whose number has `indexWidth(column)` bits. Not noted as an access. */
  read(name: string, index: Term): Term {
    return readCells(this.contents(name), index);
  }

  /** Sets a row if `guard` holds. */
  write(name: string, index: Term, value: Term, guard: Term = TRUE): void {
    const old = this.contents(name);
    this.cells.set(name, mergeCells(guard, writeCells(old, index, value), old));
  }

  /** Sets many rows. */
  writeRange(name: string, range: RangeWrite): void {
    this.cells.set(name, rangeCells(this.contents(name), range));
  }

  /** Forgets a column: any contents are possible from here on. */
  havoc(name: string): void {
    this.cells.set(name, this.unknownCells(name, "havoc"));
  }

  /** Contents of a column that nothing is known about. */
  unknownCells(name: string, stem: string): Extract<Cells, { kind: "initial" }> {
    const symbol = this.record.freshName(`${stem}.${name}`);
    return { kind: "initial", column: this.column(name), symbol };
  }

  /** An unknown value; unlike `Term` variables of the same run, never used before. */
  fresh(stem: string, width: number): Term {
    return variable(this.record.freshName(`${stem}.${width}`), width);
  }

  /** Appends to the ghost list of effects on the world. */
  output(name: string, args: readonly Term[]): void {
    this.outputs = [...this.outputs, { guard: this.path.all, name, args }];
  }

  /** The number of this guest read, and counts it. */
  nextSequence(): Term {
    const now = this.sequence;
    this.sequence = add(now, constant(SEQUENCE_WIDTH, 1n));
    return now;
  }

  /** Goes on under a condition; false if that is visibly impossible. */
  assume(condition: Term): boolean {
    const extended = extendPath(this.path, condition);
    if (extended === undefined) return false;
    this.path = extended;
    return true;
  }

  /**
   * Demands that a condition holds here, or the run traps. False if it visibly cannot hold: then
   * the state is dead.
   */
  require(condition: Term, kind: TrapKind, detail: string): boolean {
    const simple = underPath(this.path, condition);
    if (simple === TRUE) return true;
    this.record.obligations.push({
      ...this.record.place,
      kind,
      condition: implies(this.path.all, simple),
      detail,
    });
    this.dead ||= simple === FALSE;
    return !this.dead;
  }

  /** The value, without the choices that the path has made already. */
  simplify(value: Term): Term {
    let current = value;
    while (current.operator === "ite") {
      const [condition, left, right] = current.operands as [Term, Term, Term];
      const decided = underPath(this.path, condition);
      if (!isConstant(decided)) break;
      current = decided === TRUE ? left : right;
    }
    return current;
  }
}

/** Joins states that arrive at one place; they exclude each other. Nothing if there are none. */
export function mergeStates(arrivals: readonly State[]): State | undefined {
  let merged: State | undefined;
  // From the last to the first: later arrivals share the longer past.
  for (let at = arrivals.length - 1; at >= 0; at--) {
    merged = merged === undefined ? arrivals[at]! : mergeTwo(arrivals[at]!, merged);
  }
  return merged;
}

function mergeTwo(first: State, second: State): State {
  const common = commonPath(first.path, second.path);
  const [mine, other] = [beyond(first.path, common), beyond(second.path, common)];
  const shorter = first.path.depth <= second.path.depth;
  // Exactly one of the two conditions holds where either state is live; take the shorter text.
  const condition = shorter ? mine : not(other);
  const choose = (left: Term, right: Term) => ite(condition, left, right);
  const merged = new State(first.space, first.record);
  merged.path = extendPath(common, or(mine, other)) ?? common;
  merged.locals = first.locals.map((value, at) => choose(value, second.locals[at]!));
  merged.stack = first.stack.map((value, at) => choose(value, second.stack[at]!));
  merged.globals = first.globals.map((value, at) => choose(value, second.globals[at]!));
  merged.cells = mergeAllCells(condition, first, second);
  merged.outputs = mergeOutputs(first.outputs, second.outputs);
  merged.sequence = choose(first.sequence, second.sequence);
  merged.steps = Math.max(first.steps, second.steps);
  return merged;
}

function mergeAllCells(condition: Term, first: State, second: State): Map<string, Cells> {
  const cells = new Map<string, Cells>();
  for (const name of new Set([...first.cells.keys(), ...second.cells.keys()])) {
    cells.set(name, mergeCells(condition, first.contents(name), second.contents(name)));
  }
  return cells;
}

function mergeOutputs(first: readonly Output[], second: readonly Output[]): readonly Output[] {
  if (first === second) return first;
  let common = 0;
  while (common < first.length && first[common] === second[common]) common++;
  return [...first, ...second.slice(common)];
}
