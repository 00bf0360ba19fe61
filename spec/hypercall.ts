// Hypercalls: from the VMMCALL exit to the operation, and back.

import * as abi from "./abi.ts";
import { eventChannelOp } from "./event_channel.ts";
import { isLongMode } from "./guest.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import { skip } from "./registers.ts";

/** A hypercall's number and its first three arguments. */
export interface HypercallRegisters {
  readonly number: Word;
  readonly first: Word;
  readonly second: Word;
  readonly third: Word;
}

/** The hypercall with that number. */
export function dispatch(s: Transaction, vcpu: Word, registers: HypercallRegisters): Word {
  const { number, first, second } = registers;
  return s.select(
    number,
    [
      {
        value: abi.HYPERVISOR_event_channel_op,
        steps: () => eventChannelOp(s, vcpu, first, second),
      },
    ],
    () => {
      s.clause("HYPERCALL-4", "There is no hypercall of any other number.");
      return s.word64(abi.ENOSYS);
    },
  );
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
    const inputs = [vcpu, ...Object.values(registers)];
    const [answer] = s.block("hypercall/dispatch", inputs, () => [
      s.attempt(() => dispatch(s, vcpu, registers)),
    ]);
    return answer!;
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
