/** A policy as JSON, for tools: names instead of numbers, and where each rule was written. */

import type { Node } from "./ast.ts";
import { stepNames } from "./constraint-text.ts";
import { contextText, levelText, rangeText } from "./mls.ts";
import type { ClassConstraint, Grant, Policy, RuleCondition } from "./policy.ts";
import { conditionText } from "./resolve-condition.ts";

/** Version of the form below; it grows when a field changes its meaning. */
const FORM_VERSION = 1;

/** The JSON text, indented, ending with a line end. */
export function jsonText(policy: Policy): string {
  return `${JSON.stringify(policyObject(policy), undefined, 2)}\n`;
}

/** The policy as plain objects. */
export function policyObject(policy: Policy): Record<string, unknown> {
  const { types, attributes, roles, users, classes } = policy;
  const context = (value: Parameters<typeof contextText>[1]) => contextText(policy, value);
  return {
    form: "xenolith-policy",
    version: FORM_VERSION,
    mls: policy.mls,
    classes: classes.map((definition) => ({
      name: definition.name,
      inherits: policy.commons[definition.common]?.name ?? null,
      permissions: definition.permissions,
      defaults: {
        user: definition.defaultUser,
        role: definition.defaultRole,
        type: definition.defaultType,
        range: definition.defaultRange,
      },
    })),
    initialSids: policy.initialSids.map((sid, index) => ({
      number: index + 1,
      name: sid.name,
      context: sid.context === undefined ? null : context(sid.context),
    })),
    attributes: attributes.map(({ name, types: members }) => ({
      name,
      types: members.map((type) => types[type].name),
    })),
    types: types.map((type) => ({
      name: type.name,
      aliases: type.aliases,
      attributes: type.attributes.map((attribute) => attributes[attribute].name),
      bounds: types[type.bounds]?.name ?? null,
      permissive: type.permissive,
    })),
    roles: roles.map((role) => ({
      name: role.name,
      types: role.types.toArray().map((type) => types[type].name),
    })),
    users: users.map((user) => ({
      name: user.name,
      roles: user.roles.toArray().map((role) => roles[role].name),
      ...(policy.mls
        ? { level: levelText(policy, user.level), range: rangeText(policy, user.range) }
        : {}),
    })),
    booleans: policy.booleans.map(({ name, value }) => ({ name, value })),
    ...rules(policy),
    devices: policy.devices.map((device) => ({
      kind: device.device,
      low: Number(device.low),
      high: Number(device.high),
      path: device.path ?? null,
      context: context(device.context),
    })),
  };
}

function rules(policy: Policy): Record<string, unknown> {
  const { types, attributes, roles, classes } = policy;
  const keys = [...types, ...attributes];
  const names = (list: readonly number[]) => list.map((key) => keys[key].name);
  return {
    rules: policy.grantRules.map((rule) => ({
      kind: rule.kind,
      sources: names(rule.sources.keys),
      targets: names(rule.targets.keys),
      self: rule.self,
      grants: grants(policy, rule.grants),
      condition: condition(policy, rule.condition),
      at: place(policy, rule.node),
    })),
    typeRules: policy.typeRules.map((rule) => ({
      kind: rule.kind,
      sources: names(rule.sources.keys),
      targets: names(rule.targets.keys),
      self: rule.self,
      classes: rule.classes.map((index) => classes[index].name),
      result: types[rule.result].name,
      condition: condition(policy, rule.condition),
      at: place(policy, rule.node),
    })),
    neverAllows: policy.neverAllows.map((rule) => ({
      sources: names(rule.sources.toArray()),
      targets: names(rule.targets.toArray()),
      self: rule.self,
      notSelf: rule.notSelf,
      grants: grants(policy, rule.grants),
      at: place(policy, rule.node),
    })),
    roleAllows: policy.roleAllows.map(({ from, to }) => [roles[from].name, roles[to].name]),
    roleTransitions: policy.roleTransitions.map((rule) => ({
      role: roles[rule.role].name,
      type: types[rule.type].name,
      class: classes[rule.class].name,
      result: roles[rule.result].name,
    })),
    rangeTransitions: policy.rangeTransitions.map((rule) => ({
      source: types[rule.source].name,
      target: types[rule.target].name,
      class: classes[rule.class].name,
      range: rangeText(policy, rule.range),
    })),
    constraints: classes.flatMap((definition) => [
      ...definition.constraints.map((rule) => constraint(policy, definition.name, rule)),
      ...definition.validateTransitions.map((rule) => constraint(policy, definition.name, rule)),
    ]),
  };
}

function grants(policy: Policy, list: readonly Grant[]): unknown[] {
  return list.map((grant) => {
    const { name, permissions } = policy.classes[grant.class];
    return { class: name, permissions: selected(grant.permissions, permissions) };
  });
}

function selected(mask: number, names: readonly string[]): string[] {
  return names.filter((_, bit) => ((mask >>> bit) & 1) === 1);
}

function condition(policy: Policy, value: RuleCondition | undefined): unknown {
  if (value === undefined) return null;
  const { expression } = policy.conditionals[value.index];
  return { if: conditionText(expression, policy.booleans), is: value.branch };
}

function constraint(policy: Policy, className: string, rule: ClassConstraint): unknown {
  const names = policy.classes.find(({ name }) => name === className)?.permissions ?? [];
  return {
    kind: rule.permissions === 0 ? "validatetrans" : "constrain",
    mls: rule.mls,
    class: className,
    permissions: selected(rule.permissions, names),
    postfix: rule.steps.map((step) =>
      step.kind === "compare" || step.kind === "member" ? stepNames(policy, step) : step.kind,
    ),
    at: place(policy, rule.node),
  };
}

/** File, line, column and macro calls of a node. */
function place(policy: Policy, node: Node | undefined): unknown {
  if (node === undefined || policy.tree === undefined) return null;
  const { file, line, column, chain } = policy.tree.source.position(node.start);
  return { file, line, column, ...(chain === undefined ? {} : { chain }) };
}
