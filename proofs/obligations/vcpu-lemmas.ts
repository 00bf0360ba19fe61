// Functions about vCPUs and their time that many operations share.

import { putByte } from "../../spec/console.ts";
import type { Transaction } from "../../spec/lang/transaction.ts";
import type { Word } from "../../spec/lang/word.ts";
import { clearRegisters, clearState, resetApic } from "../../spec/vcpu.ts";
import { DOMAINS, VCPUS } from "../../tcb/core/limits.ts";
import { variable } from "../term/index.ts";
import type { Lemma } from "./lemma.ts";
import { conditionOf } from "./values.ts";

const domain = variable("argument.domain", 32);
const vcpu = variable("argument.vcpu", 32);

/** A function of one vCPU row and no invariant. */
const ofVcpu = (name: string, steps: (s: Transaction, row: Word) => void): Lemma => ({
  function: name,
  args: [vcpu],
  given: (_, [row]) => [conditionOf(row!.lt(VCPUS))],
  steps: (s, [row]) => {
    steps(s, row!);
    return undefined;
  },
  invariants: [],
});

/** vcpu/clearRegisters(vcpu), vcpu/clearState(vcpu), local_apic/resetApic(vcpu). */
const clearing: readonly Lemma[] = [
  ofVcpu("vcpu/clearRegisters", clearRegisters),
  ofVcpu("vcpu/clearState", clearState),
  ofVcpu("local_apic/resetApic", resetApic),
];

/** console/putByte(domain, byte). */
export const putting: Lemma = {
  function: "console/putByte",
  args: [domain, variable("argument.byte", 32)],
  given: (_, [one, byte]) => [one!.lt(DOMAINS), byte!.lt(256)].map(conditionOf),
  steps: (s, [one, byte]) => {
    putByte(s, one!, byte!);
    return undefined;
  },
  invariants: [],
};

export const vcpuLemmas: readonly Lemma[] = clearing;
