// Guest-physical maps.

import { PAGE_LARGE, PAGE_PRESENT, PAGE_WRITABLE } from "../abi.ts";
import { all, type Invariant } from "../lang/invariant.ts";

export const p2mInvariants: readonly Invariant[] = [
  {
    id: "INV-P2M-1",
    says: "A leaf of 2 MiB is writable and begins at a multiple of 2 MiB.",
    table: "directory",
    holds: (s, domain, index) => {
      const entry = s.row("directory", domain, index).entry;
      const leaf = entry.has(PAGE_PRESENT + PAGE_LARGE);
      return leaf.implies(all(entry.has(PAGE_WRITABLE), entry.and(0x1ff000).eq(0)));
    },
  },
];
