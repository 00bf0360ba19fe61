// Privileged operations, by the number of the command; and the hypercall that brings one.

import * as abi from "../../spec/abi.ts";
import { perform } from "../../spec/control_op.ts";
import { invariants } from "../../spec/invariants/index.ts";
import type { Word } from "../../spec/lang/word.ts";
import { DOMAIN_DYING } from "../../spec/states.ts";
import { teardownStep } from "../../spec/teardown.ts";
import { DOMAINS, LABELS, VCPUS } from "../../tcb/core/limits.ts";
import { constant, equal, not, type Term, truncate, variable } from "../term/index.ts";
import type { Column, State } from "../wasm/index.ts";
import type { Block } from "./block.ts";
import { openArgument, regrouped, systemTime } from "./blocks.ts";
import type { Case } from "./case.ts";
import { countClaims } from "./counts.ts";
import { hypercallCase } from "./entry.ts";
import { memoryLemmas } from "./frame.ts";
import type { Seed } from "./instances.ts";
import { lemmas } from "./lemmas.ts";
import { narrow } from "./ownership.ts";
import { policyClaims, policyStep } from "./policy_load.ts";
import { emptyContext, SymbolicTransaction } from "./symbolic.ts";
import { conditionOf, termOf, wordOf } from "./values.ts";
import { suspended, unpaused } from "./whole_domain.ts";

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
  xsave: 16,
  "load policy": 17,
  channel: 18,
  grant: 19,
  ports: 20,
  background: 21,
  info: 22,
  "vCPU info": 23,
};

/** The specification's look at a state. */
function lookAt(state: State): SymbolicTransaction {
  const copy = state.clone();
  copy.record = state.record.successor();
  return new SymbolicTransaction(copy, emptyContext());
}

/** A command is carried out for somebody with a label. */
const entered = (s: SymbolicTransaction, label: Term): Term[] =>
  [wordOf(label).lt(LABELS), s.row("cpu", 0).current.le(VCPUS)].map(conditionOf);

/** A teardown is of a domain that is being destroyed. */
const dying = (s: SymbolicTransaction, owner: Term): Term[] => {
  const word = wordOf(owner);
  const inRange = word.lt(DOMAINS).and(word.ne(0));
  const row = s.row("domain", inRange.choose(word, 0));
  return [inRange, row.state.eq(DOMAIN_DYING)].map(conditionOf);
};

/** A command leaves alone which one it is, and where its caller's row lies. */
const leavesCall = ({ table, name }: Column): boolean =>
  table !== "argument" && name !== "commandOperation";

/** control_op/perform: any command; the cases of this family say what each is. */
export const performed: Block = {
  name: "control_op/perform",
  outputs: [64],
  reads: () => true,
  writes: leavesCall,
  given: (state, [label]) => entered(lookAt(state), label!),
  keepsInvariants: true,
};

/** teardown/teardownStep: a step of any stage; the cases of teardown say what each is. */
const tornDown: Block = {
  name: "teardown/teardownStep",
  outputs: [64],
  reads: () => true,
  writes: leavesCall,
  given: (state, [owner]) => dying(lookAt(state), owner!),
  keepsInvariants: true,
};

const caller = variable("caller", 32);
const source = variable("source", 64);
const command = variable("command", 32);

function commandCase(operation: string, number: Term, own: Partial<Case>): Case {
  return {
    family: "control",
    operation,
    function: "control_op/perform",
    args: [caller, source],
    prepare: (state) => state.write("commandOperation", constant(1, 0), number),
    selects: number,
    given: (s) => entered(s, caller),
    steps: (s, [label, place]) => s.attempt(() => perform(s, label!, place!)),
    blocks: [systemTime, regrouped, tornDown, suspended, unpaused, policyStep],
    lemmas: [...lemmas, ...memoryLemmas],
    invariants,
    claims: countClaims,
    writes: leavesCall,
    ...own,
  };
}

/** A step of a teardown is a case of its own, with its counts. */
const own: Readonly<Record<string, Partial<Case>>> = {
  destroy: { claims: () => [] },
  // It looks through all rows of vCPUs.
  create: { finds: true },
  // Its loops sum up: they are run round by round.
  info: { unroll: 32 },
  "load policy": { claims: policyClaims(caller) },
};

export const controlCases: readonly Case[] = [
  hypercallCase(
    { number: abi.HYPERVISOR_control },
    {
      family: "control",
      operation: "call",
      commands: true,
      blocks: [openArgument, performed],
      split: ["CONTROL-CALL-3", "CONTROL-REPLY-1"],
    },
  ),
  ...Object.entries(commands).map(([name, number]) =>
    commandCase(name, constant(32, number), own[name] ?? {}),
  ),
  commandCase("any other command", command, {
    when: Object.values(commands).map((one) => not(equal(command, constant(32, one)))),
  }),
];

const stages = ["ports", "handles", "vcpus", "leaves", "directory", "memory", "row"];
const domain = variable("domain", 32);

/** A dying domain's ports are closed without regard to its console. */
const ofDying = lemmas.filter((lemma) => lemma.function !== "event_channel/lowestOpen");

/** Bits of a port's number in the number of its row. */
const PORT_BITS = 12;

/** The port that the code's bitmap leads to, of the 64 that the teardown has come to. */
function markedPort(s: SymbolicTransaction, [owner]: readonly Word[]): readonly Seed[] {
  const word = s.row("domain", owner!).teardownRow.and(63);
  const used = s.row("portUsed", owner!, word).word;
  const open = word.eq(0).choose(used.without(1), used);
  return portRow(owner!, word.shl(6).or(open.lowestBit().low().and(63)));
}

const portRow = (owner: Word, port: Word): readonly Seed[] => {
  const index = owner.shl(PORT_BITS).or(port);
  return [{ table: "port", index: truncate(termOf(index), PORT_BITS + Math.log2(DOMAINS)) }];
};

/** Rows that the stages are about besides those that they touch. */
const about: Readonly<Record<string, NonNullable<Case["about"]>>> = {
  ports: markedPort,
  row: (s, [owner]) => portRow(owner!, s.word32(1)),
};

export const teardownCases: readonly Case[] = stages.map((operation, stage) => ({
  family: "teardown",
  operation,
  function: "teardown/teardownStep",
  args: [domain],
  prepare: (state) => state.write("domainTeardownStage", narrow(domain), constant(8, stage)),
  given: (s) => dying(s, domain),
  steps: (s, [one]) => s.attempt(() => teardownStep(s, one!)),
  writes: leavesCall,
  blocks: [systemTime, regrouped],
  lemmas: [...ofDying, ...memoryLemmas],
  invariants,
  claims: countClaims,
  ...(about[operation] === undefined ? {} : { about: about[operation] }),
}));
