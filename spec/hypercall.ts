// Hypercalls: from the VMMCALL exit to the operation, and back.

import * as abi from "./abi.ts";
import { consoleIo } from "./console.ts";
import { controlOp } from "./control_op.ts";
import { eventChannelOp } from "./event_channel.ts";
import { grantTableOp } from "./grant_table.ts";
import { argument64, isLongMode, openArgument } from "./guest.ts";
import { hvmOp } from "./hvm.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import { memoryOp } from "./memory_op.ts";
import { skip } from "./registers.ts";
import { resumeWith } from "./resume.ts";
import { schedOp } from "./sched_op.ts";
import { setTimerOp } from "./timer.ts";
import { vcpuOp } from "./vcpu_op.ts";
import { versionOp } from "./version.ts";
import * as xsm from "./xsm.ts";

/** A hypercall's number and its first three arguments. */
export interface HypercallRegisters {
  readonly number: Word;
  readonly first: Word;
  readonly second: Word;
  readonly third: Word;
}

/** A hypercall: its number, and its steps with the registers of the call. */
export interface Hypercall {
  readonly value: number;
  readonly steps: (s: Transaction, vcpu: Word, registers: HypercallRegisters) => Word;
}

/** All hypercalls but the list of calls; each family has its line. */
export const hypercalls: readonly Hypercall[] = [
  {
    value: abi.HYPERVISOR_event_channel_op,
    steps: (s, vcpu, { first, second }) => eventChannelOp(s, vcpu, first, second),
  },
  {
    value: abi.HYPERVISOR_memory_op,
    steps: (s, vcpu, { first, second }) => memoryOp(s, vcpu, first, second),
  },
  {
    value: abi.HYPERVISOR_grant_table_op,
    steps: (s, vcpu, { first, second, third }) => grantTableOp(s, vcpu, first, second, third),
  },
  {
    value: abi.HYPERVISOR_control,
    steps: (s, vcpu, { first }) => controlOp(s, vcpu, first),
  },
  {
    value: abi.HYPERVISOR_xen_version,
    steps: (s, vcpu, { first, second }) => versionOp(s, vcpu, first, second),
  },
  {
    value: abi.HYPERVISOR_hvm_op,
    steps: (s, vcpu, { first, second }) => hvmOp(s, vcpu, first, second),
  },
  {
    value: abi.HYPERVISOR_sched_op,
    steps: (s, vcpu, { first, second }) => schedOp(s, vcpu, first, second),
  },
  {
    value: abi.HYPERVISOR_vcpu_op,
    steps: (s, vcpu, { first, second, third }) => vcpuOp(s, vcpu, first, second, third),
  },
  {
    value: abi.HYPERVISOR_console_io,
    steps: (s, vcpu, { first, second, third }) => consoleIo(s, vcpu, first, second, third),
  },
  {
    value: abi.HYPERVISOR_set_timer_op,
    steps: (s, vcpu, { first }) => setTimerOp(s, vcpu, first),
  },
  { value: abi.HYPERVISOR_physdev_op, steps: physdevOp },
];

/** HYPERVISOR_physdev_op: a PVH guest has no physical interrupts. */
function physdevOp(s: Transaction, vcpu: Word): Word {
  s.clause("PHYSDEV-1", "If the policy lets the caller ask, there is no operation on devices.");
  const domain = s.row("domain", s.row("vcpu", vcpu).domain);
  xsm.authorise(s, domain.label, domain.selfLabel, xsm.XENOLITH_PHYSDEV);
  return s.word64(abi.ENOSYS);
}

/** The hypercall with that number. */
export function dispatch(s: Transaction, vcpu: Word, registers: HypercallRegisters): Word {
  const cases = hypercalls.map(({ value, steps }) => ({
    value,
    steps: () => steps(s, vcpu, registers),
  }));
  return s.select(registers.number, cases, () => {
    s.clause("HYPERCALL-4", "There is no hypercall of any other number.");
    return s.word64(abi.ENOSYS);
  });
}

/** One entry of a list { u64 number; u64 result; u64 argument[6] } a step. */
function multicall(s: Transaction, vcpu: Word, list: Word, left: Word): Word {
  const count = left.and(0xffffffff);
  const entry = () => {
    s.clause(
      "MULTICALL-2",
      "An entry lies at a multiple of 64, in memory that the caller can write; its number and first " +
        "three arguments are read in this order.",
    );
    s.require(list.and(63).eq(0), abi.EFAULT);
    const size = s.word32(64);
    const argument = openArgument(s, vcpu, list, size, s.truth(true), abi.EFAULT);
    const registers = {
      number: argument64(s, argument, 0),
      first: argument64(s, argument, 16),
      second: argument64(s, argument, 24),
      third: argument64(s, argument, 32),
    };
    s.clause("MULTICALL-3", "An entry is any hypercall but another list.");
    const answer = s.branch(
      registers.number.eq(abi.HYPERVISOR_multicall),
      () => s.word64(abi.ENOSYS),
      () => dispatched(s, vcpu, registers),
    );
    return s.branch(
      answer.eq(abi.RESUME),
      () => {
        s.clause("MULTICALL-4", "An entry that is not done keeps what is left, and is next again.");
        const rest = s.row("call");
        s.machine.store64(argument.first.add(16), rest.first);
        s.machine.store64(argument.first.add(24), rest.second);
        s.machine.store64(argument.first.add(32), rest.third);
        return resumeWith(s, list, count, s.word64(0));
      },
      () => {
        s.clause(
          "MULTICALL-5",
          "Its result goes into the entry, and the next entry is the next step.",
        );
        s.machine.store64(argument.first.add(8), answer);
        return resumeWith(s, list.add(64), count.sub(1), s.word64(0));
      },
    );
  };
  s.clause("MULTICALL-1", "A list without entries is done.");
  return s.branch(count.eq(0), () => s.word64(0), entry);
}

/** The hypercall as one step, whatever its number. */
function dispatched(s: Transaction, vcpu: Word, registers: HypercallRegisters): Word {
  const { number, first, second, third } = registers;
  const [answer] = s.block("hypercall/dispatch", [vcpu, number, first, second, third], () => [
    s.attempt(() => dispatch(s, vcpu, registers)),
  ]);
  return answer!;
}

/** VMMCALL: a hypercall. */
export function exitHypercall(s: Transaction, vcpu: Word): void {
  const vmcb = s.row("vmcb", vcpu);
  const long = isLongMode(s, vcpu);
  const mask = long.choose(s.word64(abi.NOWHERE), 0xffffffff);
  const register = (inLongMode: number, otherwise: number) =>
    s.row("gpr", vcpu, long.choose(s.word32(inLongMode), otherwise));
  const first = register(abi.RDI, abi.RBX);
  const second = register(abi.RSI, abi.RCX);
  const third = register(abi.RDX, abi.RDX);
  const result = s.attempt(() => {
    s.clause("HYPERCALL-1", "Only the guest's kernel (CPL 0) makes hypercalls.");
    s.require(vmcb.cpl.eq(0), abi.EPERM);
    s.clause(
      "HYPERCALL-2",
      "The number is in RAX; the arguments are in RDI, RSI, RDX of a 64-bit caller, and in EBX, " +
        "ECX, EDX of any other.",
    );
    const registers = {
      number: vmcb.rax.and(mask),
      first: first.value.and(mask),
      second: second.value.and(mask),
      third: third.value.and(mask),
    };
    return s.branch(
      registers.number.eq(abi.HYPERVISOR_multicall),
      () => multicall(s, vcpu, registers.first, registers.second),
      () => dispatched(s, vcpu, registers),
    );
  });
  s.when(
    result.eq(abi.RESUME),
    () => {
      s.clause(
        "HYPERCALL-3",
        "A call that is not done keeps its instruction; the registers say what is left.",
      );
      const left = s.row("call");
      first.set({ value: left.first });
      second.set({ value: left.second });
      third.set({ value: left.third });
    },
    () => {
      s.clause("HYPERCALL-5", "RAX is the result, and the instruction is done.");
      vmcb.set({ rax: result });
      skip(s, vcpu, 3);
    },
  );
}
