// HYPERVISOR_sched_op and HYPERVISOR_set_timer_op, operation by operation.

import * as abi from "../../spec/abi.ts";
import { constant, equal, not } from "../term/index.ts";
import type { Case } from "./case.ts";
import { anyFirst, hypercallCase } from "./entry.ts";

const family = "sched_op";
const number = abi.HYPERVISOR_sched_op;

const operations: Readonly<Record<string, number>> = {
  yield: abi.SCHEDOP_yield,
  block: abi.SCHEDOP_block,
  shutdown: abi.SCHEDOP_shutdown,
  poll: abi.SCHEDOP_poll,
};

export const schedOpCases: readonly Case[] = [
  ...Object.entries(operations).map(([operation, first]) =>
    hypercallCase({ number, first }, { family, operation }),
  ),
  hypercallCase(
    { number },
    {
      family,
      operation: "any other operation",
      when: Object.values(operations).map((one) => not(equal(anyFirst, constant(64, one)))),
    },
  ),
  hypercallCase(
    { number: abi.HYPERVISOR_set_timer_op },
    { family: "timer", operation: "set_timer_op" },
  ),
];
