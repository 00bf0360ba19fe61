// HYPERVISOR_memory_op, operation by operation.

import * as abi from "../../spec/abi.ts";
import { bitAnd, bitOr, constant, equal, not, shiftLeft, variable } from "../term/index.ts";
import type { Case } from "./case.ts";
import { countClaims } from "./counts.ts";
import { anyFirst, hypercallCase } from "./entry.ts";
import { memoryLemmas } from "./frame.ts";
import { lemmas } from "./lemmas.ts";

const operations: Readonly<Record<string, number>> = {
  add_to_physmap: abi.XENMEM_add_to_physmap,
  remove_from_physmap: abi.XENMEM_remove_from_physmap,
  populate_physmap: abi.XENMEM_populate_physmap,
  decrease_reservation: abi.XENMEM_decrease_reservation,
  memory_map: abi.XENMEM_memory_map,
  current_reservation: abi.XENMEM_current_reservation,
  maximum_reservation: abi.XENMEM_maximum_reservation,
};

const OPERATION_MASK = constant(64, 2 ** abi.MEMOP_EXTENT_SHIFT - 1);

/** The operation in its low bits, any number of extents above them. */
const command = (operation: number) =>
  bitOr(
    shiftLeft(variable("extents", 64), constant(64, abi.MEMOP_EXTENT_SHIFT)),
    constant(64, operation),
  );

const memoryCase = (operation: string, own: Partial<Case>, first = anyFirst): Case =>
  hypercallCase(
    { number: abi.HYPERVISOR_memory_op, first },
    {
      family: "memory_op",
      operation,
      lemmas: [...lemmas, ...memoryLemmas],
      claims: countClaims,
      ...own,
    },
  );

export const memoryOpCases: readonly Case[] = [
  ...Object.entries(operations).map(([name, operation]) =>
    memoryCase(name, {}, command(operation)),
  ),
  memoryCase("any other operation", {
    when: Object.values(operations).map((one) =>
      not(equal(bitAnd(anyFirst, OPERATION_MASK), constant(64, one))),
    ),
  }),
];
