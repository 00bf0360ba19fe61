import { type Column, columns } from "../../tcb/core/layout.ts";
import { type TableName, tables } from "../tables.ts";
import { SpecificationError } from "./word.ts";

export type { Column };

const capital = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);
const byName = new Map(columns.map((column) => [column.name, column]));

/** The column of a table by its short name, as `port`, `peerDomain`. */
export function columnOf(table: string, name: string): Column {
  const column = byName.get(table + capital(name));
  if (column === undefined) throw new SpecificationError(`layout.ts has no ${table}.${name}`);
  return column;
}

/** Rows of a table. */
export function rowsOf(table: TableName): number {
  return tables[table].keys.reduce((product, count) => product * count, 1);
}

/** What differs between tables.ts and layout.ts, in words; empty if nothing does. */
export function layoutDifferences(): string[] {
  const named = new Set<string>();
  const found: string[] = [];
  for (const [table, { columns: names }] of Object.entries(tables)) {
    for (const name of names) {
      const full = table + capital(name);
      named.add(full);
      const column = byName.get(full);
      if (column === undefined) found.push(`${full} is not in layout.ts`);
      else if (column.rows !== rowsOf(table as TableName)) {
        found.push(
          `${full} has ${column.rows} rows in layout.ts, ${rowsOf(table as TableName)} here`,
        );
      }
    }
  }
  for (const { name } of columns) if (!named.has(name)) found.push(`${name} is not in tables.ts`);
  return found;
}
