import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LoggingMachine, Pair } from "../../fuzz/oracle/replay.ts";
import { type Damage, damaged, damages } from "../../fuzz/world/packs.ts";
import { bootStep } from "../../spec/boot.ts";
import { clausesIn } from "./program.ts";
import { stepWithResult } from "./vcpu-world.ts";
import { corePath } from "./world.ts";

const built = existsSync(corePath);
const RAM = 0x8000000n;
const STEPS = 400;

/** A pack, and what is told of the machine. */
interface Situation extends Damage {
  readonly kilohertz?: number;
  readonly ranges?: readonly { readonly address: bigint; readonly bytes: number }[];
}

const roomy = [
  { address: 0x100000n, bytes: 0x700000 },
  { address: RAM, bytes: 64 << 20 },
];

const situations: readonly Situation[] = [
  { says: "memory in two ranges", stops: false, ranges: roomy },
  { says: "a slow counter", stops: false, kilohertz: 1 },
  { says: "a fast counter", stops: false, kilohertz: 5_000_000 },
  { says: "a counter that cannot be", stops: false, kilohertz: 2 ** 61 },
  { says: "a counter of which nothing is said", stops: false, kilohertz: 0 },
  ...damages,
];

/** A machine with that pack, and the specification beside it. */
function prepared({ kilohertz, ranges, ...damage }: Situation): Pair {
  const core = new Uint8Array(readFileSync(corePath));
  return new Pair(
    new LoggingMachine({
      core,
      pack: damaged(damage),
      ...(kilohertz === undefined ? {} : { tscKilohertz: kilohertz }),
      ...(ranges === undefined ? {} : { ranges }),
    }),
  );
}

test.skipIf(!built)(
  "the core boots as the specification says, and stops where it says so (skipped unless built): a check left out would start domains under another policy",
  () => {
    const seen = new Set<string>();
    for (const situation of situations) {
      const pair = prepared(situation);
      let goesOn = true;
      for (let step = 0; step < STEPS && goesOn; step++) {
        const { results, clauses } = stepWithResult(pair, () => pair.machine.core.boot(), bootStep);
        expect(results[1], situation.says).toBe(results[0]);
        for (const clause of clauses) seen.add(clause);
        goesOn = results[0] === 1;
      }
      pair.compare();
      expect(goesOn, situation.says).toBe(false);
      expect(seen.has("BOOT-STOP-1"), situation.says).toBe(situation.stops);
      expect(pair.machine.console.includes("domains run"), situation.says).toBe(!situation.stops);
      seen.delete("BOOT-STOP-1");
    }
    const wanted = ["boot.ts", "clock.ts"].flatMap(clausesIn).filter((id) => id !== "BOOT-STOP-1");
    expect(wanted.length).toBeGreaterThan(14);
    const elsewhere = ["CLOCK-TICKS-1", "CLOCK-TIME-1"];
    expect(wanted.filter((id) => !seen.has(id) && !elsewhere.includes(id))).toEqual([]);
  },
);
