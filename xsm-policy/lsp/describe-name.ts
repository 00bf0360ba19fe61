/** Explains names: types, attributes, booleans, roles, users, classes, initial SIDs. */

import { contextText } from "../compiler/mls.ts";
import type { Policy, PolicyAttribute, PolicyType } from "../compiler/policy.ts";
import { conditionBooleans, conditionText } from "../compiler/resolve-condition.ts";
import { codeList } from "./markdown.ts";
import type { Occurrence, Snapshot } from "./snapshot.ts";

/** What is known of a name, paragraph by paragraph. */
export function describeName(snapshot: Snapshot, { kind, text }: Occurrence): string[] {
  const { policy } = snapshot.known;
  const head = `**${kind}** \`${text}\``;
  if (policy === undefined) return [head, "The policy has errors: nothing more is known."];
  switch (kind) {
    case "type":
      return describeTypeName(policy, text);
    case "boolean":
      return describeBoolean(policy, text);
    case "class":
      return describeClass(policy, text);
    case "role":
      return describeRole(policy, text);
    case "user":
      return describeUser(policy, text);
    case "sid":
      return describeSid(policy, text);
    default:
      return [head];
  }
}

function describeTypeName(policy: Policy, name: string): string[] {
  const type = policy.types.findIndex((each) => each.name === name || each.aliases.includes(name));
  if (type !== -1) return describeType(policy, policy.types[type], type);
  const attribute = policy.attributes.find((each) => each.name === name);
  return attribute === undefined ? [`**type** \`${name}\``] : describeAttribute(policy, attribute);
}

function describeType(policy: Policy, type: PolicyType, index: number): string[] {
  const { name, aliases, attributes, bounds, permissive } = type;
  const names = attributes.map((each) => policy.attributes[each].name);
  const roles = policy.roles.filter((role) => role.types.has(index)).map((role) => role.name);
  const sids = policy.initialSids.filter(({ context }) => context?.type === index);
  return [
    `**type** \`${name}\``,
    ...(aliases.length === 0 ? [] : [`Also called ${codeList(aliases)}.`]),
    names.length === 0 ? "Has no attributes." : `Attributes: ${codeList(names)}.`,
    roles.length === 0 ? "No role has it." : `Roles: ${codeList(roles)}.`,
    ...(sids.length === 0 ? [] : [`Initial SIDs: ${codeList(sids.map((sid) => sid.name))}.`]),
    ...(bounds === -1 ? [] : [`May do no more than \`${policy.types[bounds].name}\`.`]),
    ...(permissive ? ["Permissive: what is denied to it is only reported."] : []),
    rulesText(policy, [index, ...attributes.map((each) => policy.types.length + each)]),
  ];
}

function describeAttribute(policy: Policy, { name, types }: PolicyAttribute): string[] {
  const key = policy.types.length + policy.attributes.findIndex((each) => each.name === name);
  const members = types.map((type) => policy.types[type].name);
  const text =
    members.length === 0 ? "No type has it." : `${members.length} types: ${codeList(members, 24)}.`;
  return [`**attribute** \`${name}\``, text, rulesText(policy, [key])];
}

/** How many rules speak of any of some keys. */
function rulesText({ grantRules }: Policy, keys: readonly number[]): string {
  const allows = grantRules.filter(({ kind }) => kind === "allow");
  const names = (side: readonly number[]): boolean => side.some((key) => keys.includes(key));
  const asSource = allows.filter(({ sources }) => names(sources.keys)).length;
  const asTarget = allows.filter(({ targets }) => names(targets.keys)).length;
  return `Source of ${asSource} and target of ${asTarget} allow rules.`;
}

function describeBoolean(policy: Policy, name: string): string[] {
  const index = policy.booleans.findIndex((each) => each.name === name);
  if (index === -1) return [`**tunable** \`${name}\``, "Decided when the policy is compiled."];
  const conditions = policy.conditionals
    .filter(({ expression }) => conditionBooleans(expression).includes(index))
    .map(({ expression }) => conditionText(expression, policy.booleans));
  return [
    `**boolean** \`${name}\`, declared ${policy.booleans[index].value}`,
    conditions.length === 0 ? "No condition asks for it." : `Conditions: ${codeList(conditions)}.`,
  ];
}

function describeClass(policy: Policy, name: string): string[] {
  const index = policy.classes.findIndex((each) => each.name === name);
  if (index === -1) return [`**class** \`${name}\``];
  const { permissions, constraints } = policy.classes[index];
  return [
    `**class** \`${name}\`, number ${index + 1}`,
    `Permissions: ${codeList(permissions, 32)}.`,
    ...(constraints.length === 0 ? [] : [`${constraints.length} constraints apply.`]),
  ];
}

function describeRole(policy: Policy, name: string): string[] {
  const role = policy.roles.find((each) => each.name === name);
  if (role === undefined) return [`**role attribute** \`${name}\``];
  const types = role.types.toArray().map((type) => policy.types[type].name);
  const index = policy.roles.indexOf(role);
  const users = policy.users.filter(({ roles }) => roles.has(index)).map((user) => user.name);
  return [
    `**role** \`${name}\``,
    types.length === 0 ? "Has no types." : `Types: ${codeList(types)}.`,
    users.length === 0 ? "No user has it." : `Users: ${codeList(users)}.`,
  ];
}

function describeUser(policy: Policy, name: string): string[] {
  const user = policy.users.find((each) => each.name === name);
  const roles = user?.roles.toArray().map((role) => policy.roles[role].name) ?? [];
  return [
    `**user** \`${name}\``,
    roles.length === 0 ? "Has no roles." : `Roles: ${codeList(roles)}.`,
  ];
}

function describeSid(policy: Policy, name: string): string[] {
  const index = policy.initialSids.findIndex((each) => each.name === name);
  const context = policy.initialSids[index]?.context;
  const label =
    context === undefined ? "Has no label." : `Label: \`${contextText(policy, context)}\`.`;
  return [`**initial SID** \`${name}\`, number ${index + 1}`, label];
}
