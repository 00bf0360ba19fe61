// Privileged operations, by the number of the command; and the hypercall that brings one.

import * as abi from "../../spec/abi.ts";
import { perform } from "../../spec/control_op.ts";
import { invariants } from "../../spec/invariants/index.ts";
import { DOMAIN_DYING } from "../../spec/states.ts";
import { teardownStep } from "../../spec/teardown.ts";
import { DOMAINS, LABELS } from "../../tcb/core/limits.ts";
import { constant, equal, not, type Term, truncate, variable } from "../term/index.ts";
import type { Block } from "./block.ts";
import { openArgument, systemTime } from "./blocks.ts";
import { hypercallCase } from "./entry.ts";
import { memoryLemmas } from "./frame.ts";
import { closing, lemmas } from "./lemmas.ts";
import type { Case } from "./refine.ts";
import type { SymbolicTransaction } from "./symbolic.ts";
import { conditionOf, wordOf } from "./values.ts";

/** The numbers of docs/boot-pack.md. */
const commands: Readonly<Record<string, number>> = {
  create: 1,
  "populate superframe": 2,
  reserve: 3,
  populate: 4,
  copy: 5,
  parameter: 6,
  console: 7,
  context: 8,
  unpause: 9,
  schedule: 10,
  slot: 11,
  region: 12,
  pause: 13,
  resume: 14,
  destroy: 15,
};

/** control_op/perform: any command; the cases of this family say what each is. */
const performed: Block = {
  name: "control_op/perform",
  outputs: [64],
  reads: () => true,
  writes: () => true,
};

/** teardown/teardownStep: a step of any stage; the cases of teardown say what each is. */
const tornDown: Block = {
  name: "teardown/teardownStep",
  outputs: [64],
  reads: () => true,
  writes: () => true,
};

const caller = variable("caller", 32);
const source = variable("source", 64);
const command = variable("command", 32);

/** A command is carried out for somebody with a label. */
const entered = (s: SymbolicTransaction): Term[] =>
  [wordOf(caller).lt(LABELS), s.row("cpu", 0).current.le(256)].map(conditionOf);

function commandCase(operation: string, number: Term, own: Partial<Case>): Case {
  return {
    family: "control",
    operation,
    function: "control_op/perform",
    args: [caller, source],
    prepare: (state) => state.write("commandOperation", constant(1, 0), number),
    selects: number,
    given: entered,
    steps: (s, [label, place]) => s.attempt(() => perform(s, label!, place!)),
    blocks: [systemTime, tornDown],
    lemmas: [...lemmas, ...memoryLemmas],
    invariants,
    ...own,
  };
}

export const controlCases: readonly Case[] = [
  hypercallCase(
    { number: abi.HYPERVISOR_control },
    { family: "control", operation: "call", blocks: [openArgument, performed] },
  ),
  ...Object.entries(commands).map(([name, number]) => commandCase(name, constant(32, number), {})),
  commandCase("any other command", command, {
    when: Object.values(commands).map((one) => not(equal(command, constant(32, one)))),
  }),
];

const stages = ["ports", "handles", "vcpus", "leaves", "directory", "memory", "row"];
const domain = variable("domain", 32);

export const teardownCases: readonly Case[] = stages.map((operation, stage) => ({
  family: "teardown",
  operation,
  function: "teardown/teardownStep",
  args: [domain],
  prepare: (state) => state.write("domainTeardownStage", truncate(domain, 6), constant(8, stage)),
  given: (s) => {
    const row = s.row("domain", wordOf(domain));
    return [wordOf(domain).lt(DOMAINS), wordOf(domain).ne(0), row.state.eq(DOMAIN_DYING)].map(
      conditionOf,
    );
  },
  steps: (s, [one]) => s.attempt(() => teardownStep(s, one!)),
  blocks: [systemTime],
  lemmas: [...lemmas, ...memoryLemmas, closing],
  invariants,
}));
