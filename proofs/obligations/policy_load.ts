// A step of loading a policy, as the command and boot take it; and the check of a row of labels,
// which it takes as one step.

import { invariants } from "../../spec/invariants/index.ts";
import { loadStep, rowGood as rowSteps } from "../../spec/policy_load.ts";
import { INITIAL_XEN, XENOLITH_LOAD_POLICY } from "../../spec/xsm.ts";
import { LABEL_NAME_BYTES, LABELS, POLICY_BYTES } from "../../tcb/core/limits.ts";
import { constant, equal, or, type Term, truncate, variable } from "../term/index.ts";
import { type Column, indexWidth, type State } from "../wasm/index.ts";
import type { Block } from "./block.ts";
import type { Case, Claim } from "./case.ts";
import { changeCase } from "./change.ts";
import { allows, LABEL_BITS } from "./flows.ts";
import { conditionOf, wordOf } from "./values.ts";

const at = variable("argument.at", 32);
const labels = variable("argument.labels", 32);
const source = variable("argument.source", 64);
const bytes = variable("argument.bytes", 64);

/** Rows of labels begin at multiples of their size. */
const isRow = (place: Term): Term => {
  const word = wordOf(place);
  return conditionOf(word.le(POLICY_BYTES - LABELS).and(word.and(LABELS - 1).eq(0)));
};

/** policy_load/rowGood(at, labels): 1 if 128 bytes of the copy are labels. */
export const rowGood: Block = {
  name: "policy_load/rowGood",
  outputs: [32],
  reads: ({ table }) => table === "staged",
  writes: () => false,
  given: (_: State, [place]: readonly Term[]) => [isRow(place!)],
  promises: [
    {
      says: "finds no byte that is no label",
      table: "staged",
      holds: (before, _, [place, count, good], key) => {
        const one = place!.add(key!.and(LABELS - 1));
        const isLabel = before.row("staged", one).byte.lt(count!);
        return good!.ne(0).implies(isLabel);
      },
    },
  ],
};

/** Tables that a step of loading changes. */
const loading: ReadonlySet<string> = new Set([
  "policy",
  "policyInitial",
  "policySelf",
  "policyChannel",
  "policyName",
  "stage",
  "staged",
]);
const labelled: ReadonlySet<string> = new Set(["policyCellAllowed", "domainSelfLabel"]);

/** policy_load/policyStep(source, bytes). */
export const policyStep: Block = {
  name: "policy_load/policyStep",
  outputs: [64],
  reads: () => true,
  writes: ({ name, table }: Column) => loading.has(table) || labelled.has(name),
  keepsInvariants: true,
};

/** Another policy comes into force only where the one in force lets the caller load one. */
export const policyClaims =
  (caller: Term) =>
  (before: State, after: State): Claim[] => {
    const xen = before.read("policyInitialLabel", constant(4, INITIAL_XEN));
    const label = (word: Term) => truncate(word, LABEL_BITS);
    const allowed = allows(before, label(caller), label(xen), XENOLITH_LOAD_POLICY);
    return ["policySequence", "policyCellAllowed", "policyNameByte"].map((name) => {
      const column = before.column(name);
      const index = variable(`skolem.${column.table}`, indexWidth(column));
      const isSame = equal(before.read(name, index), after.read(name, index));
      const rows = [{ table: column.table, index }];
      return { property: `${name} by policy alone`, conclusion: or(isSame, allowed), rows };
    });
  };

export const policyLoadCases: readonly Case[] = [
  changeCase(rowGood, {
    args: [at, labels],
    given: () => [isRow(at)],
    steps: (s, [place, count]) => rowSteps(s, place!, count!).choose(s.word32(1), 0),
    searches: [{ count: LABELS }],
    invariants: [],
  }),
  changeCase(policyStep, {
    args: [source, bytes],
    given: () => [],
    steps: (s, [from, size]) => s.attempt(() => loadStep(s, from!, size!)),
    blocks: [rowGood],
    searches: [{ calls: "columns/policyNameByte", count: LABEL_NAME_BYTES }],
    invariants,
  }),
];
