// The case of a block that changes columns: what its function does, and what the block promises.

import type { State } from "../wasm/index.ts";
import type { Block } from "./block.ts";
import type { Case } from "./case.ts";
import { promiseClaims } from "./promises.ts";

/** Columns that are as the block leaves them, by its own words. */
function leftBy(block: Block, args: Case["args"]) {
  return (before: State): ReadonlySet<string> => {
    const after = before.clone();
    block.leaves?.(after, args);
    return new Set([...after.cells.keys()]);
  };
}

/** The block's function does what the steps say, changes what the block names, and keeps what it
 *  promises. */
export function changeCase(
  block: Block,
  own: Pick<Case, "args" | "given" | "steps" | "invariants"> & Partial<Case>,
): Case {
  const [family, operation] = block.name.split("/") as [string, string];
  const left = leftBy(block, own.args);
  return {
    family,
    operation,
    function: block.name,
    claims: promiseClaims(block, own.args),
    reads: block.reads,
    writes: (column, start) => block.writes(column) || left(start).has(column.name),
    ...own,
  };
}
