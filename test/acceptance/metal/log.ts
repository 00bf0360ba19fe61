// [metal.log]: what a Linux guest's kernel warns of here and on Debian's Xen 4.17.

import { readFileSync } from "node:fs";
import { kernelWarnings, makeBootFiles } from "../../../scripts/bench/userspace.ts";
import type { Workload } from "../../../scripts/bench/workload.ts";
import { runXen } from "../../../scripts/bench/xen.ts";
import { makeXenFiles } from "../../../scripts/bench/xen-files.ts";
import { runXenolith } from "../../../scripts/bench/xenolith.ts";
import type { Check } from "../check.ts";
import { root } from "../cli.ts";

const SECONDS = 900;

/** Warnings that docs/boot-log.md gives a reason for: the first cell of its table, in backquotes. */
function documented(): string[] {
  const page = readFileSync(`${root}docs/boot-log.md`, "utf8");
  return [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, warning]) => warning!);
}

export const log: Check = {
  name: "metal.log",
  claim:
    "a Linux guest's kernel warns of nothing that it does not warn of on Xen 4.17 as well, or of " +
    "what docs/boot-log.md has a reason for",
  // Xen's Dom0 alone takes minutes to get there.
  short: false,
  async run() {
    const files = makeBootFiles();
    const line = { ...files, name: "linux0", commandLine: "console=hvc0", memoryMib: 192 };
    const workload: Workload = { name: "log", count: 1, guests: () => [line] };
    const ours = kernelWarnings((await runXenolith(workload, true, SECONDS)).lines);
    const xen = await runXen(await makeXenFiles(), [workload], true, SECONDS);
    const theirs = kernelWarnings(xen.lines.flat());
    const own = ours.filter((warning) => !theirs.includes(warning));
    const reasons = documented();
    const unexplained = own.filter((warning) => !reasons.includes(warning));
    const stale = reasons.filter((warning) => !own.includes(warning));
    return {
      passed: ours.length > 0 && theirs.length > 0 && unexplained.length + stale.length === 0,
      figures: { ours, theirs, unexplained, stale },
      summary:
        `${ours.length} warnings, on Xen ${theirs.length}; ` +
        `${own.length - unexplained.length} of our own are documented, ${unexplained.length} not`,
    };
  },
};
