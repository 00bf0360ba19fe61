// selectVcpu, from the exported door on: who runs next, and what is delivered to it.

import { invariants } from "../../spec/invariants/index.ts";
import { selectVcpu } from "../../spec/select.ts";
import { constant, equal, not, variable } from "../term/index.ts";
import type { State } from "../wasm/index.ts";
import { systemTime, translation } from "./blocks.ts";
import { lemmas } from "./lemmas.ts";
import type { Case } from "./refine.ts";
import { conditionOf } from "./values.ts";

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

const ROW = constant(3, 0);

/** Nothing has changed what the machine's timer is armed for. */
function isArmed(state: State): void {
  state.assume(not(equal(state.read("cpuCurrent", ROW), constant(32, 0))));
  state.assume(not(equal(state.read("clockArmed", constant(1, 0)), constant(64, 0))));
}

export const selectCases: readonly Case[] = [
  {
    ...shared,
    operation: "the current vCPU goes on",
    args: [constant(32, 0)],
    prepare: isArmed,
    given: (s) => [
      conditionOf(s.row("cpu", 0).current.ne(0)),
      conditionOf(s.row("clock").armed.ne(0)),
    ],
  },
  {
    ...shared,
    operation: "any other CPU",
    args: [cpu],
    when: [not(equal(cpu, constant(32, 0)))],
  },
];
