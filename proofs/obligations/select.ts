// selectVcpu, from the exported door on: the timers that fire (loops.ts), the choice, the way into
// the guest.

import { closeAccounts } from "../../spec/domain.ts";
import { invariants } from "../../spec/invariants/index.ts";
import type { Word } from "../../spec/lang/word.ts";
import { chooseNext, lowestFrom, NOBODY, SCHEDULE_FIXED } from "../../spec/scheduler.ts";
import { lookAround, selectVcpu } from "../../spec/select.ts";
import { columns } from "../../tcb/core/layout.ts";
import {
  DOMAINS,
  RUNNABLE_WORDS,
  SCHEDULE_SLOTS,
  VCPUS,
  VCPUS_PER_DOMAIN,
} from "../../tcb/core/limits.ts";
import {
  and,
  apply,
  concat,
  constant,
  equal,
  not,
  postorder,
  type Term,
  truncate,
  ult,
  variable,
  zeroExtend,
} from "../term/index.ts";
import { indexWidth, initialValue } from "../wasm/index.ts";
import type { Block } from "./block.ts";
import { systemTime } from "./blocks.ts";
import type { Case } from "./case.ts";
import { changeCase } from "./change.ts";
import type { Lemma } from "./lemma.ts";
import { expired } from "./loops.ts";
import { lemmaCase } from "./refine.ts";
import type { Rounds } from "./rounds.ts";
import { conditionOf, wordOf } from "./values.ts";

const cpu = variable("cpu", 32);
const now = variable("argument.now", 64);

const choosing: ReadonlySet<string> = new Set([
  "cpuReschedule",
  "cpuSliceEnd",
  "scheduleSlot",
  "scheduleSlotEnd",
  "scheduleLast",
]);
const looked: ReadonlySet<string> = new Set([
  "scheduleKind",
  "scheduleSlots",
  "scheduleSliceNanoseconds",
  "slotDomain",
  "slotNanoseconds",
  "runnableWord",
  "domainVcpuRow",
  "vcpuDomain",
  "domainWeight",
]);

/** scheduler/choose(now): who runs, and until when. */
export const chosen: Block = {
  name: "scheduler/choose",
  outputs: [32],
  reads: ({ name }) => choosing.has(name) || looked.has(name),
  writes: ({ name }) => choosing.has(name),
  keepsInvariants: true,
  promises: [
    {
      says: "chooses a vCPU row, or nobody",
      table: "schedule",
      holds: (_before, _after, [, next]) => next!.lt(VCPUS).or(next!.eq(NOBODY)),
    },
  ],
};

const accounts: ReadonlySet<string> = new Set([
  "vcpuTimeSpent",
  "vcpuRunstate",
  "vcpuRunstateSince",
]);

/** The loop over all domains at the machine's end: their accounts are closed. */
const ended: Rounds = {
  block: {
    name: "domain/rounds",
    outputs: [],
    reads: () => true,
    writes: ({ name, table }) => accounts.has(name) || table === "scratch",
    keepsInvariants: true,
  },
  calls: ["domain/report"],
  count: DOMAINS,
};

const current = variable("argument.current", 32);
const isCurrent = (row: Word) => row.lt(VCPUS).or(row.eq(NOBODY));

const switched: ReadonlySet<string> = new Set(["cpuCurrent", "cpuStateOwner", "clockArmed"]);

/** select/look(current): timers that are due, and who runs next. */
const lookedAround: Block = {
  name: "select/look",
  outputs: [32],
  reads: () => true,
  writes: (column) =>
    [expired, chosen, ended.block].some((part) => part.writes(column)) || switched.has(column.name),
  given: (_, [row]) => [conditionOf(isCurrent(wordOf(row!)))],
  keepsInvariants: true,
  promises: [
    {
      says: "gives a vCPU row, or nobody",
      table: "schedule",
      holds: (_before, _after, [, next]) => isCurrent(next!),
    },
  ],
};

/** What choices say of themselves stands with the one row of the schedule. */
const about = () => [{ table: "schedule", index: constant(1, 0) }];

const round = variable("round", 32);

const wholeCases: readonly Case[] = [
  {
    family: "select",
    operation: "a round of the end",
    function: "select/look",
    args: [current],
    round: { of: ended, counter: round },
    given: () => [conditionOf(isCurrent(wordOf(current)).and(wordOf(round).lt(DOMAINS)))],
    steps: (s) => {
      closeAccounts(s, wordOf(round));
      return undefined;
    },
    blocks: [systemTime, expired, chosen],
    unroll: DOMAINS,
    writes: ended.block.writes,
    invariants,
  },
  changeCase(lookedAround, {
    args: [current],
    given: () => [conditionOf(isCurrent(wordOf(current)))],
    steps: (s, [row]) => lookAround(s, row!),
    blocks: [systemTime, expired, chosen],
    rounds: [ended],
    unroll: DOMAINS,
    about,
    invariants,
  }),
  {
    family: "select",
    operation: "the first CPU",
    function: "selectVcpu",
    args: [constant(32, 0)],
    given: () => [],
    steps: (s, [number]) => selectVcpu(s, number!),
    blocks: [lookedAround],
    about,
    invariants,
  },
];

const first = variable("argument.first", 32);

/** scheduler/runnableFrom(first). */
const lowest: Lemma = {
  function: "scheduler/runnableFrom",
  args: [first],
  given: (_, [from]) => [conditionOf(from!.lt(VCPUS))],
  steps: (s, [from]) => lowestFrom(s, from!),
  invariants: [],
};

/** Its loop begins at the word that the first row is in: a case for each. */
const lowestCases: readonly Case[] = Array.from({ length: RUNNABLE_WORDS }, (_, word) => {
  const from = concat(constant(Math.log2(RUNNABLE_WORDS), word), variable("argument.bit", 6));
  const own = { args: [zeroExtend(from, 32)], given: () => [] };
  return lemmaCase(lowest, { ...own, operation: `runnableFrom in word ${word}` });
});

const kind = apply("scheduleKind", [constant(1, 0)], 8);
const slotEnd = apply("scheduleSlotEnd", [constant(1, 0)], 64);

/** What a column holds before, in the row of a number. */
function before(name: string, row: Term): Term {
  const column = columns.find((one) => one.name === name)!;
  return initialValue(column, truncate(row, indexWidth(column)));
}

const inSlot = before("slotDomain", before("scheduleSlot", constant(1, 0)));
const inSlotBits = truncate(inSlot, Math.log2(DOMAINS));
/** The slot's domain has no vCPU. */
const isEmpty = and(
  ...Array.from({ length: VCPUS_PER_DOMAIN }, (_, id) => {
    const entry = concat(inSlotBits, constant(Math.log2(VCPUS_PER_DOMAIN), id));
    return equal(before("domainVcpuRow", entry), constant(16, 0));
  }),
);
/** The slot that was current still is. */
const isInSlot = ult(now, slotEnd);
const isFixed = equal(kind, constant(8, SCHEDULE_FIXED));

/** Which slot it is depends on the time, and who is nearest on who was last; that there is
 *  one depends on neither. */
const isOfOrder = (condition: Term): boolean => {
  if (condition.operator !== "ult") return false;
  const [left] = condition.operands as [Term, Term];
  if (left.width === 64) return true;
  const isDistance = left.operator === "zeroExtend";
  return isDistance && postorder([left]).some((one) => one.name === "scheduleLast");
};

const choice = {
  args: [now],
  given: () => [],
  lemmas: [lowest],
  steps: (s, [time]) => chooseNext(s, time!),
  invariants,
} satisfies Pick<Case, "args" | "given" | "steps" | "invariants"> & Partial<Case>;

const chosenCases: readonly Case[] = [
  changeCase(chosen, {
    ...choice,
    operation: "choose in fixed slots",
    when: [isFixed],
    unroll: SCHEDULE_SLOTS,
    blind: isOfOrder,
    witness: and(isInSlot, isEmpty),
  }),
  changeCase(chosen, { ...choice, operation: "choose by weight", when: [not(isFixed)] }),
];

export const selectCases: readonly Case[] = [
  ...lowestCases,
  ...chosenCases,
  ...wholeCases,
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
