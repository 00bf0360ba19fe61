/** A policy as sorted lines of names, so that two policies with other numbering can be compared. */

import { stepNames } from "../../../xsm-policy/compiler/constraint-text.ts";
import { contextText, levelText, rangeText } from "../../../xsm-policy/compiler/mls.ts";
import type { ClassConstraint, Policy } from "../../../xsm-policy/compiler/policy.ts";
import { buildRelation, conditionOf } from "../../../xsm-policy/compiler/relation.ts";
import {
  conditionBooleans,
  evaluateCondition,
} from "../../../xsm-policy/compiler/resolve-condition.ts";
import { TypeRuleTable } from "../../../xsm-policy/compiler/type-transitions.ts";

/** Everything that a binary policy holds, apart from numbers and names of initial SIDs. */
export function canonicalLines(policy: Policy): string[] {
  return [
    ...declarations(policy),
    ...grants(policy),
    ...typeRules(policy),
    ...roleRules(policy),
    ...labels(policy),
    ...constraints(policy),
  ].sort();
}

function declarations(policy: Policy): string[] {
  const { types, attributes, roles, users, classes } = policy;
  return [
    ...classes.map(
      (c) =>
        `class ${c.name} ${c.permissions.join(" ")} ` +
        `${c.defaultUser} ${c.defaultRole} ${c.defaultType} ${c.defaultRange}`,
    ),
    ...types.map(
      (type) =>
        `type ${type.name} alias ${[...type.aliases].sort()} bounds ` +
        `${types[type.bounds]?.name} permissive ${type.permissive}`,
    ),
    ...attributes.map(
      ({ name, types: members, expand }) =>
        `attribute ${name} ${expand ? "" : members.map((type) => types[type].name).sort()}`,
    ),
    ...roles.map(
      (role) =>
        `role ${role.name} bounds ${roles[role.bounds]?.name} ` +
        `${role.types
          .toArray()
          .map((type) => types[type].name)
          .sort()}`,
    ),
    ...users.map(
      (user) =>
        `user ${user.name} bounds ${users[user.bounds]?.name} ` +
        `${user.roles
          .toArray()
          .map((role) => roles[role].name)
          .sort()} ` +
        (policy.mls ? `${levelText(policy, user.level)} ${rangeText(policy, user.range)}` : ""),
    ),
    ...policy.booleans.map(({ name, value }) => `bool ${name} ${value}`),
    ...policy.sensitivities.map(
      ({ name, aliases }, index) => `sensitivity ${index} ${name} ${[...aliases].sort()}`,
    ),
    ...policy.categories.map(
      ({ name, aliases }, index) => `category ${index} ${name} ${[...aliases].sort()}`,
    ),
    ...policy.capabilities.map((number) => `capability ${number}`),
  ];
}

/** A condition by its truth table over the names of its booleans. */
function conditionName(policy: Policy, variant: number): string {
  const condition = conditionOf(variant);
  if (condition === undefined) return "";
  const { expression } = policy.conditionals[condition.index];
  const names = (index: number) => policy.booleans[index].name;
  const booleans = conditionBooleans(expression).sort((a, b) => (names(a) < names(b) ? -1 : 1));
  const values: boolean[] = [];
  let table = "";
  for (let row = 0; row < 1 << booleans.length; row++) {
    for (const [bit, boolean] of booleans.entries()) values[boolean] = ((row >> bit) & 1) === 1;
    table += evaluateCondition(expression, values) === condition.branch ? "1" : "0";
  }
  return `if ${booleans.map(names).join(" ")} ${table}`;
}

function grants(policy: Policy): string[] {
  const lines = new Set<string>();
  for (const kind of ["allow", "auditallow", "dontaudit"] as const) {
    const relation = buildRelation(policy, kind);
    const { table } = relation;
    for (let entry = 0; entry < table.count; entry++) {
      const { name, permissions } = policy.classes[table.class(entry)];
      const condition = conditionName(policy, table.variant(entry));
      for (const source of relation.typesOf(table.source(entry))) {
        for (const target of relation.typesOf(table.target(entry))) {
          const pair = `${policy.types[source].name} ${policy.types[target].name}`;
          for (const [bit, permission] of permissions.entries()) {
            if (((table.values[entry] >>> bit) & 1) === 0) continue;
            lines.add(`${kind} ${pair}:${name} ${permission} ${condition}`);
          }
        }
      }
    }
  }
  return [...lines];
}

function typeRules(policy: Policy): string[] {
  const { types, classes } = policy;
  return (["type_transition", "type_member", "type_change"] as const).flatMap((kind) => {
    const { table } = new TypeRuleTable(policy, kind);
    return Array.from({ length: table.count }, (_, entry) => {
      const pair = `${types[table.source(entry)].name} ${types[table.target(entry)].name}`;
      const place = `${pair}:${classes[table.class(entry)].name}`;
      const condition = conditionName(policy, table.variant(entry));
      return `${kind} ${place} ${types[table.values[entry]].name} ${condition}`;
    });
  });
}

function roleRules(policy: Policy): string[] {
  const { roles, types, classes } = policy;
  return [
    ...policy.roleAllows.map(({ from, to }) => `role allow ${roles[from].name} ${roles[to].name}`),
    ...policy.roleTransitions.map(
      (rule) =>
        `role transition ${roles[rule.role].name} ${types[rule.type].name}:` +
        `${classes[rule.class].name} ${roles[rule.result].name}`,
    ),
    ...policy.rangeTransitions.map(
      (rule) =>
        `range transition ${types[rule.source].name} ${types[rule.target].name}:` +
        `${classes[rule.class].name} ${rangeText(policy, rule.range)}`,
    ),
  ];
}

function labels(policy: Policy): string[] {
  return [
    ...policy.initialSids.flatMap(({ context }, index) =>
      context === undefined ? [] : [`sid ${index + 1} ${contextText(policy, context)}`],
    ),
    ...policy.devices.map(
      ({ device, low, high, path, context }) =>
        `${device} ${low}-${high} ${path} ${contextText(policy, context)}`,
    ),
  ];
}

function constraints(policy: Policy): string[] {
  return policy.classes.flatMap(({ name, permissions, ...definition }) => [
    ...definition.constraints.map((constraint) => {
      const given = permissions.filter((_, bit) => ((constraint.permissions >>> bit) & 1) === 1);
      return `constrain ${name} ${given} ${expression(policy, constraint)}`;
    }),
    ...definition.validateTransitions.map(
      (constraint) => `validatetrans ${name} ${expression(policy, constraint)}`,
    ),
  ]);
}

function expression(policy: Policy, { steps }: ClassConstraint): string {
  return steps
    .map((step) => {
      if (step.kind === "compare") return stepNames(policy, step);
      if (step.kind !== "member") return step.kind;
      const { subject, side, operator } = step;
      const all = { user: policy.users, role: policy.roles, type: policy.types }[subject];
      const names = step.members.toArray().map((index) => all[index].name);
      return `${subject}${side} ${operator} ${names.sort()}`;
    })
    .join("; ");
}
