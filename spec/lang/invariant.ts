import type { TableName } from "../tables.ts";
import type { Transaction } from "./transaction.ts";
import type { Bool, Word } from "./word.ts";

/** What holds of every row of a table, between any two steps, for ever. */
export interface Invariant {
  readonly id: string;
  readonly says: string;
  readonly table: TableName;
  /** It follows from counts being exact, which is shown by what each step adds to them (the
   *  induction over sums is on paper): assumed, but not shown again step by step. */
  readonly counted?: true;
  /** It is about pairs of rows, of `table` and of this one: `holds` gets the keys of both. */
  readonly other?: TableName;
  /** The keys of the row are in range. Only reads. */
  readonly holds: (s: Transaction, ...keys: Word[]) => Bool;
}

/** All of these hold. */
export function all(first: Bool, ...others: readonly Bool[]): Bool {
  return others.reduce((sum, one) => sum.and(one), first);
}
