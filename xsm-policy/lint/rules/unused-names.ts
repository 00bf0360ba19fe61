/** L030 to L033: types, attributes and booleans that nothing uses. */

import type { LintContext } from "../context.ts";
import { forEachName, type NamedKind } from "../occurrences.ts";
import type { LintRule } from "../rule.ts";

/** Names of one kind that rules, constraints or contexts speak of. */
function usedNames(context: LintContext, wanted: NamedKind): Set<string> {
  const { tree, assertedNames } = context;
  const used = new Set(assertedNames);
  forEachName(tree, (name, kind, manner) => {
    if (kind === wanted && manner === "use") used.add(tree.text(name));
  });
  return used;
}

export const unusedType: LintRule = {
  id: "L030",
  name: "unused-type",
  severity: "warning",
  summary: "no rule speaks of a type, neither by name nor by an attribute",
  check(context, report) {
    const { policy } = context;
    const used = usedNames(context, "type");
    const idle = policy.attributes.map(({ name }) => !used.has(name));
    for (const { name, aliases, attributes, declared } of policy.types) {
      if (declared === undefined || attributes.some((index) => !idle[index])) continue;
      if ([name, ...aliases].some((each) => used.has(each))) continue;
      report({
        message: `no rule speaks of the type ${name}`,
        at: declared,
        hint: "drop it, or the policy says of its domains only what it denies them",
      });
    }
  },
};

export const unusedAttribute: LintRule = {
  id: "L031",
  name: "unused-attribute",
  severity: "warning",
  summary: "no rule speaks of an attribute",
  check(context, report) {
    const used = usedNames(context, "type");
    for (const { name, declared } of context.policy.attributes) {
      if (declared === undefined || used.has(name)) continue;
      // Roles are given types by attribute; that is all some attributes are for.
      if (givesRoles(context, name)) continue;
      report({
        message: `no rule speaks of the attribute ${name}`,
        at: declared,
        hint: "drop it and its place in the types' declarations",
      });
    }
  },
};

function givesRoles({ tree }: LintContext, name: string): boolean {
  return tree.statements.some(
    (statement) =>
      statement.kind === "role-types" &&
      tree.members(statement.types).some(({ text }) => text === name),
  );
}

export const emptyAttribute: LintRule = {
  id: "L032",
  name: "empty-attribute",
  severity: "warning",
  summary: "rules speak of an attribute that no type has",
  check(context, report) {
    const used = usedNames(context, "type");
    for (const { name, types, declared } of context.policy.attributes) {
      if (declared === undefined || types.length > 0 || !used.has(name)) continue;
      report({
        message: `rules speak of the attribute ${name}, which no type has`,
        at: declared,
        hint: "their grants and neverallows say nothing until a type has it",
      });
    }
  },
};

export const unusedBoolean: LintRule = {
  id: "L033",
  name: "unused-boolean",
  severity: "warning",
  summary: "no condition asks for a boolean",
  check(context, report) {
    const used = usedNames(context, "boolean");
    for (const { name, declared } of context.policy.booleans) {
      if (declared === undefined || used.has(name)) continue;
      report({
        message: `no condition asks for the boolean ${name}`,
        at: declared,
        hint: "drop it: whoever sets it would change nothing",
      });
    }
  },
};
