// selectVcpu, from the exported door on: the timers that fire (loops.ts), the choice, the way into
// the guest.

import { invariants } from "../../spec/invariants/index.ts";
import { chooseNext, lowestFrom, NOBODY, SCHEDULE_FIXED } from "../../spec/scheduler.ts";
import { selectVcpu } from "../../spec/select.ts";
import { SCHEDULE_SLOTS, VCPUS } from "../../tcb/core/limits.ts";
import {
  apply,
  concat,
  constant,
  equal,
  not,
  postorder,
  type Term,
  variable,
  zeroExtend,
} from "../term/index.ts";
import type { Block } from "./block.ts";
import { changeCase } from "./change.ts";
import type { Lemma } from "./lemma.ts";
import { type Case, lemmaCase } from "./refine.ts";
import { conditionOf } from "./values.ts";

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
const lowestCases: readonly Case[] = [0, 1, 2, 3].map((word) => {
  const from = concat(constant(2, word), variable("argument.bit", 6));
  const own = { args: [zeroExtend(from, 32)], given: () => [] };
  return lemmaCase(lowest, { ...own, operation: `runnableFrom in word ${word}` });
});

const kind = apply("scheduleKind", [constant(1, 0)], 8);
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

/** A fixed schedule, and any other. */
const chosenCases: readonly Case[] = (
  [
    ["choose in fixed slots", isFixed],
    ["choose by weight", not(isFixed)],
  ] as const
).map(([operation, when]) =>
  changeCase(chosen, {
    operation,
    when: [when],
    args: [now],
    given: () => [],
    lemmas: [lowest],
    unroll: SCHEDULE_SLOTS,
    blind: isOfOrder,
    steps: (s, [time]) => chooseNext(s, time!),
    invariants,
  }),
);

export const selectCases: readonly Case[] = [
  ...lowestCases,
  ...chosenCases,
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
