// Boot's steps, from the exported door on, by how far boot has come.

import { bootStep } from "../../spec/boot.ts";
import { invariants } from "../../spec/invariants/index.ts";
import { apply, constant, equal, not, type Term, ult, variable } from "../term/index.ts";
import type { Case } from "./case.ts";
import { performed } from "./control.ts";
import { policyStep } from "./policy_load.ts";

const NOTHING = 0;
const STARTED = 1;
const LOADED = 3;
const ENDED = 4;
const ROW = constant(1, 0);

/** How far boot has come, where the policy is what comes next. */
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

const stage = (value: number): Term => constant(8, value);
const isNext = ult(initial("bootCommand", 32), initial("bootCommands", 32));

export const bootCases: readonly Case[] = [
  bootCase("the first step", stage(NOTHING), {}),
  bootCase("a step of memory", stage(STARTED), {}),
  bootCase("a step of the policy", finished, {
    when: [NOTHING, STARTED, LOADED, ENDED].map((value) => not(equal(finished, stage(value)))),
    blocks: [policyStep],
  }),
  bootCase("a command", stage(LOADED), { when: [isNext], blocks: [performed] }),
  bootCase("behind the last command", stage(LOADED), { when: [not(isNext)] }),
  bootCase("a step of the end", stage(ENDED), {}),
];
