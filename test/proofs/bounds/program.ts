// Random exits, hypercalls and commands for the metered core.

import fc from "fast-check";
import type { Pair } from "../../../fuzz/oracle/replay.ts";
import type { OperationBound } from "../../../proofs/bounds/bounds.ts";
import { VMEXIT_VMMCALL } from "../../../spec/abi.ts";
import { MachineHalt } from "../../../tcb/machine/sim/stop.ts";
import {
  enterVcpu,
  type HostValues,
  hostValues,
  plantHost,
  vcpuIndex,
} from "../../spec/vcpu-world.ts";
import { ARGUMENT, putWords, VCPUS_EACH } from "../../spec/world.ts";
import type { Metered } from "./metered.ts";

const CONTROL = 60;
const TICKS = 1500n;
/** Registers of a hypercall of 32-bit code: EBX, ECX, EDX. */
const REGISTERS = [3, 1, 2];

/** An exit, and what the vCPU left in its registers and its argument structure. */
export interface Exit {
  readonly host: HostValues;
  readonly vcpu: number;
  readonly code: number;
  readonly info: number;
  readonly number: number;
  readonly registers: readonly [number, bigint, number];
  readonly words: readonly number[];
}

const small = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.constantFrom(0xffffffff, 0x7ff0, 0x1000),
);
const codes = [0x51, 0x52, 0x60, 0x61, 0x64, 0x6f, 0x72, 0x76, 0x78, 0x7a, 0x7b, 0x7c, 0x7f, 0x89];
const numbers = [12, 12, 13, 15, 17, 18, 20, 20, 24, 29, 32, 32, 32, 33, 34, 60, 60, 60, 61];

export const exit: fc.Arbitrary<Exit> = fc.record({
  host: hostValues,
  vcpu: vcpuIndex,
  code: fc.oneof(
    { weight: 9, arbitrary: fc.constant(VMEXIT_VMMCALL) },
    { weight: 3, arbitrary: fc.constantFrom(...codes) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x401 }) },
  ),
  info: fc.constantFrom(0, 1, 0xe90008, 0x3f80010, 0x10000),
  number: fc.constantFrom(...numbers),
  registers: fc.tuple(small, fc.constantFrom(ARGUMENT, ARGUMENT, 0x1ffcn, 7n, 0n), small),
  words: fc.array(small, { minLength: 16, maxLength: 16 }),
});

/** Leaves what the exit is about on the machine. */
export function leave(pair: Pair, { host, vcpu, code, info, ...asked }: Exit): void {
  const { number, registers, words } = asked;
  pair.machine.ticks = TICKS;
  plantHost(pair, host);
  enterVcpu(pair, vcpu);
  pair.write("vmcbExitCode", vcpu, code);
  pair.write("vmcbExitInfo1", vcpu, info);
  pair.write("vmcbRax", vcpu, number);
  // A command's only register says where it stands.
  const given = number === CONTROL ? [ARGUMENT, 0n, 0n] : registers;
  for (const [at, register] of REGISTERS.entries()) {
    pair.write("gprValue", vcpu * 16 + register, given[at]!);
  }
  putWords(pair.machine, Math.floor(vcpu / VCPUS_EACH) + 1, ARGUMENT, words);
}

/** What a step executed; a machine that stops for ever is the end of one. */
export function spentBy({ machine, meter }: Metered, step: () => void): number {
  const start = meter.total;
  machine.log = [];
  try {
    step();
  } catch (error) {
    if (!(error instanceof MachineHalt)) throw error;
  }
  return Number(meter.total - start);
}

/** The most that was measured of each operation, held against the bounds. */
export class Measured {
  readonly most = new Map<string, number>();
  /** Operations that executed more than they may: none, if the bounds are right. */
  readonly exceeded: string[] = [];

  note(spent: number, operations: readonly OperationBound[]): void {
    for (const { name, instructions } of operations) {
      if (spent > (instructions ?? Number.POSITIVE_INFINITY)) {
        this.exceeded.push(`${name}: ${spent}, and the bound is ${instructions}`);
      }
      this.most.set(name, Math.max(this.most.get(name) ?? 0, spent));
    }
  }
}
