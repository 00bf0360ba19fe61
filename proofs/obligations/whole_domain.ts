// What is done to all vCPUs of a domain, as one step: the code's rounds are executed in the step's
// own proof alone, and elsewhere what matters of one vCPU is known.

import { unpauseDomain } from "../../spec/domain.ts";
import { vcpuInvariants } from "../../spec/invariants/vcpu.ts";
import type { Transaction } from "../../spec/lang/transaction.ts";
import type { Bool, Word } from "../../spec/lang/word.ts";
import { suspendAll } from "../../spec/scheduler.ts";
import { DOMAIN_RUNNING, VCPU_RUNNABLE } from "../../spec/states.ts";
import { DOMAINS, VCPUS_PER_DOMAIN } from "../../tcb/core/limits.ts";
import { constant, type Term, truncate, variable } from "../term/index.ts";
import type { State } from "../wasm/index.ts";
import type { Block } from "./block.ts";
import type { Case } from "./case.ts";
import { changeCase } from "./change.ts";
import { emptyContext, SymbolicTransaction } from "./symbolic.ts";
import { conditionOf, wordOf } from "./values.ts";

const domain = variable("argument.domain", 32);

/** Is the vCPU in the choice? */
const isChosen = (s: Transaction, vcpu: Word): Bool =>
  s.row("runnable", vcpu.shr(6)).word.bit(vcpu.and(63).wide());

/** Is the vCPU the one that the domain has under the vCPU's number? */
function isNamed(s: Transaction, domain: Word, vcpu: Word): Bool {
  const { id } = s.row("vcpu", vcpu);
  const inRange = id.lt(VCPUS_PER_DOMAIN);
  const entry = s.row("domainVcpu", domain, inRange.choose(id, 0)).row;
  return inRange.and(entry.eq(vcpu.add(1)));
}

const relies = vcpuInvariants.filter(({ id }) => ["INV-VCPU-3", "INV-VCPU-4"].includes(id));

const isDomain = (state: State, inputs: readonly Term[]): Term[] => {
  const s = new SymbolicTransaction(state.clone(), emptyContext());
  return [conditionOf(wordOf(inputs[0]!).lt(s.word32(DOMAINS)))];
};

/** The vCPU's numbers in parts of so many: in each, most of the domain's others do not matter. */
const PART_BITS = 2;
const PARTS = VCPUS_PER_DOMAIN >> PART_BITS;

const DOMAIN_BITS = Math.log2(DOMAINS);
const suspends: ReadonlySet<string> = new Set(["runnableWord", "cpuReschedule", "clockArmed"]);

/** domain/suspendAll(domain). */
export const suspended: Block = {
  name: "domain/suspendAll",
  outputs: [],
  reads: ({ name }) => name === "domainVcpuRow" || suspends.has(name),
  writes: ({ name }) => suspends.has(name),
  given: isDomain,
  relies,
  promises: [
    {
      says: "leaves no vCPU of the domain in the choice, and others as they are",
      table: "vcpu",
      holds: (before, after, [one], vcpu) => {
        const stays = isChosen(before, vcpu!).and(isNamed(before, one!, vcpu!).not());
        return isChosen(after, vcpu!).same(stays);
      },
    },
  ],
};

const joins: ReadonlySet<string> = new Set(["vcpuState", "vcpuDomain", "domainState"]);

/** domain/unpauseDomain(domain). */
export const unpaused: Block = {
  name: "domain/unpauseDomain",
  outputs: [],
  reads: ({ name }) => ["domainVcpuRow", "runnableWord"].includes(name) || joins.has(name),
  writes: ({ name }) => name === "runnableWord",
  given: isDomain,
  relies,
  leaves: (state, inputs) => {
    const row = truncate(inputs[0]!, DOMAIN_BITS);
    state.write("domainState", row, constant(8, DOMAIN_RUNNING));
  },
  promises: [
    {
      says: "puts runnable vCPUs of the domain into the choice, and leaves others",
      table: "vcpu",
      holds: (before, after, [one], vcpu) => {
        const isRunnable = before.row("vcpu", vcpu!).state.eq(VCPU_RUNNABLE);
        const joined = isNamed(before, one!, vcpu!).and(isRunnable);
        return isChosen(after, vcpu!).same(isChosen(before, vcpu!).or(joined));
      },
      situations: (before, vcpu) =>
        Array.from({ length: PARTS }, (_, at) => {
          const { id } = before.row("vcpu", vcpu!);
          return id.shr(PART_BITS).eq(at);
        }),
    },
  ],
};

function wholeDomainCase(block: Block, steps: (s: Transaction, one: Word) => void): Case {
  return changeCase(block, {
    args: [domain],
    given: () => [conditionOf(wordOf(domain).lt(DOMAINS))],
    steps: (s, [one]) => {
      steps(s, one!);
      return undefined;
    },
    invariants: relies,
  });
}

export const wholeDomainCases: readonly Case[] = [
  wholeDomainCase(suspended, suspendAll),
  wholeDomainCase(unpaused, unpauseDomain),
];
