/** Explains permissions and access rules: who may do it, by which rules, and what asks for it. */

import { Conditions } from "../analysis/conditions.ts";
import { readDirectionMap } from "../analysis/direction-map.ts";
import { Provenance } from "../analysis/provenance.ts";
import type { AccessRule } from "../compiler/ast.ts";
import type { GrantRule, Policy } from "../compiler/policy.ts";
import { type AccessRelation, variantOf } from "../compiler/relation.ts";
import { ConstraintFilter } from "../lint/constrained.ts";
import { typesOfKeys } from "../lint/grants.ts";
import { classesOf } from "./definition.ts";
import { codeList, fenced } from "./markdown.ts";
import type { Occurrence, Snapshot } from "./snapshot.ts";

/** Pairs of types whose rules are looked up, and rules that are shown. */
const MAX_PAIRS = 64;
const SHOWN_RULES = 5;

/** A permission: which operations ask for it, and in a rule, all rules that grant it there. */
export function describePermission(
  snapshot: Snapshot,
  occurrences: readonly Occurrence[],
): string[] {
  const [{ text }] = occurrences;
  const classes = [...new Set(occurrences.flatMap((each) => classesOf(each)))];
  const map = readDirectionMap();
  const parts = classes.flatMap((name) => {
    if (!map.has(name, text)) return [`**permission** \`${text}\` of class \`${name}\``];
    const { operations, flow, reason } = map.of(name, text);
    const calls =
      operations.length === 0
        ? "No operation of Xen asks for it."
        : `Asked for by ${codeList(operations.map((each) => each.name))}.`;
    return [
      `**permission** \`${text}\` of class \`${name}\``,
      `${calls} Flow: ${flow}; ${reason}.`,
    ];
  });
  const rules = occurrences
    .map(({ statement }) => statement)
    .filter((statement) => statement.kind === "access-rule");
  return [...parts, ...grantingRules(snapshot, rules, text)];
}

/** The rules that grant a permission between the types of some rules. */
function grantingRules(
  { compiled }: Snapshot,
  rules: readonly AccessRule[],
  permission: string,
): string[] {
  const { policy, relation } = compiled;
  if (policy === undefined || relation === undefined) return [];
  const found = new Set<number>();
  for (const { sources, targets, self, grants } of grantsOf(policy, rules)) {
    const pairs = pairsOf(policy, { sources, targets, self });
    for (const { class: index } of grants) {
      const bit = policy.classes[index].permissions.indexOf(permission);
      if (bit === -1) continue;
      for (const [source, target] of pairs) {
        for (const rule of relation.rulesFor(source, target, index, (1 << bit) >>> 0)) {
          found.add(rule);
        }
      }
    }
  }
  if (found.size === 0) return [];
  return [`Granted here by:\n\n${rulesText(relation, [...found])}`];
}

/** The resolved rules that some statements made. */
function grantsOf({ grantRules }: Policy, rules: readonly AccessRule[]): GrantRule[] {
  const wanted = new Set<unknown>(rules);
  return grantRules.filter(({ node }) => wanted.has(node));
}

function pairsOf(
  policy: Policy,
  { sources, targets, self }: Pick<GrantRule, "sources" | "targets" | "self">,
): [number, number][] {
  const pairs: [number, number][] = [];
  const others = typesOfKeys(policy, targets.keys);
  for (const source of typesOfKeys(policy, sources.keys)) {
    for (const target of self ? new Set([source, ...others]) : others) {
      if (pairs.length === MAX_PAIRS) return pairs;
      pairs.push([source, target]);
    }
  }
  return pairs;
}

function rulesText(relation: AccessRelation, rules: readonly number[]): string {
  const provenance = new Provenance(relation);
  const { grantRules, tree } = relation.policy;
  const lines = rules.slice(0, SHOWN_RULES).map((index) => {
    const { node } = grantRules[index];
    const span = tree === undefined || node === undefined ? undefined : tree.span(node);
    const place = span === undefined ? "" : `${span.file}:${span.line}: `;
    return `${place}${provenance.ruleText(grantRules[index])}`;
  });
  const more = rules.length - SHOWN_RULES;
  if (more > 0) lines.push(`and ${more} more`);
  return fenced(lines.join("\n"));
}

/** A rule as a whole: whom it means, when it holds, and what constraints take away. */
export function describeAccess({ compiled }: Snapshot, rules: readonly AccessRule[]): string[] {
  const { policy, relation, tree } = compiled;
  if (policy === undefined || relation === undefined || tree === undefined) return [];
  const [rule] = grantsOf(policy, rules);
  if (rule === undefined) {
    const forbidden = policy.neverAllows.find(({ node }) => node === rules[0]);
    if (forbidden === undefined) return [];
    const { sources, targets } = forbidden;
    return [`**neverallow**: forbidden for ${sources.size} types on ${targets.size} types`];
  }
  const sources = typesOfKeys(policy, rule.sources.keys).map((type) => policy.types[type].name);
  const targets = typesOfKeys(policy, rule.targets.keys).map((type) => policy.types[type].name);
  const condition = new Conditions(policy).text(variantOf(rule.condition));
  return [
    `**${rule.kind}** \`${new Provenance(relation).ruleText(rule)}\``,
    `Sources: ${codeList(sources)}.`,
    `Targets: ${codeList(rule.self ? ["self", ...targets] : targets)}.`,
    ...(condition === "" ? [] : [`Holds if \`${condition}\`.`]),
    ...constraintParts(policy, rule),
  ];
}

/** What constraints take away from every pair of types that a rule means. */
function constraintParts(policy: Policy, rule: GrantRule): string[] {
  const filter = new ConstraintFilter(policy);
  const pairs = pairsOf(policy, rule);
  return rule.grants.flatMap(({ class: index, permissions }) => {
    const left = pairs.reduce((mask, [one, other]) => mask | filter.left(one, other, index), 0);
    const lost = permissions & ~left;
    if (lost === 0) return [];
    const names = policy.classes[index].permissions.filter((_, bit) => ((lost >>> bit) & 1) === 1);
    return [`A constraint takes ${codeList(names)} away from every label.`];
  });
}
