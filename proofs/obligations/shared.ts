// The functions that other proofs take as one step: each against the specification's steps.

import { systemTime as timeSteps } from "../../spec/clock.ts";
import { findArgument, locate as locateSteps, walk as walkSteps } from "../../spec/guest.ts";
import { p2mInvariants } from "../../spec/invariants/p2m.ts";
import { vcpuInvariants } from "../../spec/invariants/vcpu.ts";
import type { Word } from "../../spec/lang/word.ts";
import { translate } from "../../spec/p2m.ts";
import { findEarliest } from "../../spec/timer.ts";
import { DOMAINS, TIMER_GROUP, VCPUS } from "../../tcb/core/limits.ts";
import { type Term, variable } from "../term/index.ts";
import type { Block } from "./block.ts";
import { locate, openArgument, regrouped, systemTime, translation, walk } from "./blocks.ts";
import type { Case } from "./case.ts";
import { changeCase } from "./change.ts";
import { closing, lemmas } from "./lemmas.ts";
import { lemmaCase } from "./refine.ts";
import type { SymbolicTransaction } from "./symbolic.ts";
import { conditionOf, termOf, wordOf } from "./values.ts";

const vcpu = variable("argument.vcpu", 32);
const domain = variable("argument.domain", 32);
const linear = variable("argument.linear", 64);
const bytes = variable("argument.bytes", 32);
const write = variable("argument.write", 32);

/** A block's function does what the steps say, and gives what stands for it elsewhere. */
function blockCase(
  block: Block,
  args: readonly Term[],
  steps: (s: SymbolicTransaction, args: readonly Word[]) => readonly Word[],
  blocks: readonly Block[],
): Case {
  const [family, operation] = block.name.split("/") as [string, string];
  return {
    family,
    operation,
    function: block.name,
    args,
    given: (s) => [
      ...(args.includes(domain) ? ownDomain(s, args) : []),
      ...(args.includes(vcpu) ? [conditionOf(wordOf(vcpu).lt(VCPUS))] : []),
      ...(args.includes(write) ? [conditionOf(wordOf(write).le(1))] : []),
    ],
    steps: (s, words) => {
      const outputs = steps(s, words);
      if (block.finish === undefined) return outputs[0];
      return wordOf(block.finish(s.state, args, outputs.map(termOf)));
    },
    blocks,
    compares: (column) => column.table === "argument",
    reads: block.reads,
    invariants: [
      ...vcpuInvariants.filter(({ id }) => id === "INV-VCPU-1"),
      ...p2mInvariants.filter(({ id }) => id === "INV-P2M-1"),
    ],
  };
}

/** The domain exists, and is the vCPU's if there is one. */
function ownDomain(s: SymbolicTransaction, args: readonly Term[]): Term[] {
  const known = conditionOf(wordOf(domain).lt(DOMAINS));
  if (!args.includes(vcpu)) return [known];
  return [known, conditionOf(s.row("vcpu", wordOf(vcpu)).domain.eq(wordOf(domain)))];
}

const writes = (word: Word) => word.ne(0);

/** The blocks, then the lemmas; each may use those before it. */
export const sharedCases: readonly Case[] = [
  blockCase(systemTime, [], (s) => [timeSteps(s)], []),
  blockCase(
    locate,
    [vcpu, linear, write],
    (s, [a, b, c]) => [locateSteps(s, a!, b!, writes(c!))],
    [],
  ),
  blockCase(
    openArgument,
    [vcpu, linear, bytes, write],
    (s, [a, b, c, d]) => findArgument(s, a!, b!, c!, writes(d!)),
    [locate],
  ),
  blockCase(
    walk,
    [vcpu, domain, linear, write],
    (s, [a, , c, d]) => [walkSteps(s, a!, c!, writes(d!))],
    [],
  ),
  blockCase(
    translation,
    [domain, linear, write],
    (s, [a, b, c]) => [translate(s, a!, b!, writes(c!))],
    [],
  ),
  changeCase(regrouped, {
    args: [vcpu],
    given: () => [conditionOf(wordOf(vcpu).lt(VCPUS))],
    steps: (s, [a]) => {
      findEarliest(s, a!);
      return undefined;
    },
    unroll: TIMER_GROUP,
    invariants: [],
  }),
  ...[...lemmas, closing].map((lemma, at) =>
    lemmaCase(lemma, { blocks: [systemTime], lemmas: lemmas.slice(0, at) }),
  ),
];
