// [policy.badinput]: whatever the input, one clear error, in bounded time and memory, and exit 1.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { costOfXenolith } from "../../../scripts/bench/command-cost.ts";
import { malformedPolicies } from "../../xsm-policy/compiler/malformed.ts";
import type { Check } from "../check.ts";

const LEAST_POLICIES = 200;

/** Size of the largest. */
const MEGABYTES = 100;

const MOST_SECONDS = 20;
const MOST_MEBIBYTES = 1024;
const LONGEST_ERROR_CHARACTERS = 2000;

/** A place, a message and no stack of calls. */
const CLEAR = /^\S+:\d+:\d+: error: \S/;
const STACK = /\n\s+at .*\.ts:\d+/;

/** What is wrong with the answer to one policy; undefined if nothing is. */
function objection(code: number | null, errors: string): string | undefined {
  if (code !== 1) return `exit ${code}`;
  const [first = ""] = errors.split(/\n(?=\S)/);
  if (!CLEAR.test(first)) return `no error with a place: ${first.slice(0, 100)}`;
  if (first.length > LONGEST_ERROR_CHARACTERS) return `an error of ${first.length} characters`;
  return STACK.test(errors) ? "a stack of calls" : undefined;
}

export const badInput: Check = {
  name: "policy.badinput",
  claim:
    "200 malformed policies, up to 100 MB: a clear error each, bounded time and memory, exit 1",
  short: false,
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "xenolith-badinput-"));
    const wrong: string[] = [];
    let policies = 0;
    let slowest = { name: "", seconds: 0 };
    let largest = { name: "", mebibytes: 0 };
    try {
      const file = join(folder, "policy.conf");
      for (const { name, text } of malformedPolicies(MEGABYTES)) {
        policies++;
        writeFileSync(file, text, "latin1");
        const cost = costOfXenolith(["policy", "compile", file], MOST_SECONDS);
        const reason = objection(cost.code, cost.stderr);
        if (reason !== undefined) wrong.push(`${name}: ${reason}`);
        if (cost.seconds > slowest.seconds) slowest = { name, seconds: cost.seconds };
        if (cost.mebibytes > largest.mebibytes) largest = { name, mebibytes: cost.mebibytes };
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    const isBounded = slowest.seconds <= MOST_SECONDS && largest.mebibytes <= MOST_MEBIBYTES;
    const passed = policies >= LEAST_POLICIES && wrong.length === 0 && isBounded;
    const summary =
      `${policies} policies, ${wrong.length} answered wrongly, slowest ` +
      `${slowest.seconds.toFixed(1)} s, most memory ${largest.mebibytes} MiB`;
    return { passed, figures: { policies, wrong, slowest, largest }, summary };
  },
};
