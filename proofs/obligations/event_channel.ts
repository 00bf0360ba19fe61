// HYPERVISOR_event_channel_op, operation by operation.

import * as abi from "../../spec/abi.ts";
import { constant, equal, not } from "../term/index.ts";
import type { Case } from "./case.ts";
import { anyFirst, hypercallCase } from "./entry.ts";

const family = "event_channel";
const number = abi.HYPERVISOR_event_channel_op;

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

/** What a vCPU at the other end is woken by. */
const delivers = ["or64", "load64", "exchange8", "block clock/systemTime"];

export const eventChannelCases: readonly Case[] = [
  ...Object.entries(operations).map(([operation, first]) => {
    const split = splits[operation];
    // What a reset closes is open: the refusal to close it cannot come.
    const never = operation === "reset" ? { never: [abi.EINVAL] } : {};
    const own = split === undefined ? never : { split, ...never };
    return hypercallCase(
      { number, first },
      {
        family,
        operation,
        ...(operation === "send" ? { delivers } : {}),
        ...own,
      },
    );
  }),
  hypercallCase(
    { number },
    {
      family,
      operation: "any other operation",
      when: Object.values(operations).map((one) => not(equal(anyFirst, constant(64, one)))),
    },
  ),
];
