// VMMCALL, from the exported door to the call and back; the call itself is a case of its family.

import * as abi from "../../spec/abi.ts";
import { constant, equal, not, variable } from "../term/index.ts";
import { dispatched, openArgument } from "./blocks.ts";
import type { Case } from "./case.ts";
import { exitCase, hypercallCase } from "./entry.ts";

const number = variable("number", 64);

/** The numbers of Xen's hypercalls that have a meaning; what of them has no case is reported. */
const numbers: readonly number[] = [
  abi.HYPERVISOR_memory_op,
  abi.HYPERVISOR_set_timer_op,
  abi.HYPERVISOR_xen_version,
  abi.HYPERVISOR_console_io,
  abi.HYPERVISOR_grant_table_op,
  abi.HYPERVISOR_vcpu_op,
  abi.HYPERVISOR_sched_op,
  abi.HYPERVISOR_event_channel_op,
  abi.HYPERVISOR_physdev_op,
  abi.HYPERVISOR_hvm_op,
  abi.HYPERVISOR_control,
];

export const hypercallCases: readonly Case[] = [
  exitCase(abi.VMEXIT_VMMCALL, {
    family: "hypercall",
    operation: "VMMCALL",
    blocks: [dispatched, openArgument],
    lemmas: [],
    split: ["MULTICALL-2"],
    repetitions: [],
  }),
  hypercallCase(
    { number: abi.HYPERVISOR_physdev_op },
    { family: "hypercall", operation: "physdev_op" },
  ),
  hypercallCase(
    { number },
    {
      family: "hypercall",
      operation: "any other number",
      when: numbers.map((one) => not(equal(number, constant(64, one)))),
    },
  ),
];
