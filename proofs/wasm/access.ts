import { concat, concatAll, extract, FALSE, implies, type Term } from "../term/index.ts";
import {
  type Alternative,
  chooseValue,
  type Piece,
  pieceCells,
  resolveAddress,
} from "./address.ts";
import { elementWidth, readCells } from "./column.ts";
import type { MemoryMap } from "./memory.ts";
import type { State } from "./state.ts";

/** Loads `bytes` bytes as a word of 8 times as many bits. Undefined if the state dies. */
export function load(
  memory: MemoryMap,
  state: State,
  address: Term,
  offset: number,
  bytes: number,
): Term | undefined {
  const alternatives = resolve(memory, state, address, offset, bytes, "load");
  if (alternatives === undefined) return undefined;
  return chooseValue(alternatives, (one) => {
    const parts = one.pieces.map((piece) => {
      state.record.touch(piece.column.name, piece.index, false);
      return readPiece(state, piece);
    });
    return concatAll(parts);
  });
}

function readPiece(state: State, piece: Piece): Term {
  const element = readCells(
    pieceCells(piece, (name) => state.contents(name)),
    piece.index,
  );
  return extract(element, 8 * (piece.low + piece.bytes) - 1, 8 * piece.low);
}

/** Stores a word of 8 bits per byte. False if the state dies. */
export function store(
  memory: MemoryMap,
  state: State,
  address: Term,
  offset: number,
  value: Term,
): boolean {
  const bytes = value.width / 8;
  const alternatives = resolve(memory, state, address, offset, bytes, "store");
  if (alternatives === undefined) return false;
  for (const one of alternatives) {
    let low = 0;
    for (const piece of one.pieces) {
      const part = extract(value, 8 * (low + piece.bytes) - 1, 8 * low);
      low += piece.bytes;
      const { name } = piece.column;
      state.record.touch(name, piece.index, true);
      state.write(name, piece.index, elementWith(state, piece, part), one.guard);
    }
  }
  return true;
}

/** The element with some of its bytes replaced. */
function elementWith(state: State, piece: Piece, part: Term): Term {
  const width = elementWidth(piece.column);
  const [low, high] = [8 * piece.low, 8 * (piece.low + piece.bytes)];
  if (high - low === width) return part;
  const old = state.read(piece.column.name, piece.index);
  const below = low > 0 ? concat(part, extract(old, low - 1, 0)) : part;
  return high < width ? concat(extract(old, width - 1, high), below) : below;
}

function resolve(
  memory: MemoryMap,
  state: State,
  address: Term,
  offset: number,
  bytes: number,
  what: "load" | "store",
): readonly Alternative[] | undefined {
  const place = state.simplify(address);
  const alternatives = resolveAddress(memory, place, offset, bytes);
  const isReadOnly = (one: Alternative) => one.pieces.some((piece) => piece.constants);
  if (alternatives === undefined || (what === "store" && alternatives.some(isReadOnly))) {
    state.require(FALSE, "unresolved", `${what} of ${bytes} bytes fits no column`);
    return undefined;
  }
  for (const one of alternatives) {
    const names = [...new Set(one.pieces.map((piece) => piece.column.name))].join(", ");
    const inside = implies(one.guard, one.condition);
    if (!state.require(inside, "bounds", `${what} of ${bytes} bytes in ${names}`)) return undefined;
  }
  return alternatives;
}
