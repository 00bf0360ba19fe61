/** Constraint expressions in the policy language. */

import type { ConstraintStep, Policy } from "./policy.ts";

/** True of no pair of contexts, in words of the language. */
export const NOTHING_HOLDS = "(t1 == t2 and t1 != t2)";
const EVERYTHING_HOLDS = "(t1 == t2 or t1 != t2)";

const LETTER = { user: "u", role: "r", type: "t" } as const;

/** A comparison or a membership test. */
export function stepNames(
  policy: Policy,
  step: Extract<ConstraintStep, { kind: "compare" | "member" }>,
): string {
  const { subject } = step;
  if (step.kind === "compare") {
    const isSubject = subject === "user" || subject === "role" || subject === "type";
    const left = isSubject ? `${LETTER[subject]}1` : subject.slice(0, 2);
    const right = isSubject ? `${LETTER[subject]}2` : subject.slice(2);
    return `${left} ${operatorText(step.operator)} ${right}`;
  }
  const names = memberNames(policy, step);
  if (names.length === 0) return step.operator === "eq" ? NOTHING_HOLDS : EVERYTHING_HOLDS;
  const set = names.length === 1 ? names[0] : `{ ${names.join(" ")} }`;
  return `${LETTER[step.subject]}${step.side} ${operatorText(step.operator)} ${set}`;
}

function operatorText(operator: string): string {
  if (operator === "eq") return "==";
  return operator === "neq" ? "!=" : operator;
}

function memberNames(policy: Policy, step: Extract<ConstraintStep, { kind: "member" }>): string[] {
  const { types, attributes, roles, users } = policy;
  if (step.subject === "type") {
    const names = [...types, ...attributes];
    return step.keys.map((key) => names[key].name);
  }
  const all: readonly { readonly name: string }[] = step.subject === "role" ? roles : users;
  return step.members.toArray().map((index) => all[index].name);
}
