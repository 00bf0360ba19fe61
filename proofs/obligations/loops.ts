// Loops over vCPUs, by rounds: the timers of a group, and the targets of an interrupt command.

import { invariants } from "../../spec/invariants/index.ts";
import { command, commands } from "../../spec/local_apic.ts";
import { expireGroup, expireOne, firstOfGroup } from "../../spec/timer.ts";
import { DOMAINS, TIMER_GROUP, VCPUS, VCPUS_PER_DOMAIN } from "../../tcb/core/limits.ts";
import { constant, type Term, ult, variable } from "../term/index.ts";
import type { Block } from "./block.ts";
import { regrouped, systemTime } from "./blocks.ts";
import type { Case } from "./case.ts";
import { lemmas } from "./lemmas.ts";
import type { Rounds } from "./rounds.ts";
import { conditionOf, wordOf } from "./values.ts";

const round = variable("round", 32);
const now = variable("argument.now", 64);
const vcpu = variable("argument.vcpu", 32);
const value = variable("argument.value", 64);

const isBelow = (number: Term, count: number): Term => ult(number, constant(32, count));

/** What waking a vCPU changes. */
const waking = new Set([
  "vcpuState",
  "vcpuPolling",
  "vcpuPollDeadline",
  "vcpuRunstate",
  "vcpuRunstateSince",
  "vcpuTimeSpent",
  "runnableWord",
]);
const firing = new Set([...waking, "vcpuDeadline", "vcpuPeriodicNext", "vcpuAttention"]);

/** timer/expire's loop over the vCPUs of a group. */
export const expiry: Rounds = {
  block: {
    name: "timer/rounds",
    outputs: [],
    reads: () => true,
    writes: ({ name }) => firing.has(name),
    keepsInvariants: true,
  },
  calls: ["event/raise", "timer/expireOne"],
  count: TIMER_GROUP,
};

const grouped = new Set(["timerGroupDeadline", "timersDeadline", "timersGroup", "clockArmed"]);

/** timer/expire(now). */
export const expired: Block = {
  name: "timer/expire",
  outputs: [],
  reads: () => true,
  writes: ({ name }) => firing.has(name) || grouped.has(name),
  keepsInvariants: true,
};

/** What a command may change of its target, besides its whole state. */
const commanding = new Set([
  ...waking,
  "vcpuAttention",
  "vcpuNmi",
  "vcpuAwaitsStartup",
  "domainOnline",
  "cpuReschedule",
  "clockArmed",
]);
const reset = new Set(["apic", "apicRequest", "apicService", "vmcb", "gpr", "state"]);

/** local_apic/command's loop over the caller's vCPUs. */
export const commanded: Rounds = {
  block: {
    name: "local_apic/rounds",
    outputs: [],
    reads: () => true,
    writes: ({ name, table }) => commanding.has(name) || reset.has(table),
    keepsInvariants: true,
  },
  calls: ["local_apic/deliver"],
  count: VCPUS_PER_DOMAIN,
};

const shared = { blocks: [systemTime, regrouped], lemmas, invariants } satisfies Partial<Case>;

export const loopCases: readonly Case[] = [
  {
    ...shared,
    family: "timer",
    operation: "a round of expire",
    function: "timer/expire",
    args: [now],
    round: { of: expiry, counter: round },
    given: () => [isBelow(round, expiry.count)],
    steps: (s, [time]) => {
      expireOne(s, firstOfGroup(s).add(wordOf(round)), time!);
      return undefined;
    },
    writes: expiry.block.writes,
  },
  {
    ...shared,
    family: "timer",
    operation: "expire",
    function: "timer/expire",
    args: [now],
    rounds: [expiry],
    given: () => [],
    steps: (s, [time]) => {
      expireGroup(s, time!);
      return undefined;
    },
    writes: expired.writes,
  },
  {
    ...shared,
    family: "local_apic",
    operation: "a round of command",
    function: "local_apic/command",
    args: [vcpu, value],
    round: { of: commanded, counter: round },
    given: (s) => [
      isBelow(round, commanded.count),
      isBelow(vcpu, VCPUS),
      conditionOf(s.row("vcpu", wordOf(vcpu)).domain.lt(DOMAINS)),
    ],
    steps: (s, [row, what]) => {
      command(s, row!, what!, wordOf(round));
      return undefined;
    },
    writes: commanded.block.writes,
  },
  {
    ...shared,
    family: "local_apic",
    operation: "command",
    function: "local_apic/command",
    args: [vcpu, value],
    rounds: [commanded],
    given: () => [isBelow(vcpu, VCPUS)],
    steps: (s, [row, what]) => {
      commands(s, row!, what!);
      return undefined;
    },
    writes: commanded.block.writes,
  },
];
