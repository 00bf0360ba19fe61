import type { Reader } from "./reader.ts";

/** Names for people: nothing that is proved depends on them. */
export interface Names {
  readonly functions: ReadonlyMap<number, string>;
  readonly globals: ReadonlyMap<number, string>;
}

const FUNCTIONS = 1;
const GLOBALS = 7;

/** Reads the custom section "name" (after its own name); unknown subsections are skipped. */
export function readNames(part: Reader): Names {
  const found = new Map<number, ReadonlyMap<number, string>>();
  while (!part.done) {
    const id = part.byte();
    const inner = part.part(part.u32());
    if (id !== FUNCTIONS && id !== GLOBALS) continue;
    found.set(id, new Map(inner.vector(() => [inner.u32(), inner.text()] as const)));
  }
  return { functions: found.get(FUNCTIONS) ?? new Map(), globals: found.get(GLOBALS) ?? new Map() };
}
