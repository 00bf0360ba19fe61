/** The eight symbol tables of a binary policy. */

import type { ClassConstraint, ConstraintStep, PolicyClass } from "./policy.ts";
import type { PolicydbEncoder } from "./policydb-encoder.ts";
import {
  CONSTRAINT_NUMBER,
  DEFAULT_FROM,
  DEFAULT_RANGE,
  LEVEL_PAIR_BITS,
  OPERATOR_NUMBER,
  SIDE_BITS,
  SUBJECT_BITS,
  TYPE_ATTRIBUTE,
  TYPE_PRIMARY,
} from "./policydb-format.ts";

/** Commons, classes, roles, types, users, booleans, levels, categories. */
export function writeSymbols(encoder: PolicydbEncoder): void {
  commonTable(encoder);
  classTable(encoder);
  roleTable(encoder);
  typeTable(encoder);
  userTable(encoder);
  booleanTable(encoder);
  levelTable(encoder);
  categoryTable(encoder);
}

function permissionTable(encoder: PolicydbEncoder, names: readonly string[], first: number): void {
  for (const [index, name] of names.entries()) {
    encoder.out.u32(name.length, first + index);
    encoder.out.text(name);
  }
}

function commonTable(encoder: PolicydbEncoder): void {
  const { commons } = encoder.policy;
  encoder.out.u32(commons.length, commons.length);
  for (const [index, { name, permissions }] of commons.entries()) {
    encoder.out.u32(name.length, index + 1, permissions.length, permissions.length);
    encoder.out.text(name);
    permissionTable(encoder, permissions, 1);
  }
}

function classTable(encoder: PolicydbEncoder): void {
  const { classes } = encoder.policy;
  encoder.out.u32(classes.length, classes.length);
  for (const [index, definition] of classes.entries()) writeClass(encoder, definition, index + 1);
}

function writeClass(encoder: PolicydbEncoder, definition: PolicyClass, value: number): void {
  const out = encoder.out;
  const { name, permissions, constraints, validateTransitions } = definition;
  const common = encoder.policy.commons[definition.common];
  const inherited = common?.permissions.length ?? 0;
  const own = permissions.slice(inherited);
  out.u32(name.length, common?.name.length ?? 0, value, permissions.length, own.length);
  out.u32(constraints.length);
  out.text(name + (common?.name ?? ""));
  permissionTable(encoder, own, inherited + 1);
  for (const constraint of constraints) writeConstraint(encoder, constraint);
  out.u32(validateTransitions.length);
  for (const constraint of validateTransitions) writeConstraint(encoder, constraint);
  if (encoder.version === 24) return;
  out.u32(DEFAULT_FROM.indexOf(definition.defaultUser));
  out.u32(DEFAULT_FROM.indexOf(definition.defaultRole));
  // glblub needs a version that Xen does not take: zero means the usual rule.
  out.u32(Math.max(0, DEFAULT_RANGE.indexOf(definition.defaultRange)));
  out.u32(DEFAULT_FROM.indexOf(definition.defaultType));
}

function writeConstraint(encoder: PolicydbEncoder, { permissions, steps }: ClassConstraint): void {
  encoder.out.u32(permissions, steps.length);
  for (const step of steps) writeStep(encoder, step);
}

function writeStep(encoder: PolicydbEncoder, step: ConstraintStep): void {
  const out = encoder.out;
  const number = CONSTRAINT_NUMBER[step.kind];
  if (step.kind === "compare") {
    const { subject } = step;
    const isSubject = subject === "user" || subject === "role" || subject === "type";
    const bits = isSubject ? SUBJECT_BITS[subject] : LEVEL_PAIR_BITS[subject];
    out.u32(number, bits, OPERATOR_NUMBER[step.operator]);
  } else if (step.kind === "member") {
    const bits = SUBJECT_BITS[step.subject] | SIDE_BITS[step.side];
    out.u32(number, bits, OPERATOR_NUMBER[step.operator]);
    encoder.set(step.members);
    if (encoder.version === 24) return;
    encoder.bitmap(step.keys);
    encoder.bitmap([]);
    out.u32(0);
  } else out.u32(number, 0, 0);
}

function roleTable(encoder: PolicydbEncoder): void {
  const { roles } = encoder.policy;
  encoder.out.u32(roles.length, roles.length);
  for (const [index, { name, bounds, types }] of roles.entries()) {
    encoder.out.u32(name.length, index + 1, bounds + 1);
    encoder.out.text(name);
    // Each role dominates itself; object_r nothing.
    encoder.bitmap(index === 0 ? [] : [index]);
    encoder.set(types);
  }
}

function typeTable(encoder: PolicydbEncoder): void {
  const { types, attributes } = encoder.policy;
  const aliases = types.reduce((count, type) => count + type.aliases.length, 0);
  const keys = types.length + attributes.length;
  encoder.out.u32(keys, keys + aliases);
  for (const [index, type] of types.entries()) {
    writeType(encoder, type.name, index + 1, TYPE_PRIMARY, type.bounds + 1);
    for (const alias of type.aliases) writeType(encoder, alias, index + 1, 0, 0);
  }
  for (const [index, { name }] of attributes.entries()) {
    writeType(encoder, name, types.length + index + 1, TYPE_PRIMARY | TYPE_ATTRIBUTE, 0);
  }
}

function writeType(
  encoder: PolicydbEncoder,
  name: string,
  value: number,
  properties: number,
  bounds: number,
): void {
  encoder.out.u32(name.length, value, properties, bounds);
  encoder.out.text(name);
}

function userTable(encoder: PolicydbEncoder): void {
  const { users } = encoder.policy;
  encoder.out.u32(users.length, users.length);
  for (const [index, user] of users.entries()) {
    encoder.out.u32(user.name.length, index + 1, user.bounds + 1);
    encoder.out.text(user.name);
    encoder.set(user.roles);
    encoder.range(user.range);
    encoder.level(user.level);
  }
}

function booleanTable(encoder: PolicydbEncoder): void {
  const { booleans } = encoder.policy;
  encoder.out.u32(booleans.length, booleans.length);
  for (const [index, { name, value }] of booleans.entries()) {
    encoder.out.u32(index + 1, value ? 1 : 0, name.length);
    encoder.out.text(name);
  }
}

function levelTable(encoder: PolicydbEncoder): void {
  const { sensitivities } = encoder.policy;
  const names = sensitivities.reduce((count, { aliases }) => count + 1 + aliases.length, 0);
  encoder.out.u32(sensitivities.length, names);
  for (const [index, { name, aliases, categories }] of sensitivities.entries()) {
    for (const [order, text] of [name, ...aliases].entries()) {
      encoder.out.u32(text.length, order === 0 ? 0 : 1);
      encoder.out.text(text);
      encoder.level({ sensitivity: index, categories });
    }
  }
}

function categoryTable(encoder: PolicydbEncoder): void {
  const { categories } = encoder.policy;
  const names = categories.reduce((count, { aliases }) => count + 1 + aliases.length, 0);
  encoder.out.u32(categories.length, names);
  for (const [index, { name, aliases }] of categories.entries()) {
    for (const [order, text] of [name, ...aliases].entries()) {
      encoder.out.u32(text.length, index + 1, order === 0 ? 0 : 1);
      encoder.out.text(text);
    }
  }
}
