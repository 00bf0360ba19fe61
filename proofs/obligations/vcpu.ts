// What makes a vCPU's row, and what takes it back, from those functions on.

import { invariants } from "../../spec/invariants/index.ts";
import { createVcpu, forgetVcpu } from "../../spec/vcpu.ts";
import { DOMAINS, VCPUS, VCPUS_PER_DOMAIN } from "../../tcb/core/limits.ts";
import { variable } from "../term/index.ts";
import { regrouped, systemTime } from "./blocks.ts";
import type { Case } from "./case.ts";
import { lemmas } from "./lemmas.ts";
import { conditionOf, wordOf } from "./values.ts";

const vcpu = variable("argument.vcpu", 32);
const domain = variable("argument.domain", 32);
const id = variable("argument.id", 32);

/** What holds between two calls; rows that are half made are whole again behind their caller. */
const ofRanges = invariants.filter(({ id }) => ["INV-VCPU-1", "INV-VCPU-4"].includes(id));

const shared = {
  family: "vcpu",
  blocks: [systemTime, regrouped],
  lemmas,
  invariants: ofRanges,
} satisfies Partial<Case>;

export const vcpuCases: readonly Case[] = [
  {
    ...shared,
    operation: "create",
    function: "vcpu/createVcpu",
    args: [vcpu, domain, id],
    given: () =>
      [wordOf(vcpu).lt(VCPUS), wordOf(domain).lt(DOMAINS), wordOf(id).lt(VCPUS_PER_DOMAIN)].map(
        conditionOf,
      ),
    steps: (s, [row, owner, number]) => {
      createVcpu(s, row!, owner!, number!);
      return undefined;
    },
  },
  {
    ...shared,
    operation: "forget",
    function: "vcpu/forgetVcpu",
    args: [vcpu],
    given: () => [conditionOf(wordOf(vcpu).lt(VCPUS))],
    steps: (s, [row]) => {
      forgetVcpu(s, row!);
      return undefined;
    },
  },
];
