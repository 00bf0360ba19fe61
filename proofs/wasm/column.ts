import {
  apply,
  constant,
  equal,
  extract,
  FALSE,
  isConstant,
  ite,
  replaceNear,
  sub,
  type Term,
  ult,
  zeroExtend,
} from "../term/index.ts";

/**
 * One field of a table: the bytes base + row * stride .. + width - 1 for each row below `rows`.
 * Sizes in bytes. The stride exceeds the width where fields of a record lie between each other.
 */
export interface Column {
  readonly table: string;
  /** Unique among columns; also the name of its initial value in queries. */
  readonly name: string;
  readonly base: number;
  readonly stride: number;
  readonly width: number;
  readonly rows: number;
  readonly writer?: string;
}

/** Bits of a row number. */
export function indexWidth(column: Column): number {
  return Math.max(1, Math.ceil(Math.log2(column.rows)));
}

/** Bits of an element. */
export function elementWidth(column: Column): number {
  return column.width * 8;
}

/** What is written to consecutive rows at once: `element(offset)` to row start + offset. */
export interface RangeWrite {
  readonly start: Term;
  /** One bit wider than an index, so that all rows can be meant. */
  readonly count: Term;
  /** The value at an offset, which has the width of an index. */
  readonly element: (offset: Term) => Term;
}

/** The contents of a column: what it was, and what was written since, newest outside. */
export type Cells =
  | { readonly kind: "initial"; readonly column: Column; readonly symbol: string }
  | {
      readonly kind: "concrete";
      readonly column: Column;
      /** By row; rows that are not here hold 0, those that are do not. */
      readonly values: ReadonlyMap<bigint, bigint>;
    }
  | {
      readonly kind: "write";
      readonly column: Column;
      readonly older: Cells;
      readonly index: Term;
      readonly value: Term;
      /** Number of constant writes since the last concrete contents; -1 if not all are. */
      readonly pending: number;
    }
  | {
      readonly kind: "range";
      readonly column: Column;
      readonly older: Cells;
      readonly range: RangeWrite;
    }
  | {
      readonly kind: "merge";
      readonly column: Column;
      readonly condition: Term;
      readonly whenTrue: Cells;
      readonly whenFalse: Cells;
    };

/** So many constant writes stack up before they are folded into one map. */
const LIMIT_PENDING = 64;

/** Unknown contents: an uninterpreted function of the row. */
export function initialCells(column: Column, prefix = ""): Cells {
  return { kind: "initial", column, symbol: `${prefix}${column.name}` };
}

/** Known contents; rows that are not given hold 0. */
export function concreteCells(column: Column, values: ReadonlyMap<bigint, bigint>): Cells {
  return { kind: "concrete", column, values };
}

/** The initial value of a row, as the executor reads it from an unknown state. */
export function initialValue(column: Column, index: Term, prefix = ""): Term {
  return readCells(initialCells(column, prefix), index);
}

export function writeCells(cells: Cells, index: Term, value: Term): Cells {
  const { column } = cells;
  checkElement(column, index, value);
  const older = cells.kind === "write" && cells.index === index ? cells.older : cells;
  const pending = isConstant(index) && isConstant(value) ? pendingOf(older) + 1 : 0;
  const made: Cells = { kind: "write", column, older, index, value, pending: pending || -1 };
  return pending >= LIMIT_PENDING ? compact(made) : made;
}

/** -1 if the cells hold anything that is not constant. */
function pendingOf(cells: Cells): number {
  if (cells.kind === "concrete") return 0;
  return cells.kind === "write" ? cells.pending : -1;
}

function compact(cells: Cells): Cells {
  const writes: [bigint, bigint][] = [];
  let current = cells;
  while (current.kind === "write") {
    writes.push([current.index.value, current.value.value]);
    current = current.older;
  }
  if (current.kind !== "concrete") return cells;
  const values = new Map([...current.values, ...writes.reverse()]);
  for (const [row, value] of values) if (value === 0n) values.delete(row);
  return concreteCells(cells.column, values);
}

export function rangeCells(cells: Cells, range: RangeWrite): Cells {
  if (isConstant(range.count) && range.count.value === 0n) return cells;
  return { kind: "range", column: cells.column, older: cells, range };
}

export function mergeCells(condition: Term, whenTrue: Cells, whenFalse: Cells): Cells {
  if (whenTrue === whenFalse) return whenTrue;
  if (isConstant(condition)) return condition.value === 1n ? whenTrue : whenFalse;
  if (
    whenTrue.kind === "write" &&
    whenFalse.kind === "write" &&
    whenTrue.older === whenFalse.older &&
    whenTrue.index === whenFalse.index
  ) {
    const value = ite(condition, whenTrue.value, whenFalse.value);
    return writeCells(whenTrue.older, whenTrue.index, value);
  }
  return { kind: "merge", column: whenTrue.column, condition, whenTrue, whenFalse };
}

function checkElement(column: Column, index: Term, value: Term): void {
  if (index.width !== indexWidth(column) || value.width !== elementWidth(column)) {
    const wanted = `${indexWidth(column)} and ${elementWidth(column)} bits`;
    throw new Error(
      `column ${column.name} takes ${wanted}, got ${index.width} and ${value.width} bits`,
    );
  }
}

const reads = new WeakMap<Cells, Map<Term, Term>>();

/** What is known of a row in these contents. */
function knownIn(cells: Cells): Map<Term, Term> {
  const known = reads.get(cells) ?? new Map<Term, Term>();
  reads.set(cells, known);
  return known;
}

/** The contents below a write that is surely of other rows; nothing if it may be of this one. */
function below(cells: Cells, index: Term): Cells | undefined {
  if (cells.kind === "write") return equal(index, cells.index) === FALSE ? cells.older : undefined;
  if (cells.kind !== "range") return undefined;
  return insideOf(cells.range, index) === FALSE ? cells.older : undefined;
}

/** The value of a row; the index has exactly `indexWidth(column)` bits. */
export function readCells(cells: Cells, index: Term): Term {
  if (index.width !== indexWidth(cells.column)) {
    const wanted = indexWidth(cells.column);
    throw new Error(`column ${cells.column.name} has ${wanted}-bit rows, not ${index.width}`);
  }
  // Step by step, not call by call: the writes of a long run are a long way down.
  const passed: Cells[] = [];
  let current = cells;
  let value = knownIn(current).get(index);
  while (value === undefined) {
    passed.push(current);
    const older = below(current, index);
    if (older === undefined) value = readThrough(current, index);
    else {
      current = older;
      value = knownIn(current).get(index);
    }
  }
  for (const one of passed) knownIn(one).set(index, value);
  return value;
}

/** The row is one of those that were written. */
function insideOf({ start, count }: RangeWrite, index: Term): Term {
  return ult(zeroExtend(sub(index, start), count.width), count);
}

function readThrough(cells: Cells, index: Term): Term {
  switch (cells.kind) {
    case "initial":
      return apply(cells.symbol, [index], elementWidth(cells.column));
    case "concrete":
      return lookUp(cells.column, cells.values, index);
    case "write": {
      const { older, value } = cells;
      if (index === cells.index) return value;
      const written = () => updated(value, readCells(older, cells.index), readCells(older, index));
      return choose(equal(index, cells.index), written, older, index);
    }
    case "range": {
      const { start, element } = cells.range;
      const written = () => element(sub(index, start));
      return choose(insideOf(cells.range, index), written, cells.older, index);
    }
    case "merge":
      return ite(
        cells.condition,
        readCells(cells.whenTrue, index),
        readCells(cells.whenFalse, index),
      );
  }
}

/** Values with more terms around the old one are left as they are. */
const LIMIT_AROUND = 64;

/**
 * What a write makes of the row that is read. A value that was made of the row's old one
 * (`own`, read at the write's index) is made of it as it is read (`same`): where both rows are one,
 * both are equal. A chain of such writes then reads as a chain, not as a triangle.
 */
function updated(value: Term, own: Term, same: Term): Term {
  if (own === same || isConstant(own)) return value;
  return replaceNear(value, own, same, LIMIT_AROUND);
}

function choose(hit: Term, value: () => Term, older: Cells, index: Term): Term {
  if (isConstant(hit)) return hit.value === 1n ? value() : readCells(older, index);
  return ite(hit, value(), readCells(older, index));
}

/** A table of constants as a tree over the bits of the index. */
function lookUp(column: Column, values: ReadonlyMap<bigint, bigint>, index: Term): Term {
  const width = elementWidth(column);
  if (isConstant(index)) return constant(width, values.get(index.value) ?? 0n);
  const tree = (entries: [bigint, bigint][], bit: number): Term => {
    if (entries.length === 0) return constant(width, 0n);
    if (bit < 0) return constant(width, entries[0]![1]);
    const isHigh = ([row]: [bigint, bigint]) => ((row >> BigInt(bit)) & 1n) === 1n;
    const high = tree(entries.filter(isHigh), bit - 1);
    const low = tree(
      entries.filter((entry) => !isHigh(entry)),
      bit - 1,
    );
    return ite(equal(extract(index, bit, bit), constant(1, 1n)), high, low);
  };
  return tree([...values], index.width - 1);
}
