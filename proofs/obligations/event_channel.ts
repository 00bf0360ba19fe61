// HYPERVISOR_event_channel_op, operation by operation.

import * as abi from "../../spec/abi.ts";
import { dispatch } from "../../spec/hypercall.ts";
import { invariants } from "../../spec/invariants/index.ts";
import { constant, equal, not, type Term, variable } from "../term/index.ts";
import { drainLoop, drainRounds, locate, openArgument, systemTime } from "./blocks.ts";
import { entered } from "./entered.ts";
import { lemmas } from "./lemmas.ts";
import type { Case } from "./refine.ts";

export const vcpuArgument = variable("vcpu", 32);

const operations: Readonly<Record<string, number>> = {
  bind_interdomain: abi.EVTCHNOP_bind_interdomain,
  bind_virq: abi.EVTCHNOP_bind_virq,
  close: abi.EVTCHNOP_close,
  send: abi.EVTCHNOP_send,
  status: abi.EVTCHNOP_status,
  alloc_unbound: abi.EVTCHNOP_alloc_unbound,
  bind_ipi: abi.EVTCHNOP_bind_ipi,
  bind_vcpu: abi.EVTCHNOP_bind_vcpu,
  unmask: abi.EVTCHNOP_unmask,
  reset: abi.EVTCHNOP_reset,
};

/** What tells the situations of an operation apart. */
const splits: Readonly<Record<string, readonly string[]>> = {
  alloc_unbound: ["EVTCHN-ALLOC-2"],
  bind_interdomain: ["EVTCHN-BIND-3"],
  bind_ipi: ["EVTCHN-IPI-2"],
  bind_virq: ["EVTCHN-VIRQ-3"],
  reset: ["EVTCHN-RESET-2", "EVTCHN-RESET-3"],
  send: ["EVTCHN-SEND-2", "EVTCHN-SEND-4", "EVTCHN-SEND-5"],
};

const first = variable("first", 64);

function eventChannelCase(operation: string, of: Pick<Case, "args" | "when" | "split">): Case {
  return {
    family: "event_channel",
    operation,
    function: "hypercall/dispatch",
    given: (s) => entered(s, vcpuArgument),
    steps: (s, [vcpu, number, a, b, c]) => {
      const registers = { number: number!, first: a!, second: b!, third: c! };
      return s.attempt(() => dispatch(s, vcpu!, registers));
    },
    blocks: [openArgument, locate, systemTime, drainRounds],
    lemmas,
    repetitions: [drainLoop],
    invariants,
    ...of,
  };
}

const argumentsOf = (operation: Term) => [
  vcpuArgument,
  constant(64, abi.HYPERVISOR_event_channel_op),
  operation,
  variable("second", 64),
  variable("third", 64),
];

export const eventChannelCases: readonly Case[] = [
  ...Object.entries(operations).map(([name, operation]) =>
    eventChannelCase(name, {
      args: argumentsOf(constant(64, operation)),
      ...(splits[name] === undefined ? {} : { split: splits[name] }),
    }),
  ),
  eventChannelCase("any other operation", {
    args: argumentsOf(first),
    when: Object.values(operations).map((one) => not(equal(first, constant(64, one)))),
  }),
];
