import {
  and,
  constant,
  divideForm,
  FALSE,
  isConstant,
  ite,
  type LinearForm,
  linearForm,
  normalisedIndex,
  not,
  shiftForm,
  substitute,
  type Term,
  TRUE,
  termOf,
  ule,
  ult,
} from "../term/index.ts";
import { type Cells, type Column, indexWidth } from "./column.ts";
import type { MemoryMap } from "./memory.ts";

/** Some bytes of one element. */
export interface Piece {
  readonly column: Column;
  /** For constant areas: their contents. */
  readonly constants?: Cells;
  readonly index: Term;
  /** First byte within the element. */
  readonly low: number;
  readonly bytes: number;
}

/** One way to read an address: under `guard` the bytes are these pieces, lowest first. */
export interface Alternative {
  readonly guard: Term;
  readonly pieces: readonly Piece[];
  /** What has to hold for the bytes to be exactly these. */
  readonly condition: Term;
}

/** How far below a column's base the constant part of an address may lie (as in table[i - 1]). */
const LIMIT_BELOW_BASE_BYTES = 8192;
const LIMIT_CHOICES = 6;

/**
 * Finds the elements that an access of `bytes` bytes at address + offset touches. Exact where the
 * conditions hold, whichever column was picked; undefined if no column fits.
 */
export function resolveAddress(
  memory: MemoryMap,
  address: Term,
  offset: number,
  bytes: number,
): readonly Alternative[] | undefined {
  return resolveChoices(memory, address, offset, bytes, LIMIT_CHOICES);
}

function resolveChoices(
  memory: MemoryMap,
  address: Term,
  offset: number,
  bytes: number,
  choices: number,
): readonly Alternative[] | undefined {
  const form = shiftForm(linearForm(address), BigInt(offset));
  const pieces = piecesOf(memory, form, bytes);
  if (pieces !== undefined) {
    const condition = and(...pieces.map((piece) => piece.inside), noWrap(pieces, address, offset));
    return [{ guard: TRUE, pieces, condition }];
  }
  const choice = [...form.terms.keys()].find((term) => term.operator === "ite");
  if (choice === undefined || choices === 0) return undefined;
  const [condition, left, right] = choice.operands as [Term, Term, Term];
  const branch = (chosen: Term, guard: Term) => {
    const [simpler] = substitute([address], new Map([[choice, chosen]]));
    const found = resolveChoices(memory, simpler!, offset, bytes, choices - 1);
    return found?.map((one) => ({ ...one, guard: and(guard, one.guard) }));
  };
  const whenTrue = branch(left, condition);
  const whenFalse = branch(right, not(condition));
  if (whenTrue === undefined || whenFalse === undefined) return undefined;
  return [...whenTrue, ...whenFalse];
}

/** The 33-bit sum of address and offset must not pass 2^32; below the base it cannot. */
function noWrap(pieces: readonly Piece[], address: Term, offset: number): Term {
  const lowest = Math.min(...pieces.map((piece) => piece.column.base));
  if (offset <= lowest) return TRUE;
  return ule(address, constant(32, 0xffffffff - offset));
}

interface FoundPiece extends Piece {
  readonly inside: Term;
}

function piecesOf(memory: MemoryMap, form: LinearForm, bytes: number): FoundPiece[] | undefined {
  const pieces: FoundPiece[] = [];
  let done = 0;
  while (done < bytes) {
    const piece = pieceAt(memory, shiftForm(form, BigInt(done)), bytes - done);
    if (piece === undefined) return undefined;
    pieces.push(piece);
    done += piece.bytes;
  }
  return pieces;
}

function pieceAt(memory: MemoryMap, form: LinearForm, bytes: number): FoundPiece | undefined {
  for (const column of candidates(memory, form)) {
    const piece = pieceIn(column, form, bytes);
    if (piece !== undefined) return piece;
  }
  return constantPiece(memory, form, bytes);
}

/** The constant part of an address; it may be a little below zero. */
function startOf(form: LinearForm): number {
  return Number(BigInt.asIntN(form.width, form.constant));
}

/** Columns that may hold the constant part of an address, likely ones first. */
function candidates(memory: MemoryMap, form: LinearForm): readonly Column[] {
  if (memory.columns.size === 1) return [...memory.columns.values()];
  const start = startOf(form);
  const inside: Column[] = [];
  const above: Column[] = [];
  for (const column of memory.columns.values()) {
    if (start >= column.base && start < column.base + column.rows * column.stride) {
      inside.push(column);
    } else if (start < column.base && column.base - start <= LIMIT_BELOW_BASE_BYTES) {
      above.push(column);
    }
  }
  // A record's last row may reach over the next table; the nearer base is the likely one.
  inside.sort((a, b) => b.base - a.base);
  above.sort((a, b) => a.base - b.base);
  return [...inside, ...above];
}

function pieceIn(column: Column, form: LinearForm, bytes: number): FoundPiece | undefined {
  const from = startOf(form) - column.base;
  const low = ((from % column.stride) + column.stride) % column.stride;
  if (low >= column.width) return undefined;
  const quotient = divideForm(shiftForm(form, BigInt(-column.base - low)), BigInt(column.stride));
  if (quotient === undefined) return undefined;
  const row = termOf(quotient);
  const inside = rowsInside(column, row, 1);
  if (isConstant(row) && inside !== TRUE) return undefined;
  const index = normalisedIndex(row, indexWidth(column));
  return { column, index, low, bytes: Math.min(bytes, column.width - low), inside };
}

/** Are `count` rows from `row` on (a wide row number) all inside the column? */
export function rowsInside(column: Column, row: Term, count: number): Term {
  const room = column.rows - count + 1;
  if (room <= 0) return FALSE;
  return room > 2 ** row.width - 1 ? TRUE : ult(row, constant(row.width, room));
}

/** A read of initial data that lies outside all columns. */
function constantPiece(memory: MemoryMap, form: LinearForm, bytes: number): FoundPiece | undefined {
  const stride = commonStride(form, bytes);
  const constants = memory.constants(startOf(form), bytes, stride);
  if (constants === undefined) return undefined;
  const piece = pieceIn(constants.column, form, bytes);
  return piece === undefined ? undefined : { ...piece, constants };
}

/** The largest power of two that divides all coefficients; the access itself without any. */
function commonStride(form: LinearForm, bytes: number): number {
  let stride = 2 ** 16;
  for (const coefficient of form.terms.values()) {
    while (coefficient % BigInt(stride) !== 0n) stride /= 2;
  }
  return form.terms.size === 0 ? bytes : Math.max(stride, 1);
}

/** Contents that a state does not hold are unknown; constant areas hold their data. */
export function pieceCells(piece: Piece, contents: (name: string) => Cells): Cells {
  return piece.constants ?? contents(piece.column.name);
}

/** A value under the guards of alternatives. */
export function chooseValue(
  alternatives: readonly Alternative[],
  value: (one: Alternative) => Term,
): Term {
  const last = value(alternatives[alternatives.length - 1]!);
  return alternatives
    .slice(0, -1)
    .reduceRight((rest, one) => ite(one.guard, value(one), rest), last);
}
