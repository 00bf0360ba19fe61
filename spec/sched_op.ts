// HYPERVISOR_sched_op (xen/include/public/sched.h): yield, block, poll, shutdown.

import { PORTS } from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { shutdownDomain } from "./domain.ts";
import { isPending } from "./event.ts";
import { type Argument, argument32, argument64, openArgument } from "./guest.ts";
import { deliverable } from "./inject.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import { block, yieldSlice } from "./scheduler.ts";
import { updateGroup } from "./timer.ts";
import * as xsm from "./xsm.ts";

const REASON_BYTES = 4;
const POLL_BYTES = 24;
/** Ports that one poll may name in the ABI; one that names several returns at once. */
const POLL_PORTS_MOST = 128;
const POLL_PORTS = 1;

function open(s: Transaction, vcpu: Word, address: Word, bytes: number): Argument {
  s.clause("SCHED-OP-1", "An argument structure is memory that the caller can read.");
  return openArgument(s, vcpu, address, s.word32(bytes), s.truth(false), abi.EFAULT);
}

/** The caller waits for its port, its deadline, or anything that is delivered to it. */
function wait(s: Transaction, vcpu: Word, count: Word, deadline: Word): Word {
  s.clause(
    "SCHED-POLL-4",
    "Otherwise the caller blocks until that port is pending, the deadline (0: none) passes, or " +
      "anything is delivered to it.",
  );
  s.row("vcpu", vcpu).set({ polling: count, pollDeadline: deadline });
  updateGroup(s, vcpu);
  block(s, vcpu);
  return s.word64(0);
}

/** { u64 ports; u32 count; u64 deadline }. */
function poll(s: Transaction, vcpu: Word, address: Word): Word {
  const argument = open(s, vcpu, address, POLL_BYTES);
  const ports = argument64(s, argument, 0);
  const count = argument32(s, argument, 8);
  const deadline = argument64(s, argument, 16);
  s.clause("SCHED-POLL-1", "A poll names at most 128 ports.");
  s.require(count.le(POLL_PORTS_MOST), abi.EINVAL);
  s.clause(
    "SCHED-POLL-2",
    "A poll that names more than one port, or a caller that has something to take, returns at once.",
  );
  s.require(count.le(POLL_PORTS), 0);
  s.require(deliverable(s, vcpu).not(), 0);
  s.when(count.eq(1), () => {
    s.clause(
      "SCHED-POLL-3",
      "The port is a word that the caller can read, in range; if it is pending the poll returns.",
    );
    const port = argument32(s, open(s, vcpu, ports, REASON_BYTES), 0);
    s.require(port.lt(PORTS), abi.EINVAL);
    s.require(isPending(s, s.row("vcpu", vcpu).domain, port).not(), 0);
    s.row("vcpu", vcpu).set({ pollPort: port });
  });
  return wait(s, vcpu, count, deadline);
}

/** { u32 reason }. */
function shutdown(s: Transaction, vcpu: Word, address: Word): Word {
  const { domain } = s.row("vcpu", vcpu);
  s.clause("SCHED-SHUTDOWN-1", "The policy lets the domain shut itself down.");
  const row = s.row("domain", domain);
  xsm.authorise(s, row.label, row.selfLabel, xsm.XENOLITH_SHUTDOWN);
  const reason = argument32(s, open(s, vcpu, address, REASON_BYTES), 0);
  s.clause("SCHED-SHUTDOWN-2", "The domain stops for good; reasons above 5 count as 5.");
  shutdownDomain(s, domain, reason.min(s.word32(abi.SHUTDOWN_max)));
  return s.word64(0);
}

/** HYPERVISOR_sched_op(operation, address). */
export function schedOp(s: Transaction, vcpu: Word, operation: Word, address: Word): Word {
  const other = () => {
    s.clause("SCHED-OP-2", "The policy lets the caller schedule itself.");
    const row = s.row("domain", s.row("vcpu", vcpu).domain);
    xsm.authorise(s, row.label, row.selfLabel, xsm.XENOLITH_SCHEDULE);
    const yields = () => {
      s.clause("SCHED-OP-3", "A yield gives the rest of the caller's slice to others.");
      yieldSlice(s);
      return s.word64(0);
    };
    const blocks = () => {
      s.clause("SCHED-OP-4", "A block waits, unless the caller has something to take already.");
      s.when(deliverable(s, vcpu).not(), () => block(s, vcpu));
      return s.word64(0);
    };
    return s.select(
      operation,
      [
        { value: abi.SCHEDOP_yield, steps: yields },
        { value: abi.SCHEDOP_block, steps: blocks },
        { value: abi.SCHEDOP_poll, steps: () => poll(s, vcpu, address) },
      ],
      () => {
        s.clause("SCHED-OP-5", "There is no other operation.");
        return s.word64(abi.ENOSYS);
      },
    );
  };
  return s.branch(operation.eq(abi.SCHEDOP_shutdown), () => shutdown(s, vcpu, address), other);
}
