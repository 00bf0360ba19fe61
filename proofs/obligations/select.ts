// selectVcpu, from the exported door on: who runs next, and what is delivered to it.

import { invariants } from "../../spec/invariants/index.ts";
import { selectVcpu } from "../../spec/select.ts";
import { apply, constant, equal, not, variable } from "../term/index.ts";
import { systemTime, translation } from "./blocks.ts";
import { lemmas } from "./lemmas.ts";
import type { Case } from "./refine.ts";

const family = "select";
const cpu = variable("cpu", 32);

const shared = {
  family,
  function: "selectVcpu",
  given: () => [],
  steps: (s, [number]) => selectVcpu(s, number!),
  blocks: [systemTime, translation],
  lemmas,
  invariants,
} satisfies Partial<Case>;

/** Nothing has changed what the machine's timer is armed for, and somebody runs. */
const isArmed = not(equal(apply("clockArmed", [constant(1, 0)], 64), constant(64, 0)));
const isSome = not(equal(apply("cpuCurrent", [constant(3, 0)], 32), constant(32, 0)));

export const selectCases: readonly Case[] = [
  {
    ...shared,
    operation: "the current vCPU goes on",
    args: [constant(32, 0)],
    when: [isArmed, isSome],
  },
  {
    ...shared,
    operation: "any other CPU",
    args: [cpu],
    when: [not(equal(cpu, constant(32, 0)))],
  },
];
