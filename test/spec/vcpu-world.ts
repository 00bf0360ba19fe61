// The planted world with vCPUs in all states: what an exit or the choice of who runs may meet.

import fc from "fast-check";
import { type LoggingMachine, Pair } from "../../fuzz/oracle/replay.ts";
import { VMEXIT_VMMCALL } from "../../spec/abi.ts";
import { handleExit } from "../../spec/exit.ts";
import { type ConcreteTransaction, numberOf } from "../../spec/lang/concrete.ts";
import type { Word } from "../../spec/lang/word.ts";
import { type Call, carryOut } from "./program.ts";
import { DOMAINS, plantWorld, putWords, VCPUS_EACH, vcpuRow } from "./world.ts";

const VCPU_ROWS = DOMAINS.length * VCPUS_EACH;
/** vcpu_info of the vCPUs in their domain's memory (test/spec/world.ts). */
const VCPU_INFO = 0x3000n;
const VCPU_INFO_BYTES = 64n;

/** Values of one vCPU that decide what it gets and when. */
export interface VcpuValues {
  readonly state: number;
  readonly nmi: number;
  readonly attention: number;
  readonly awaitsStartup: number;
  readonly polling: number;
  readonly upcall: number;
  readonly deadline: bigint;
  readonly periodicNext: bigint;
  readonly pollDeadline: bigint;
  readonly runstate: number;
  readonly runstateArea: bigint;
  readonly request: readonly bigint[];
  readonly service: readonly bigint[];
  readonly interruptControl: bigint;
  readonly interruptState: bigint;
  readonly intercept1: number;
  readonly rflags: bigint;
  readonly eventInjection: bigint;
}

const seldom = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, ...others.map((one) => fc.constant(one)));
const deadline = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0n) },
  fc.bigInt({ min: 1n, max: 3000n }),
  fc.constant(0xffffffffffffffffn),
);
const words = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(0n) },
    fc.constantFrom(1n, 0x10000n, 1n << 63n, 0xf0f0n),
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  ),
  { minLength: 4, maxLength: 4 },
);

export const vcpuValues: fc.Arbitrary<VcpuValues> = fc.record({
  state: fc.constantFrom(1, 2, 2, 3, 3, 4),
  nmi: seldom(0, 1),
  attention: fc.constantFrom(0, 1),
  awaitsStartup: seldom(0, 1),
  polling: fc.constantFrom(0, 1),
  upcall: seldom(0, 1, 255),
  deadline,
  periodicNext: deadline,
  pollDeadline: deadline,
  runstate: fc.integer({ min: 0, max: 3 }),
  runstateArea: seldom(0n, 0x5001n, 0x5fd1n, 0x5fd9n, 0x400000001n),
  request: words,
  service: words,
  interruptControl: fc.constantFrom(0x1000000n, 0x100000fn, 0x1000005n, 0x1100100n, 0x41011f0100n),
  interruptState: fc.constantFrom(0n, 1n),
  intercept1: fc.constantFrom(0x9d44800f, 0x9d44801f),
  rflags: fc.constantFrom(2n, 0x202n),
  eventInjection: seldom(0n, 0x80000b0dn),
});

/** Values of a domain and of the schedule. */
export interface HostValues {
  readonly vcpus: readonly VcpuValues[];
  readonly domainState: readonly number[];
  readonly online: number;
  readonly callback: number;
  readonly kind: number;
  readonly slot: number;
  readonly slotEnd: bigint;
  readonly slotLength: bigint;
  readonly last: number;
  readonly sliceEnd: bigint;
  readonly armed: bigint;
  readonly reschedule: number;
  readonly flush: number;
  readonly owner: number;
  readonly group: bigint;
}

export const hostValues: fc.Arbitrary<HostValues> = fc.record({
  vcpus: fc.array(vcpuValues, { minLength: VCPU_ROWS, maxLength: VCPU_ROWS }),
  domainState: fc.array(fc.constantFrom(2, 2, 2, 2, 3, 4), { minLength: 3, maxLength: 3 }),
  online: fc.constantFrom(1, 2),
  callback: fc.constantFrom(0, 0xf3),
  kind: fc.constantFrom(0, 1, 2),
  slot: fc.integer({ min: 0, max: 2 }),
  slotEnd: fc.bigInt({ min: 0n, max: 2000n }),
  slotLength: fc.bigInt({ min: 1n, max: 1000n }),
  last: fc.constantFrom(0, 1, 2, 3, 4, 5, 254, 255),
  sliceEnd: fc.bigInt({ min: 0n, max: 4000n }),
  armed: seldom(0n, 1n, 0xffffffffffffffffn),
  reschedule: seldom(0, 1),
  flush: fc.constantFrom(0, 1, 3),
  owner: fc.integer({ min: 0, max: VCPU_ROWS }),
  group: seldom(0n, 5n),
});

function plantVcpu(pair: Pair, row: number, values: VcpuValues, runs: boolean): void {
  const { request, service, upcall, state, ...columns } = values;
  for (const [name, value] of Object.entries(columns)) {
    const record = ["interruptControl", "interruptState", "intercept1", "rflags", "eventInjection"];
    const table = record.includes(name) ? "vmcb" : "vcpu";
    pair.write(table + name.slice(0, 1).toUpperCase() + name.slice(1), row, value);
  }
  for (let word = 0; word < 4; word++) {
    pair.write("apicRequestWord", row * 4 + word, request[word]!);
    pair.write("apicServiceWord", row * 4 + word, service[word]!);
  }
  pair.write("vcpuState", row, state);
  const bit = 1n << BigInt(row);
  const others = pair.read("runnableWord", 0) & ~bit;
  pair.write("runnableWord", 0, state === 2 && runs ? others | bit : others);
  const place = VCPU_INFO + BigInt(row % VCPUS_EACH) * VCPU_INFO_BYTES;
  putWords(pair.machine, Math.floor(row / VCPUS_EACH) + 1, place, [upcall]);
}

/** Writes the values on both sides. */
export function plantHost(pair: Pair, values: HostValues): void {
  for (const [at, domain] of DOMAINS.entries()) {
    pair.write("domainState", domain, values.domainState[at]!);
    pair.write("domainOnline", domain, values.online);
    pair.write("domainWeight", domain, 256 * (at + 1));
    pair.write("domainCallbackVector", domain, values.callback);
    pair.write("slotDomain", at, domain);
    pair.write("slotNanoseconds", at, values.slotLength);
  }
  for (const [row, one] of values.vcpus.entries()) {
    plantVcpu(pair, row, one, values.domainState[Math.floor(row / VCPUS_EACH)] === 2);
  }
  pair.write("scheduleSlots", 0, DOMAINS.length);
  pair.write("scheduleKind", 0, values.kind);
  pair.write("scheduleSlot", 0, values.slot);
  pair.write("scheduleSlotEnd", 0, values.slotEnd);
  pair.write("scheduleLast", 0, values.last);
  pair.write("scheduleSliceNanoseconds", 0, 500);
  pair.write("clockTicksPerNanosecond", 0, 1n << 32n);
  pair.write("clockArmed", 0, values.armed);
  pair.write("cpuSliceEnd", 0, values.sliceEnd);
  pair.write("cpuReschedule", 0, values.reschedule);
  pair.write("cpuFlush", 0, values.flush);
  pair.write("cpuStateOwner", 0, values.owner);
  pair.write("timersDeadline", 0, values.group);
}

/** Makes a vCPU the one that is running, as when an exit has just happened. */
export function enterVcpu(pair: Pair, vcpu: number): void {
  const domain = Math.floor(vcpu / VCPUS_EACH) + 1;
  pair.write("cpuCurrent", 0, vcpu + 1);
  pair.write("vcpuState", vcpu, 2);
  pair.write("domainState", domain, 2);
  pair.write("runnableWord", 0, pair.read("runnableWord", 0) | (1n << BigInt(vcpu)));
}

/** A vCPU of the world. */
export const vcpuIndex = fc.integer({ min: 0, max: VCPU_ROWS - 1 });

/** An exit of a vCPU: its code, and what it and the guest left in the VMCB and the registers. */
export interface ExitValues {
  readonly code: number | bigint;
  readonly info1?: number | bigint;
  readonly info2?: number | bigint;
  readonly rax?: number | bigint;
  readonly rcx?: number | bigint;
  readonly rdx?: number | bigint;
  readonly rsi?: number | bigint;
  /** Further columns of the VMCB. */
  readonly vmcb?: Readonly<Record<string, number | bigint>>;
}

/** One exit of a vCPU in a world of any values. */
export interface ExitStep {
  readonly host: HostValues;
  readonly vcpu: number;
  readonly exit: ExitValues;
}

/** Takes an exit on both sides; gives the clauses that it came to. */
export function takeExit(pair: Pair, { host, vcpu, exit }: ExitStep): readonly string[] {
  plantHost(pair, host);
  enterVcpu(pair, vcpu);
  pair.write("vmcbExitCode", vcpu, exit.code);
  pair.write("vmcbExitInfo1", vcpu, exit.info1 ?? 0);
  pair.write("vmcbExitInfo2", vcpu, exit.info2 ?? 0x777);
  pair.write("vmcbRax", vcpu, exit.rax ?? 0);
  for (const [register, value] of [exit.rcx, exit.rdx].entries()) {
    pair.write("gprValue", vcpu * 16 + 1 + register, value ?? 0);
  }
  pair.write("gprValue", vcpu * 16 + 6, exit.rsi ?? 0);
  for (const [name, value] of Object.entries(exit.vmcb ?? {})) pair.write(name, vcpu, value);
  return pair.step(
    () => pair.machine.core.handleExit(vcpu),
    (s) => handleExit(s, s.word32(vcpu)),
  );
}

/** Ticks at which steps begin; a tick is a nanosecond of this world. */
export const NOW = 1500n;

/** Takes random exits on both sides, from the planted world on; gives the clauses they came to. */
export function differExits(
  exit: fc.Arbitrary<ExitValues>,
  settings: { readonly numRuns: number; readonly seed: number },
  prepare: (pair: Pair, step: ExitStep) => void = () => {},
): ReadonlySet<string> {
  const machine = plantVcpuWorld();
  const pair = new Pair(machine);
  const start = machine.snapshot();
  const seen = new Set<string>();
  const step = fc.record({ host: hostValues, vcpu: vcpuIndex, exit });
  const program = fc.array(step, { minLength: 25, maxLength: 50 });
  const property = fc.property(program, (steps) => {
    machine.restore(start);
    pair.align();
    for (const one of steps) {
      machine.ticks = NOW;
      prepare(pair, one);
      for (const clause of takeExit(pair, one)) seen.add(clause);
    }
    pair.compare();
  });
  // No shrinking: a step needs no small world to be understood, its exit is enough.
  fc.assert(property, { ...settings, endOnFailure: true });
  return seen;
}

/** What random calls came to. */
export interface CallsSeen {
  readonly clauses: ReadonlySet<string>;
  readonly results: ReadonlySet<bigint | undefined>;
}

/** Makes random hypercalls on both sides, from the planted world on. */
export function differCalls<One extends Call>(
  call: fc.Arbitrary<One>,
  settings: { readonly numRuns: number; readonly seed: number },
  prepare: (pair: Pair, call: One) => void = () => {},
): CallsSeen {
  const machine = plantVcpuWorld();
  const pair = new Pair(machine);
  const start = machine.snapshot();
  const clauses = new Set<string>();
  const results = new Set<bigint | undefined>();
  const step = fc.record({ host: hostValues, call });
  const program = fc.array(step, { minLength: 25, maxLength: 50 });
  const property = fc.property(program, (steps) => {
    machine.restore(start);
    pair.align();
    for (const { host, call: one } of steps) {
      machine.ticks = NOW;
      plantHost(pair, host);
      enterVcpu(pair, vcpuRow(one.domain, one.id));
      pair.write("vmcbExitCode", vcpuRow(one.domain, one.id), VMEXIT_VMMCALL);
      prepare(pair, one);
      const outcome = carryOut(pair, one);
      results.add(outcome.result);
      for (const clause of outcome.clauses) clauses.add(clause);
    }
    pair.compare();
  });
  fc.assert(property, { ...settings, endOnFailure: true });
  return { clauses, results };
}

/** What the core's function gives and what the steps give, after one step on both sides. */
export function stepWithResult(
  pair: Pair,
  core: () => number,
  steps: (s: ConcreteTransaction) => Word,
): { readonly results: readonly [number, number]; readonly clauses: readonly string[] } {
  let [mine, theirs] = [0, 0];
  const clauses = pair.step(
    () => {
      mine = core() >>> 0;
    },
    (s) => {
      theirs = Number(numberOf(steps(s)));
    },
  );
  return { results: [mine, theirs], clauses };
}

/** The world, with ports for the timer interrupts of the first vCPUs. */
export function plantVcpuWorld(planted?: LoggingMachine): LoggingMachine {
  const machine = plantWorld(planted);
  const { columns } = machine;
  for (const domain of DOMAINS) {
    const port = 5;
    const row = vcpuRow(domain, 0);
    columns.write("portState", domain * 4096 + port, 4);
    columns.write("vcpuVirqPort", row * 32, port);
    columns.write("portUsedWord", domain * 64, columns.read("portUsedWord", domain * 64) | 32n);
  }
  return machine;
}
