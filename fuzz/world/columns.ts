// Places of the core's columns, by name: looked up once, then plain arithmetic.

import { type Column, columns } from "../../tcb/core/layout.ts";

const byName = new Map(columns.map((column) => [column.name, column]));

/** The column of that name. */
export function columnNamed(name: string): Column {
  const column = byName.get(name);
  if (column === undefined) throw new RangeError(`layout.ts has no column ${name}`);
  return column;
}

export const GRANULE_SHIFT = 6;

const RECORDS = new Set(["vmcb"]);
const last = columns.at(-1)!;
const end = last.base + last.rows * last.stride;
const COLUMN_NONE = 0;

/** By 64 bytes of linear memory: index in layout.ts of the column that lies there, plus one. In a
 *  record, whose columns lie mixed, its first column. */
export const columnAt: Uint16Array = (() => {
  const map = new Uint16Array((end >> GRANULE_SHIFT) + 2).fill(COLUMN_NONE);
  const seen = new Set<string>();
  for (const [index, { table, base, stride, rows }] of columns.entries()) {
    if (RECORDS.has(table) && seen.has(table)) continue;
    seen.add(table);
    const first = base >> GRANULE_SHIFT;
    map.fill(index + 1, first, ((base + rows * stride - 1) >> GRANULE_SHIFT) + 1);
  }
  return map;
})();

/** A row of a column. */
export interface Cell {
  readonly name: string;
  readonly row: number;
  readonly at: number;
  readonly width: number;
}

/** The row of a column that a byte of linear memory belongs to. */
export function cellAt(at: number): Cell | undefined {
  for (const { name, base, stride, rows, width } of columns) {
    const row = Math.floor((at - base) / stride);
    if (row < 0 || row >= rows) continue;
    const start = base + row * stride;
    if (at < start + width) return { name, row, at: start, width };
  }
  return undefined;
}

/** The value of a cell, as text. */
export function cellText(bytes: Uint8Array, { at, width }: Cell): string {
  let value = 0n;
  for (let index = width - 1; index >= 0; index--)
    value = (value << 8n) | BigInt(bytes[at + index]!);
  return value < 65536n ? String(value) : `0x${value.toString(16)}`;
}
