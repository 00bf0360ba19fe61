import {
  add,
  apply,
  concatAll,
  constant,
  divideForm,
  extract,
  FALSE,
  isConstant,
  type LinearForm,
  linearForm,
  mul,
  shiftForm,
  type Term,
  TRUE,
  termOf,
  truncate,
  ule,
  zeroExtend,
} from "../term/index.ts";
import { rowsInside } from "./address.ts";
import { type Column, elementWidth, indexWidth, readCells } from "./column.ts";
import type { MemoryMap } from "./memory.ts";
import type { State } from "./state.ts";

/** The rows of one column that a range of bytes covers. */
interface Covered {
  readonly column: Column;
  /** The first row, wide; its low bits are the index. */
  readonly row: Term;
  readonly count: Term;
  /** At most so many rows. */
  readonly limit: number;
  /** Bytes from the start of the range to the first element. */
  readonly first: number;
  readonly inside: Term;
}

interface Range {
  readonly covered: readonly Covered[];
  /** At most so many bytes. */
  readonly bytes: number;
}

/** memory.fill. False if the state dies. */
export function fill(
  memory: MemoryMap,
  state: State,
  target: Term,
  value: Term,
  length: Term,
): boolean {
  const range = cover(memory, state, target, length, "fill");
  if (range === undefined) return false;
  const byte = truncate(value, 8);
  for (const one of range.covered) {
    const element = concatAll(Array.from({ length: one.column.width }, () => byte));
    writeRows(state, one, () => element);
  }
  state.steps += Math.ceil(range.bytes / 8);
  return true;
}

/**
 * Makes bytes of memory unknown, as an import does that writes to linear memory. The bytes have to
 * be whole rows of columns. False if the state dies.
 */
export function forgetBytes(state: State, target: Term, length: Term): boolean {
  const range = cover(state.space.memory, state, target, length, "import");
  if (range === undefined) return false;
  for (const one of range.covered) {
    const symbol = state.record.freshName(`bytes.${one.column.name}`);
    writeRows(state, one, (offset) => apply(symbol, [offset], elementWidth(one.column)));
  }
  return true;
}

/** memory.copy, which reads everything before it writes. False if the state dies. */
export function copy(
  memory: MemoryMap,
  state: State,
  target: Term,
  source: Term,
  length: Term,
): boolean {
  const range = cover(memory, state, target, length, "copy");
  if (range === undefined) return false;
  const sources = cover(memory, state, source, length, "copy");
  if (sources === undefined) return false;
  const elements = range.covered.map((one) => copiedElement(state, one, sources.covered));
  for (const [at, one] of range.covered.entries()) {
    const element = elements[at];
    if (element === undefined) {
      state.require(FALSE, "unresolved", `copy into ${one.column.name} from unlike elements`);
      return false;
    }
    writeRows(state, one, element);
  }
  state.steps += Math.ceil(range.bytes / 8);
  return true;
}

function writeRows(state: State, covered: Covered, element: (offset: Term) => Term): void {
  const { column, row, count } = covered;
  const width = indexWidth(column);
  const start = extract(row, width - 1, 0);
  state.record.touch(column.name, start, true);
  if (isConstant(count) && count.value === 1n) {
    state.write(column.name, start, element(constant(width, 0n)));
    return;
  }
  state.writeRange(column.name, { start, count: truncate(count, width + 1), element });
}

/** The column that lies at the same distance from the source as this one from the target. */
function copiedElement(
  state: State,
  target: Covered,
  sources: readonly Covered[],
): ((offset: Term) => Term) | undefined {
  const source = sources.find(
    (one) =>
      one.first === target.first &&
      one.column.width === target.column.width &&
      one.count === target.count &&
      (one.column.stride === target.column.stride || target.limit === 1),
  );
  if (source === undefined) return gluedElement(state, target, sources);
  const { column, row } = source;
  const cells = state.contents(column.name);
  const width = indexWidth(column);
  const start = extract(row, width - 1, 0);
  state.record.touch(column.name, start, false);
  return (offset) => {
    const resized = offset.width >= width ? truncate(offset, width) : zeroExtend(offset, width);
    return readCells(cells, add(start, resized));
  };
}

/** Elements that are made of as many bytes of the one source, the lowest first. */
function gluedElement(
  state: State,
  target: Covered,
  sources: readonly Covered[],
): ((offset: Term) => Term) | undefined {
  const [source] = sources;
  const bytes = target.column.width;
  const isOne = source !== undefined && sources.length === 1 && source.first === target.first;
  if (!isOne || source.column.stride !== 1 || target.column.stride !== bytes) return undefined;
  // Both hold all bytes of the range: a count that is unknown is of the whole range.
  const isWhole = isConstant(source.count)
    ? source.limit === target.limit * bytes
    : !isConstant(target.count);
  if (!isWhole) return undefined;
  const cells = state.contents(source.column.name);
  const width = indexWidth(source.column);
  const start = extract(source.row, width - 1, 0);
  state.record.touch(source.column.name, start, false);
  return (offset) => {
    const wide = zeroExtend(offset, 64);
    const first = add(start, truncate(mul(wide, constant(64, bytes)), width));
    const byte = (at: number) => readCells(cells, add(first, constant(width, at)));
    return concatAll(Array.from({ length: bytes }, (_, at) => byte(at)));
  };
}

function cover(
  memory: MemoryMap,
  state: State,
  address: Term,
  length: Term,
  what: string,
): Range | undefined {
  const form = linearForm(state.simplify(address));
  const bytes = state.simplify(length);
  const range = isConstant(bytes)
    ? coverConstant(memory, form, Number(bytes.value))
    : coverSymbolic(memory, form, bytes);
  if (range === undefined) {
    state.require(FALSE, "unresolved", `${what} does not cover whole rows of known columns`);
    return undefined;
  }
  for (const one of range.covered) {
    if (!state.require(one.inside, "bounds", `${what} in ${one.column.name}`)) return undefined;
  }
  return range;
}

/** A known number of bytes: every column that the range can meet is covered in whole rows. */
function coverConstant(memory: MemoryMap, form: LinearForm, bytes: number): Range | undefined {
  const start = Number(BigInt.asIntN(32, form.constant));
  if (bytes === 0) return coverNothing(memory, form);
  if (form.terms.size === 0) {
    return coverReach(memory, start, start + bytes, bytes, (column) =>
      rowsMet(column, start, start + bytes),
    );
  }
  const usable = (column: Column) => rowsCovered(column, form, bytes);
  const primary = nearestColumn([...memory.columns.values()], start, bytes, usable);
  if (primary === undefined) return undefined;
  // Once the primary rows are inside their column, the range can only lie here.
  const { column, first, limit } = primary;
  const from = column.base - first;
  const to = from + column.stride * (column.rows - limit) + bytes;
  return coverReach(memory, from, to, bytes, usable);
}

/** All columns that lie between two addresses, or nothing if one of them cannot be covered. */
function coverReach(
  memory: MemoryMap,
  from: number,
  to: number,
  bytes: number,
  usable: (column: Column) => Covered | undefined,
): Range | undefined {
  if (from < 0 || to > memory.bytes || memory.meetsConstants(from, to)) return undefined;
  const covered: Covered[] = [];
  for (const column of memory.columns.values()) {
    const end = column.base + (column.rows - 1) * column.stride + column.width;
    if (end <= from || column.base >= to) continue;
    const rows = usable(column);
    if (rows === undefined) return undefined;
    if (rows.limit > 0) covered.push(rows);
  }
  return { covered, bytes };
}

/** The rows of a column between two fixed addresses; undefined if one would be cut. */
function rowsMet(column: Column, from: number, to: number): Covered | undefined {
  const { base, stride, width, rows } = column;
  const low = Math.max(0, Math.ceil((from - base - width + 1) / stride));
  const high = Math.min(rows - 1, Math.floor((to - 1 - base) / stride));
  const limit = Math.max(0, high - low + 1);
  const first = base + low * stride - from;
  if (limit > 0 && (first < 0 || base + high * stride + width > to)) return undefined;
  return { column, row: constant(32, low), count: constant(33, limit), limit, first, inside: TRUE };
}

/** No byte at all: still a trap if the address is beyond the end of memory. */
function coverNothing(memory: MemoryMap, form: LinearForm): Range | undefined {
  const inside = ule(termOf(form), constant(32, memory.bytes));
  const [column] = memory.columns.values();
  if (column === undefined) return undefined;
  const none = constant(33, 0n);
  return {
    covered: [{ column, row: constant(31, 0n), count: none, limit: 0, first: 0, inside }],
    bytes: 0,
  };
}

function nearestColumn(
  columns: readonly Column[],
  start: number,
  bytes: number,
  usable: (column: Column) => Covered | undefined,
): Covered | undefined {
  let best: { covered: Covered; distance: number } | undefined;
  for (const column of columns) {
    const end = column.base + column.rows * column.stride;
    if (columns.length > 1 && (end <= start || column.base >= start + bytes)) continue;
    const covered = usable(column);
    if (covered === undefined || covered.limit === 0) continue;
    const distance = Math.abs(column.base - start);
    if (best === undefined || distance < best.distance) best = { covered, distance };
  }
  return best?.covered;
}

/** Which rows the range covers; undefined if it would cut an element, or is not by rows. */
function rowsCovered(column: Column, form: LinearForm, bytes: number): Covered | undefined {
  const { base, stride, width } = column;
  const start = Number(BigInt.asIntN(32, form.constant));
  const first = (((base - start) % stride) + stride) % stride;
  const limit = Math.max(0, Math.floor((bytes - first - width) / stride) + 1);
  if (first + limit * stride < bytes) return undefined;
  if (first - stride + width > 0) return undefined;
  const quotient = divideForm(shiftForm(form, BigInt(first - base)), BigInt(stride));
  if (quotient === undefined) return undefined;
  const row = termOf(quotient);
  const inside = limit === 0 ? TRUE : rowsInside(column, row, limit);
  return { column, row, count: constant(33, limit), limit, first, inside };
}

/** An unknown number of bytes: only in a column without gaps. */
function coverSymbolic(memory: MemoryMap, form: LinearForm, bytes: Term): Range | undefined {
  const start = Number(BigInt.asIntN(32, form.constant));
  for (const column of memory.columns.values()) {
    const { base, stride, width, rows } = column;
    const isNear = start >= base && start < base + rows * stride;
    if (stride !== width || !(isNear || memory.columns.size === 1)) continue;
    const quotient = divideForm(shiftForm(form, BigInt(-base)), BigInt(stride));
    const count = divideForm(linearForm(bytes), BigInt(stride));
    if (quotient === undefined || count === undefined) continue;
    const row = termOf(quotient);
    const wide = (word: Term) => zeroExtend(word, 34);
    const end = add(wide(row), wide(termOf(count)));
    const inside = ule(end, constant(34, rows));
    const total = rows * stride;
    const rowCount = zeroExtend(termOf(count), 33);
    return {
      covered: [{ column, row, count: rowCount, limit: rows, first: 0, inside }],
      bytes: total,
    };
  }
  return undefined;
}
