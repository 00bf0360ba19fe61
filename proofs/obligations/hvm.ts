// HYPERVISOR_hvm_op, operation by operation.

import * as abi from "../../spec/abi.ts";
import { constant, equal, not } from "../term/index.ts";
import type { Case } from "./case.ts";
import { anyFirst, hypercallCase } from "./entry.ts";

const family = "hvm";
const number = abi.HYPERVISOR_hvm_op;

const operations: Readonly<Record<string, number>> = {
  set_param: abi.HVMOP_set_param,
  get_param: abi.HVMOP_get_param,
  pagetable_dying: abi.HVMOP_pagetable_dying,
};

export const hvmCases: readonly Case[] = [
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
];
