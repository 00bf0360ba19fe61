// A solver gives a value to whatever its text names, and any will do. A state that holds 0 wherever
// that is as good is one that a reader can follow, and that seldom breaks an invariant elsewhere.

import { type Assignment, evaluateAll, type Term } from "../term/index.ts";
import { ANSWERS } from "./witness.ts";

type Cell = readonly [column: string, key: string, value: bigint];

/** The assignment with 0 for as many values of columns as leave the terms true: all of a column, or
 *  a half of them, and so on. */
export function fewestValues(
  terms: readonly Term[],
  { variables, functions }: Assignment,
): Assignment {
  const left = new Map([...functions].map(([name, values]) => [name, new Map(values)]));
  const isHeld = (): boolean =>
    evaluateAll(terms, { variables, functions: left }).every((value) => value === 1n);
  const groups = [...functions].filter(([name]) => name !== ANSWERS).map(cellsOf);
  for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
    if (group.length === 0) continue;
    for (const [name, key] of group) left.get(name)!.delete(key);
    if (isHeld()) continue;
    for (const [name, key, value] of group) left.get(name)!.set(key, value);
    if (group.length === 1) continue;
    const middle = group.length >> 1;
    groups.push(group.slice(0, middle), group.slice(middle));
  }
  return { variables, functions: left };
}

const cellsOf = ([name, values]: readonly [string, ReadonlyMap<string, bigint>]): Cell[] =>
  [...values].filter(([, value]) => value !== 0n).map(([key, value]) => [name, key, value]);
