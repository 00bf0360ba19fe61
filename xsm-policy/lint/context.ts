/** What a lint rule may look at: the policy, the text that it stands in, and who will read it. */

import type { AccessRule, Node, SyntaxTree } from "../compiler/ast.ts";
import type { Policy } from "../compiler/policy.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import type { Span } from "../compiler/source.ts";
import type { Hypervisor } from "./hypervisor/question.ts";

/** A file as it was written, macros and all. */
export interface LintText {
  readonly name: string;
  readonly text: string;
}

export interface LintContext {
  readonly policy: Policy;
  readonly relation: AccessRelation;
  readonly tree: SyntaxTree;
  /** The files that the policy was read from; of a policy.conf, that file alone. */
  readonly texts: readonly LintText[];
  /** Whether `texts` were expanded by the macro processor. */
  readonly hasMacros: boolean;
  /** Names that the policy's assertions speak of. */
  readonly assertedNames: ReadonlySet<string>;
  readonly hypervisor: Hypervisor;
  /** Types that may hold any permission, by index. */
  readonly trusted: ReadonlySet<number>;
}

/** The type of an initial SID; -1 where the policy does not have the SID. */
export function typeOfSid(policy: Policy, sid: string): number {
  return policy.initialSids.find(({ name }) => name === sid)?.context?.type ?? -1;
}

/** The names of the permissions in an access vector. */
export function permissionNames(policy: Policy, classIndex: number, mask: number): string[] {
  return policy.classes[classIndex].permissions.filter((_, bit) => ((mask >>> bit) & 1) === 1);
}

/** The access vector of one permission; 0 if the class does not have it. */
export function permissionBit(policy: Policy, classIndex: number, name: string): number {
  const bit = policy.classes[classIndex]?.permissions.indexOf(name) ?? -1;
  return bit === -1 ? 0 : (1 << bit) >>> 0;
}

/** The place of a permission in a rule: its name if it is written out, else the whole rule. */
export function permissionPlace({ tree }: LintContext, rule: AccessRule, names: string[]): Node {
  const written = tree.members(rule.permissions).find(({ text }) => names.includes(text));
  const { star, complement } = rule.permissions;
  return written === undefined || star || complement ? rule : written;
}

/** The place of a permission in its class's access vector; undefined if it is inherited. */
export function declaredPermission(
  { tree }: LintContext,
  className: string,
  permission: string,
): Node | undefined {
  for (const statement of tree.statements) {
    if (statement.kind !== "access-vector" || tree.text(statement.name) !== className) continue;
    if (statement.permissions === undefined) continue;
    const members = tree.members(statement.permissions);
    const found = members.find(({ text }) => text === permission);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `a`, `a and b`, `a, b and c`, or the first few and how many more. */
export function listText(names: readonly string[], shown = 4): string {
  if (names.length > shown + 1) {
    return `${names.slice(0, shown).join(", ")} and ${names.length - shown} more`;
  }
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** A related note. */
export function noteAt(
  { tree }: LintContext,
  message: string,
  node: Node,
): { readonly message: string; readonly span: Span } {
  return { message, span: tree.span(node) };
}
