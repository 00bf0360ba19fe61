import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bootPack } from "../../fuzz/world/pack.ts";
import { bootStep } from "../../spec/boot.ts";
import { clausesIn } from "./program.ts";
import { LoggingMachine, Pair } from "./replay.ts";
import { stepWithResult } from "./vcpu-world.ts";
import { corePath } from "./world.ts";

const built = existsSync(corePath);
const RAM = 0x8000000n;
const STEPS = 400;
const ROWS_AT = 128;
const POLICY_AT = 24;

/** What is changed in a good pack, and what is told of the machine. */
interface Situation {
  readonly says: string;
  readonly change?: (pack: DataView) => void;
  readonly bytes?: number;
  readonly kilohertz?: number;
  readonly ranges?: readonly { readonly address: bigint; readonly bytes: number }[];
  /** The machine stops. */
  readonly stops: boolean;
}

const roomy = [
  { address: 0x100000n, bytes: 0x700000 },
  { address: RAM, bytes: 64 << 20 },
];

const situations: readonly Situation[] = [
  { says: "a good pack", stops: false, ranges: roomy },
  { says: "a slow counter", stops: false, kilohertz: 1 },
  { says: "a fast counter", stops: false, kilohertz: 5_000_000 },
  { says: "a counter of which nothing is said", stops: false, kilohertz: 0 },
  { says: "a mark that is wrong", stops: true, change: (pack) => pack.setUint8(0, 0) },
  { says: "another version", stops: true, change: (pack) => pack.setUint32(8, 2, true) },
  { says: "a header that is cut off", stops: true, bytes: 127 },
  { says: "too many commands", stops: true, change: (pack) => pack.setUint32(12, 65537, true) },
  { says: "a table outside", stops: true, change: (pack) => pack.setUint32(20, 1, true) },
  { says: "another length", stops: true, change: (pack) => pack.setUint32(40, 1, true) },
  { says: "a banner outside", stops: false, change: (pack) => pack.setUint32(52, 1, true) },
  { says: "a banner too long", stops: false, change: (pack) => pack.setUint32(56, 4097, true) },
  { says: "a banner", stops: false, change: banner },
  { says: "a policy outside", stops: true, change: (pack) => pack.setUint32(28, 1, true) },
  { says: "a policy that is none", stops: true, change: damagePolicy },
  {
    says: "a command that fails",
    stops: true,
    change: (pack) => pack.setUint32(ROWS_AT, 99, true),
  },
  { says: "a copy from outside", stops: true, change: copyOutside },
];

function banner(pack: DataView): void {
  pack.setBigUint64(48, 0n, true);
  pack.setBigUint64(56, 8n, true);
}

function damagePolicy(pack: DataView): void {
  pack.setUint8(Number(pack.getBigUint64(POLICY_AT, true)) + 3, 0);
}

/** A copy of which the last byte lies behind the pack. */
function copyOutside(pack: DataView): void {
  pack.setUint32(ROWS_AT, 5, true);
  pack.setBigUint64(ROWS_AT + 16, BigInt(pack.byteLength - 7), true);
  pack.setBigUint64(ROWS_AT + 24, 8n, true);
}

/** A machine with that pack, and the specification beside it. */
function prepared({ change, bytes, kilohertz, ranges }: Situation): Pair {
  const pack = bootPack();
  change?.(new DataView(pack.buffer));
  const core = new Uint8Array(readFileSync(corePath));
  return new Pair(
    new LoggingMachine({
      core,
      pack: pack.subarray(0, bytes ?? pack.length),
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
