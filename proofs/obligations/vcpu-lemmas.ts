// Functions about vCPUs and their time that many operations share.

import { vcpuInvariants } from "../../spec/invariants/vcpu.ts";
import { suspendAll } from "../../spec/scheduler.ts";
import { updateGroup } from "../../spec/timer.ts";
import { DOMAINS, VCPUS } from "../../tcb/core/limits.ts";
import { variable } from "../term/index.ts";
import type { Lemma } from "./lemma.ts";
import { conditionOf } from "./values.ts";

const domain = variable("argument.domain", 32);
const vcpu = variable("argument.vcpu", 32);

const named = (...ids: readonly string[]) => vcpuInvariants.filter(({ id }) => ids.includes(id));

/** timer/updateGroup(vcpu). */
const deadlines: Lemma = {
  function: "timer/updateGroup",
  args: [vcpu],
  given: (_, [row]) => [conditionOf(row!.lt(VCPUS))],
  steps: (s, [row]) => {
    updateGroup(s, row!);
    return undefined;
  },
  unroll: 16,
  invariants: [],
};

/** domain/suspendAll(domain). */
const leaving: Lemma = {
  function: "domain/suspendAll",
  args: [domain],
  given: (_, [one]) => [conditionOf(one!.lt(DOMAINS))],
  steps: (s, [one]) => {
    suspendAll(s, one!);
    return undefined;
  },
  invariants: named("INV-VCPU-3"),
};

export const vcpuLemmas: readonly Lemma[] = [deadlines, leaving];
