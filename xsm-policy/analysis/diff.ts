/** What changed between two policies: their source, their access tuples, and their verdicts. */

import { confText } from "../compiler/conf.ts";
import type { Policy } from "../compiler/policy.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import { checkPolicy, type WrittenAssertion } from "./check.ts";
import { withoutSharedRules } from "./diff-shared.ts";
import { type SourceEdit, sourceEdits } from "./diff-statements.ts";
import { type TupleChange, tuplesMissing } from "./diff-tuples.ts";
import type { DirectionMap } from "./direction-map.ts";
import { Grants } from "./grants.ts";
import type { Verdict } from "./verdict.ts";

/** A promise that one policy keeps and the other breaks, or that only one of them makes. */
export interface VerdictChange {
  readonly text: string;
  readonly before: "holds" | "broken" | "not promised";
  readonly after: "holds" | "broken" | "not promised";
  /** The verdict on the new policy; on the old one if the promise is gone. */
  readonly verdict: Verdict;
}

export interface PolicyDifference {
  readonly edits: readonly SourceEdit[];
  readonly lost: readonly TupleChange[];
  readonly gained: readonly TupleChange[];
  readonly verdicts: readonly VerdictChange[];
}

/** A policy to compare, with what it promises. */
export interface Side {
  readonly policy: Policy;
  readonly relation: AccessRelation;
  readonly assertions: readonly WrittenAssertion[];
}

/** Compares two policies. */
export function diffPolicies(before: Side, after: Side, map?: DirectionMap): PolicyDifference {
  const [old, fresh] = [new Grants(before.relation), new Grants(after.relation)];
  return {
    edits: editsBetween(before.relation, after.relation),
    lost: tuplesMissing(old, fresh),
    gained: tuplesMissing(fresh, old),
    verdicts: verdictChanges(before, after, map),
  };
}

/** By statement where both have a text, else by the lines that the policies have as plain text;
 *  binaries have most rules in common, of which no text is made. */
function editsBetween(before: AccessRelation, after: AccessRelation): SourceEdit[] {
  const [old, fresh] = [before.policy.tree, after.policy.tree];
  if (old !== undefined && fresh !== undefined) return sourceEdits(old, fresh);
  const [was, is] = withoutSharedRules(before, after).map((side) => confText(side).split("\n"));
  return [
    ...linesMissing(was, is).map((oldText) => ({ kind: "removed" as const, oldText, count: 1 })),
    ...linesMissing(is, was).map((newText) => ({ kind: "added" as const, newText, count: 1 })),
  ];
}

function linesMissing(lines: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
}

/** Each promise of either policy, asked of both; those whose answer differs. */
function verdictChanges(before: Side, after: Side, map: DirectionMap | undefined): VerdictChange[] {
  const old = byText(checkPolicy(before.relation, before.assertions, map).verdicts);
  const fresh = byText(checkPolicy(after.relation, after.assertions, map).verdicts);
  const changes: VerdictChange[] = [];
  for (const text of new Set([...old.keys(), ...fresh.keys()])) {
    const [was, is] = [old.get(text), fresh.get(text)];
    const verdict = is ?? was;
    if (verdict === undefined || was?.holds === is?.holds) continue;
    changes.push({ text, before: stateOf(was), after: stateOf(is), verdict });
  }
  return changes;
}

function byText(verdicts: readonly Verdict[]): Map<string, Verdict> {
  return new Map(verdicts.map((verdict) => [verdict.text, verdict]));
}

function stateOf(verdict: Verdict | undefined): VerdictChange["before"] {
  if (verdict === undefined) return "not promised";
  return verdict.holds ? "holds" : "broken";
}
