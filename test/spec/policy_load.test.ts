import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Pair } from "../../fuzz/oracle/replay.ts";
import * as abi from "../../spec/abi.ts";
import { encodeTable } from "../../xsm-policy/compiler/table.ts";
import { brokenInvariants, carryOut, clausesIn, type Rows, range } from "./program.ts";
import { ARGUMENT, corePath, memoryOf, plantWorld } from "./world.ts";

const built = existsSync(corePath);
const XENOLITH_CLASS = 13;
const LOAD_POLICY = 17;
const CALLER = 1;
/** Labels of the world's policy, whose names are empty. */
const LABELS_IN_FORCE = 4;
/** Where a policy lies in its caller's memory. */
const AREAS = [0x10000n, 0x90000n];
const SELF_AT = 128;
const CHANNEL_AT = 256;
/** Steps in which any of the policies is in force. */
const STEPS = 12;

/** A good policy of so many labels, in which labels are given by `seed`. */
function policyOf(labels: number, seed: number): Uint8Array {
  const label = (at: number) => (at * 7 + seed) % labels;
  const names = range(0, labels).map((one) => (one < LABELS_IN_FORCE ? "" : `label${one}_t`));
  return encodeTable({
    names,
    initialSids: range(0, 16).map(label),
    self: Uint8Array.from({ length: 128 }, (_, at) => label(at)),
    channel: Uint8Array.from({ length: labels * 128 }, (_, at) => label(at)),
    // The caller may go on loading policies, whatever the labels are.
    allowed: Uint32Array.from(
      { length: labels * 128 * 16 },
      (_, at) => (at * 0x9e3779b1) | (1 << 20),
    ),
  });
}

/** Bytes that are changed in a policy: where, and to what. */
interface Damage {
  readonly at: (labels: number) => number;
  readonly value: number;
}

const damages: readonly Damage[] = [
  { at: () => 0, value: 0 },
  { at: () => 5, value: 0 },
  { at: () => 8, value: 2 },
  { at: () => 12, value: 0 },
  { at: () => 12, value: 129 },
  { at: () => 12, value: LABELS_IN_FORCE - 1 },
  { at: () => 16, value: 13 },
  { at: () => 24, value: 1 },
  { at: () => 64 + 4, value: 99 },
  { at: () => 64 + 8, value: 99 },
  { at: () => 64 + 12, value: 99 },
  { at: () => SELF_AT + 127, value: 99 },
  { at: () => CHANNEL_AT + 3, value: 99 },
  { at: (labels) => CHANNEL_AT + labels * 128 - 1, value: 99 },
  { at: (labels) => CHANNEL_AT + labels * (128 + 8192) + 65, value: 1 },
  { at: (labels) => CHANNEL_AT + labels * (128 + 8192) + LABELS_IN_FORCE * 64, value: 1 },
];

const attempt = fc.record({
  labels: fc.constantFrom(LABELS_IN_FORCE, 5, 16, 17, 3),
  seed: fc.nat(30),
  damage: fc.option(fc.constantFrom(...damages), { freq: 1 }),
  area: fc.constantFrom(...AREAS),
  /** The size that the caller says, less the right one. */
  more: fc.constantFrom(0, 0, 0, 0, 0, 1, -1),
  /** Steps after which its caller turns to something else. */
  steps: fc.constantFrom(STEPS, STEPS, STEPS, 1, 3),
  /** Between two steps its caller writes over what was copied. */
  scribbles: fc.boolean(),
  refused: fc.constantFrom(9, 9, 9, 9, CALLER),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;

const rowsSeen: Rows = {
  stage: [[0]],
  staged: [[...range(SELF_AT, 3), 255, ...range(CHANNEL_AT, 3), 383, 384, 2400]],
  policySelf: [range(0, 128)],
  policyChannel: [range(0, 20), [0, 1, 127]],
  domain: [range(0, 5)],
};

/** Lets a caller load a policy; gives the result of the last step, and the clauses of all. */
function load(pair: Pair, one: Attempt): { result: bigint | undefined; clauses: string[] } {
  const bytes = policyOf(one.labels, one.seed);
  if (one.damage !== null) bytes[one.damage.at(one.labels)] = one.damage.value;
  const place = memoryOf(CALLER) + one.area;
  pair.machine.memory.write(place, bytes);
  const call = {
    ...{ domain: CALLER, id: 0, long: true, number: abi.HYPERVISOR_control, steps: 1 },
    registers: [ARGUMENT, 0n, 0n] as const,
    words: [LOAD_POLICY, 0, 0, 0, Number(one.area), 0, bytes.length + one.more, 0],
    refused: [one.refused, 0, XENOLITH_CLASS] as const,
  };
  const clauses: string[] = [];
  let result: bigint | undefined;
  for (let step = 0; step < one.steps && result === undefined; step++) {
    const outcome = carryOut(pair, call);
    clauses.push(...outcome.clauses);
    result = outcome.result;
    if (one.scribbles) pair.machine.memory.write(place, Buffer.alloc(65536, step));
  }
  return { result, clauses };
}

test.skipIf(!built)(
  "core and specification agree on policies that are loaded, damaged, cut off and written over (skipped unless built): a label out of range would be a domain with another's rights",
  () => {
    const machine = plantWorld();
    const pair = new Pair(machine);
    // The hypervisor's own label is the caller's, so that every policy is loaded by one cell.
    const start = machine.snapshot();
    const seen = new Set<string>();
    const results = new Set<bigint | undefined>();
    const program = fc.array(attempt, { minLength: 3, maxLength: 6 });
    fc.assert(
      fc.property(program, (attempts) => {
        machine.restore(start);
        pair.align();
        for (const one of attempts) {
          const { result, clauses } = load(pair, one);
          results.add(result);
          for (const clause of clauses) seen.add(clause);
          expect(brokenInvariants(machine, rowsSeen)).toEqual([]);
        }
        pair.compare();
      }),
      { numRuns: 16, seed: 17, endOnFailure: true },
    );
    const wanted = [...clausesIn("policy_load.ts"), "CONTROL-POLICY-1", "CONTROL-POLICY-2"];
    expect(wanted.filter((id) => !seen.has(id))).toEqual([]);
    for (const code of [0n, abi.EPERM, abi.EINVAL, undefined]) expect(results).toContain(code);
  },
);
