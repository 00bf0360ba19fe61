// [metal.boot]: virtual time from power-on, side by side with Debian's Xen 4.17.

import type { Check } from "../check.ts";
import { benchRows } from "./bench.ts";

const ROW = "boot_to_userspace";

export const boot: Check = {
  name: "metal.boot",
  claim:
    "to the second guest's userspace, at most a third of Xen 4.17's virtual time to its first's",
  // Xen's Dom0 alone takes minutes to get there.
  short: false,
  async run() {
    const row = (await benchRows([ROW], true)).get(ROW);
    const ours = row?.xenolith ?? Number.NaN;
    const theirs = row?.xen ?? Number.NaN;
    const seconds = (nanoseconds: number) => (nanoseconds / 1e9).toFixed(2);
    return {
      passed: ours * 3 <= theirs,
      figures: { xenolith: ours, xen: theirs, ratio: ours / theirs },
      summary: `Xenolith ${seconds(ours)} s, Xen ${seconds(theirs)} s of virtual time`,
    };
  },
};
