// HYPERVISOR_vcpu_op, operation by operation.

import * as abi from "../../spec/abi.ts";
import { constant, equal, not } from "../term/index.ts";
import { locate, openArgument, regrouped, systemTime, translation, walk } from "./blocks.ts";
import type { Case } from "./case.ts";
import { anyFirst, hypercallCase } from "./entry.ts";

const family = "vcpu_op";
const number = abi.HYPERVISOR_vcpu_op;

/** Walks and translations are steps of their own here: areas are kept as what they give. */
const blocks = [openArgument, locate, systemTime, walk, translation, regrouped];

const operations: Readonly<Record<string, number>> = {
  is_up: abi.VCPUOP_is_up,
  register_runstate: abi.VCPUOP_register_runstate_memory_area,
  set_periodic: abi.VCPUOP_set_periodic_timer,
  stop_periodic: abi.VCPUOP_stop_periodic_timer,
  set_singleshot: abi.VCPUOP_set_singleshot_timer,
  stop_singleshot: abi.VCPUOP_stop_singleshot_timer,
  register_info: abi.VCPUOP_register_vcpu_info,
  register_time: abi.VCPUOP_register_vcpu_time_memory_area,
};

export const vcpuOpCases: readonly Case[] = [
  ...Object.entries(operations).map(([operation, first]) =>
    hypercallCase({ number, first }, { family, operation, blocks }),
  ),
  hypercallCase(
    { number },
    {
      family,
      operation: "any other operation",
      when: Object.values(operations).map((one) => not(equal(anyFirst, constant(64, one)))),
    },
  ),
];
