// What a load gives: the number that selects the operation, or anything that fits.

import type { Column } from "../wasm/index.ts";
import { memoryAccess } from "../wasm/numeric.ts";
import type { Selection } from "./operation.ts";
import { unknown, type Word, word } from "./word.ts";

export type LoadedColumn = Pick<Column, "name" | "base" | "stride" | "rows" | "width">;

/** Are all places that the address may be at rows of the column? */
function isWithin(column: LoadedColumn, address: Word, offset: number): boolean {
  const stride = BigInt(column.stride);
  const low = stride - 1n;
  if ((stride & low) !== 0n || ((address.zeros | address.ones) & low) !== low) return false;
  const base = BigInt(column.base) - BigInt(offset);
  const [first, last] = [address.min - base, address.max - base];
  const end = BigInt(column.rows - 1) * stride;
  return first >= 0n && last <= end && (first & low) === 0n;
}

/** The word that a load instruction gives. */
export function loaded(
  name: string,
  address: Word,
  offset: number,
  columns: readonly LoadedColumn[],
  selection: Selection,
): Word {
  const { bytes, width, signed } = memoryAccess(name);
  for (const column of columns) {
    const known = selection.columns.get(column.name);
    if (known !== undefined && column.width === bytes && isWithin(column, address, offset)) {
      return word(width, known);
    }
  }
  if (signed && 8 * bytes < width) return unknown(width);
  return word(width, { max: (1n << BigInt(8 * bytes)) - 1n });
}
