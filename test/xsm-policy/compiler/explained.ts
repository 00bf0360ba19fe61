/** Differences from checkpolicy 3.4 that are no defect of ours, each with its reason. */

import type { BooleanExpression, Policy } from "../../../xsm-policy/compiler/policy.ts";
import {
  conditionBooleans,
  evaluateCondition,
} from "../../../xsm-policy/compiler/resolve-condition.ts";

/** What is known of one difference. */
export interface DifferenceFacts {
  readonly text: string;
  readonly what: string;
  /** The policy as compiled here, if it was accepted. */
  readonly policy: Policy | undefined;
}

interface Explanation {
  readonly reason: string;
  readonly applies: (facts: DifferenceFacts) => boolean;
}

const EXPLANATIONS: readonly Explanation[] = [
  {
    reason: "a neverallow whose targets name self beside other types is enforced only for self",
    applies: ({ text, what }) =>
      /^neverallow .*(\{[^}]*\bself\b[^}]*\}|~\s*self)/m.test(text) &&
      what.startsWith("checkpolicy accepts; here: neverallow is violated"),
  },
  {
    reason: "-self is refused in a neverallow too, where later releases and we know it",
    applies: ({ text, what }) =>
      /^neverallow .*-\s*self\b/m.test(text) && /-self is not supported.*here: accepted/.test(what),
  },
  {
    reason: "the else part of a nested optional block holds although the block around it does not",
    applies: ({ text, what }) =>
      /^optional \{[\s\S]*^optional \{[\s\S]*^\} else \{/m.test(text) && isOfMeaning(what),
  },
  {
    reason: "an optional block in an else part holds although that part does not",
    applies: ({ text, what }) => /^\} else \{[^}]*^optional \{/m.test(text) && isOfMeaning(what),
  },
  {
    reason:
      "contexts are judged before a role attribute's types, and those given in an optional block, " +
      "reach their roles",
    applies: ({ text, what }) =>
      /^attribute_role |^optional \{[\s\S]*^role \w+ types/m.test(text) &&
      /invalid security context.*here: accepted/.test(what),
  },
  {
    reason:
      "of several leading negations in a condition one is lost (libsepol cond_node_create " +
      "normalises a copy without exchanging the branches)",
    applies: ({ text, what }) =>
      /^if \((?:[\s(]|not\b)*![\s(]*!/m.test(text) && what.includes("differs"),
  },
  {
    reason:
      "'*' and '~' also mean the 32-bit vector's unused bits, which then exceed bounds or break a " +
      "neverallow",
    applies: ({ what }) =>
      /(exceeds bounds of parent|violated by allow).*:\s*\w+ \{ +\}.*here: accepted/.test(what),
  },
  {
    reason: "bounds that form a loop are accepted, though the hypervisor refuses to load them",
    applies: ({ what }) => /^checkpolicy accepts; here: the bounds of/.test(what),
  },
  {
    reason:
      "two conditions over the same booleans are taken for one when their truth tables look " +
      "alike, though the booleans stand in another order (libsepol cond_expr_equal)",
    applies: ({ what, policy }) =>
      what.includes("differs") && policy !== undefined && hasConfusedConditions(policy),
  },
];

/** Whether the two compilers differ in what the policy grants; a neverallow may then be broken for
 *  one of them alone. */
function isOfMeaning(what: string): boolean {
  return what.includes("differs") || /violated by allow.*here: accepted/.test(what);
}

/** The reason for a difference; undefined where none is known. */
export function explain(facts: DifferenceFacts): string | undefined {
  return EXPLANATIONS.find(({ applies }) => applies(facts))?.reason;
}

/** Whether libsepol would merge two conditions that mean different things. */
function hasConfusedConditions(policy: Policy): boolean {
  const seen = new Set<string>();
  for (const { expression } of policy.conditionals) {
    const booleans = conditionBooleans(expression);
    const table = tableInOrder(expression, booleans);
    const inverse = table.replace(/[01]/g, (bit) => (bit === "1" ? "0" : "1"));
    const set = [...booleans].sort().join(",");
    const confused = [table, inverse].map((text) => `${set}:${text}`);
    if (confused.some((text) => seen.has(text))) return true;
    for (const text of confused) seen.add(text);
  }
  return false;
}

/** A truth table with the booleans in their order of appearance, as libsepol makes it. */
function tableInOrder(expression: BooleanExpression, booleans: readonly number[]): string {
  const values: boolean[] = [];
  let table = "";
  for (let row = 0; row < 1 << booleans.length; row++) {
    for (const [bit, boolean] of booleans.entries()) values[boolean] = ((row >> bit) & 1) === 1;
    table += evaluateCondition(expression, values) ? "1" : "0";
  }
  return table;
}
