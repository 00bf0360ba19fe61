// The specification with numbers, and note taken of what it looks at.

import { ConcreteTransaction, numberOf } from "../../spec/lang/concrete.ts";
import type { Word } from "../../spec/lang/word.ts";
import { type TableName, tables } from "../../spec/tables.ts";
import type { Column } from "../../tcb/core/layout.ts";

/** A row of a column. */
export interface Cell {
  readonly column: Column;
  readonly row: number;
}

/** Numbers of a row's keys. */
export function keysOf({ table }: Column, row: number): number[] {
  const keys: number[] = [];
  let rest = row;
  for (const count of [...tables[table as TableName].keys].reverse()) {
    keys.unshift(rest % count);
    rest = Math.floor(rest / count);
  }
  return keys;
}

/** A cell by its keys, as in portState[3, 17]. */
export const cellName = (column: Column, row: number): string =>
  `${column.name}[${keysOf(column, row).join(", ")}]`;

export class NotingTransaction extends ConcreteTransaction {
  readonly cells = new Map<string, Cell>();

  protected override read(column: Column, index: Word): Word {
    const row = Number(numberOf(index));
    this.cells.set(cellName(column, row), { column, row });
    return super.read(column, index);
  }
}
