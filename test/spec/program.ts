// Random programs of hypercalls, on the core and on the specification side by side.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import type { LoggingMachine, Pair } from "../../fuzz/oracle/replay.ts";
import { handleExit } from "../../spec/exit.ts";
import { invariants } from "../../spec/invariants/index.ts";
import { ConcreteState, ConcreteTransaction, truth } from "../../spec/lang/concrete.ts";
import type { Invariant } from "../../spec/lang/invariant.ts";
import { ARGUMENT, DOMAINS, putWords, VCPUS_EACH, vcpuRow } from "./world.ts";

/** A hypercall of a domain's vCPU. */
export interface Call {
  readonly domain: number;
  readonly id: number;
  readonly long: boolean;
  readonly number: number;
  readonly registers: readonly [bigint, bigint, bigint];
  /** Words of the argument structure, at ARGUMENT. */
  readonly words: readonly number[];
  /** A cell of the policy, { source, target, class }, that allows nothing meanwhile. */
  readonly refused: readonly [number, number, number];
  /** Steps of a call that is resumed, at most. */
  readonly steps: number;
}

const LONG_MODE_EFER = 0x400;
const LONG_MODE_CODE = 0x200;
const ARGUMENT_WORDS = 24;

/** Who calls, and under what policy: what all families' programs have in common. */
export const caller = (classes: readonly number[]) =>
  fc.record({
    domain: fc.constantFrom(...DOMAINS),
    id: fc.integer({ min: 0, max: VCPUS_EACH - 1 }),
    long: fc.boolean(),
    refused: fc.tuple(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 9 }),
      fc.constantFrom(...classes),
    ),
    steps: fc.integer({ min: 1, max: 4 }),
  });

function prepare(pair: Pair, call: Call, vcpu: number): void {
  pair.write("cpuCurrent", 0, vcpu + 1);
  pair.write("vmcbRax", vcpu, call.number);
  pair.write("vmcbEfer", vcpu, call.long ? LONG_MODE_EFER : 0);
  pair.write("vmcbCsAttributes", vcpu, call.long ? LONG_MODE_CODE : 0);
  for (const [at, register] of (call.long ? [7, 6, 2] : [3, 1, 2]).entries()) {
    pair.write("gprValue", vcpu * 16 + register, call.registers[at]!);
  }
  const words = Array.from({ length: ARGUMENT_WORDS }, (_, at) => call.words[at] ?? 0);
  putWords(pair.machine, call.domain, ARGUMENT, words);
}

export interface Outcome {
  /** Undefined if the call is not done. */
  readonly result: bigint | undefined;
  readonly clauses: readonly string[];
}

/** Is the row still that vCPU of the domain, and does the domain run? */
function canRun(pair: Pair, domain: number, vcpu: number): boolean {
  const isOwn = pair.read("vcpuDomain", vcpu) === BigInt(domain);
  const isRunnable = pair.read("vcpuState", vcpu) === 2n;
  return isOwn && isRunnable && pair.read("domainState", domain) === 2n;
}

/** Carries out a call on both sides, in so many steps at most; throws if they differ. */
export function carryOut(pair: Pair, call: Call): Outcome {
  const vcpu = vcpuRow(call.domain, call.id);
  if (!canRun(pair, call.domain, vcpu)) return { result: undefined, clauses: [] };
  const [source, target, group] = call.refused;
  const cell = (source * 128 + target) * 16 + group;
  const allowed = pair.read("policyCellAllowed", cell);
  pair.write("policyCellAllowed", cell, 0);
  prepare(pair, call, vcpu);
  const clauses: string[] = [];
  let result: bigint | undefined;
  for (let step = 0; step < call.steps && result === undefined; step++) {
    const rip = pair.read("vmcbRip", vcpu);
    const came = pair.step(
      () => pair.machine.core.handleExit(vcpu),
      (s) => handleExit(s, s.word32(vcpu)),
    );
    clauses.push(...came);
    if (pair.read("vmcbRip", vcpu) !== rip) {
      result = BigInt.asIntN(64, pair.read("vmcbRax", vcpu));
    }
  }
  pair.write("policyCellAllowed", cell, allowed);
  return { result, clauses };
}

/** Ids of clauses in a file of the specification. */
export function clausesIn(file: string): string[] {
  const path = fileURLToPath(new URL(`../../spec/${file}`, import.meta.url));
  const found = readFileSync(path, "utf8").matchAll(/clause\(\s*"([A-Z0-9-]+)"/g);
  return [...new Set([...found].map(([, id]) => id!))];
}

/** Values of each key, for the rows at which a table's invariants are looked at. */
export type Rows = Readonly<Record<string, readonly (readonly number[])[]>>;

/** Numbers from `first` on. */
export const range = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => first + at);

function product(keys: readonly (readonly number[])[]): number[][] {
  return keys.reduce<number[][]>(
    (all, values) => all.flatMap((one) => values.map((value) => [...one, value])),
    [[]],
  );
}

/** Some of the rows: pairs of all with all would be too many. */
const thin = (keys: readonly (readonly number[])[] = []): number[][] =>
  keys.map((values) => values.slice(0, 2));

/** The invariants that do not hold at those rows, by name. */
export function brokenInvariants(machine: LoggingMachine, rows: Rows): string[] {
  const state = new ConcreteState(new Uint8Array(machine.core.memory.buffer));
  const s = new ConcreteTransaction(state, { linearBase: 0x1200000n, perform: () => 0n });
  const fails = ({ holds }: Invariant, keys: number[]) =>
    !truth(holds(s, ...keys.map((key) => s.word32(key))));
  return invariants.flatMap((one) =>
    product([...(rows[one.table] ?? [[]]), ...thin(rows[one.other ?? ""])])
      .filter((keys) => keys.length > 0 && fails(one, keys))
      .map((keys) => `${one.id}(${keys})`),
  );
}
