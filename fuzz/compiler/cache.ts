// Compiling the specification takes a second: it is done once.

import { kept } from "../kept.ts";
import type { SpecificationCode } from "./index.ts";

const MADE_OF = ["spec", "fuzz/compiler", "fuzz/instrument", "tcb/core"];

interface Kept extends Omit<SpecificationCode, "reads"> {
  readonly reads: readonly (readonly string[])[];
}

/** What `make` gives, or gave before of the same sources. */
export function keptCode(make: () => SpecificationCode): SpecificationCode {
  const text = kept("specification", MADE_OF, "", () => {
    const made = make();
    return JSON.stringify({ ...made, reads: made.reads.map((names) => [...names]) });
  });
  const { reads, ...rest } = JSON.parse(text) as Kept;
  return { ...rest, reads: reads.map((names) => new Set(names)) };
}
