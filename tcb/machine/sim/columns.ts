// The core's columns by name, over its linear memory: what a test or an oracle reads and plants.

import { type Column, columns as layout } from "../../core/layout.ts";
import type { WasmMemory } from "./engine.ts";

const byName = new Map(layout.map((column) => [column.name, column]));

function find(name: string, row: number): Column {
  const column = byName.get(name);
  if (column === undefined) throw new RangeError(`layout.ts has no column ${name}`);
  if (!Number.isInteger(row) || row < 0 || row >= column.rows) {
    throw new RangeError(`column ${name} has rows 0 to ${column.rows - 1}, not ${row}`);
  }
  return column;
}

/** Reads and writes columns, checked by name and row; values are unsigned. */
export class Columns {
  readonly #view: DataView;

  constructor(memory: WasmMemory) {
    this.#view = new DataView(memory.buffer);
  }

  /** A column of any width, as an unsigned number of 64 bits. */
  read(name: string, row = 0): bigint {
    const { base, stride, width } = find(name, row);
    if (width === 8) return this.#view.getBigUint64(base + row * stride, true);
    return BigInt(this.#narrow(base + row * stride, width));
  }

  /** A column of at most 4 bytes, or a wider one whose value fits a number exactly. */
  number(name: string, row = 0): number {
    const value = this.read(name, row);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`${name} is ${value}`);
    return Number(value);
  }

  /** Writes the low bits of `value`. */
  write(name: string, row: number, value: bigint | number): void {
    const { base, stride, width } = find(name, row);
    const at = base + row * stride;
    const bits = BigInt.asUintN(width * 8, BigInt(value));
    if (width === 8) this.#view.setBigUint64(at, bits, true);
    else if (width === 4) this.#view.setUint32(at, Number(bits), true);
    else if (width === 2) this.#view.setUint16(at, Number(bits), true);
    else this.#view.setUint8(at, Number(bits));
  }

  #narrow(at: number, width: 1 | 2 | 4): number {
    if (width === 4) return this.#view.getUint32(at, true);
    return width === 2 ? this.#view.getUint16(at, true) : this.#view.getUint8(at);
  }
}
