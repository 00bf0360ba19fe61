// Boot's steps, from the exported door on, by how far boot has come.

import { bootStep } from "../../spec/boot.ts";
import { invariants } from "../../spec/invariants/index.ts";
import { apply, constant, equal, not, type Term, ult, variable } from "../term/index.ts";
import type { Case } from "./case.ts";
import { performed } from "./control.ts";
import { policyStep } from "./policy_load.ts";

const STARTED = 0;
const LOADED = 2;
const ROW = constant(1, 0);

/** How far boot has come, where that is neither nothing nor the commands. */
const finished = variable("finished", 8);
const initial = (name: string, bits: number): Term => apply(name, [ROW], bits);

function bootCase(operation: string, stage: Term, own: Partial<Case>): Case {
  return {
    family: "boot",
    operation,
    function: "boot",
    args: [],
    selects: stage,
    prepare: (state) => state.write("bootFinished", ROW, stage),
    given: () => [],
    steps: bootStep,
    invariants,
    ...own,
  };
}

export const bootCases: readonly Case[] = [
  bootCase("a step of the policy", finished, {
    when: [STARTED, LOADED].map((stage) => not(equal(finished, constant(8, stage)))),
    blocks: [policyStep],
  }),
  bootCase("a command", constant(8, LOADED), {
    when: [ult(initial("bootCommand", 32), initial("bootCommands", 32))],
    blocks: [performed],
  }),
];
