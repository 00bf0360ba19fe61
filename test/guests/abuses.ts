// The abuses of the hostile guest, read from its table: one source for the guest and its tests.

import { readFileSync } from "node:fs";

/** How an abuse must end. `either`: the CPU may refuse what the guest tries. */
export type Ending = "crashes" | "powers off" | "either" | "survives";

export interface Abuse {
  readonly name: string;
  readonly expected: Ending;
}

const ROW = /^ {4}\{"([a-z0-9-]+)", "(crashes|powers off|either|survives)", \w+\},$/gm;

/** Every abuse, in the order of the table. */
export function abuses(): Abuse[] {
  const source = readFileSync(new URL("hostile/main.c", import.meta.url), "utf8");
  return [...source.matchAll(ROW)].map(([, name, expected]) => {
    return { name: name!, expected: expected as Ending };
  });
}
