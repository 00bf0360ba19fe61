// selectVcpu, from the exported door on. Of the first CPU, what is shown are the timers that fire
// (loops.ts); the choice and the composition are compared by random situations alone.

import { invariants } from "../../spec/invariants/index.ts";
import { selectVcpu } from "../../spec/select.ts";
import { constant, equal, not, variable } from "../term/index.ts";
import type { Case } from "./refine.ts";

const cpu = variable("cpu", 32);

export const selectCases: readonly Case[] = [
  {
    family: "select",
    operation: "any CPU but the first",
    function: "selectVcpu",
    args: [cpu],
    when: [not(equal(cpu, constant(32, 0)))],
    given: () => [],
    steps: (s, [number]) => selectVcpu(s, number!),
    invariants,
  },
];
