/** The eight symbol tables of a binary policy, read. */

import { BitSet } from "./bits.ts";
import { maskOfFirst, newClass } from "./classes.ts";
import { KEY_LIMIT_COUNT } from "./limits.ts";
import type { PolicyClass, PolicyRole } from "./policy.ts";
import { checkDense, type PolicydbDecoder } from "./policydb-decoder.ts";
import { DEFAULT_FROM, DEFAULT_RANGE, TYPE_ATTRIBUTE, TYPE_PRIMARY } from "./policydb-format.ts";
import { readConstraint } from "./policydb-read-rules.ts";

/** A type, attribute or alias as the file lists it. */
interface TypeRecord {
  readonly name: string;
  readonly value: number;
  readonly properties: number;
  readonly bounds: number;
}

/** All tables; `permissive` holds the values of permissive types. */
export function readSymbols(state: PolicydbDecoder, permissive: BitSet): void {
  readCommons(state);
  const constraints = readClasses(state);
  readRoles(state);
  readTypes(state, permissive);
  readUsers(state);
  readBooleans(state);
  readLevels(state);
  readCategories(state);
  checkUsers(state);
  for (const finish of constraints) finish();
}

/** What users name stands in tables that come after theirs. */
function checkUsers(state: PolicydbDecoder): void {
  const { users, sensitivities } = state.policy;
  for (const user of users) {
    if (user.bounds >= users.length) state.bytes.fail(`the bounds of user ${user.name}`);
    state.checkRange(user.range);
    state.checkLevel(user.level);
  }
  for (const [sensitivity, { categories }] of sensitivities.entries()) {
    state.checkLevel({ sensitivity, categories });
  }
}

function readPermissions(
  state: PolicydbDecoder,
  count: number,
  target: string[],
  limit: number,
): void {
  for (let index = 0; index < count; index++) {
    const length = state.bytes.u32();
    const value = state.value(limit, "permission");
    target[value - 1] = state.bytes.text(length, "a permission");
  }
}

function permissionCount(state: PolicydbDecoder): number {
  const count = state.bytes.u32();
  if (count > 32) state.bytes.fail(`${count} permissions in one class`);
  return count;
}

function readCommons(state: PolicydbDecoder): void {
  const { values, entries } = state.tableHead(16, "commons");
  for (let index = 0; index < entries; index++) {
    const length = state.bytes.u32();
    const value = state.value(values, "common");
    const limit = permissionCount(state);
    const count = permissionCount(state);
    const name = state.bytes.text(length, "a common");
    const permissions: string[] = [];
    readPermissions(state, count, permissions, limit);
    state.policy.commons[value - 1] = { name, permissions };
  }
  checkDense(state.bytes, state.policy.commons, values, "common");
}

/** Classes; gives what remains to do once users, roles and types are known. */
function readClasses(state: PolicydbDecoder): (() => void)[] {
  const { values, entries } = state.tableHead(24, "classes");
  const finish: (() => void)[] = [];
  for (let index = 0; index < entries; index++) finish.push(readClass(state, values));
  checkDense(state.bytes, state.policy.classes, values, "class");
  return finish;
}

function readClass(state: PolicydbDecoder, values: number): () => void {
  const { bytes } = state;
  const length = bytes.u32();
  const commonLength = bytes.u32();
  const value = state.value(values, "class");
  const limit = permissionCount(state);
  const own = permissionCount(state);
  const constraintCount = bytes.count(8, "constraints");
  const definition = newClass(bytes.text(length, "a class"), undefined);
  if (commonLength > 0) inherit(state, definition, bytes.text(commonLength, "a common"));
  readPermissions(state, own, definition.permissions, limit);
  checkDense(bytes, definition.permissions, limit, "permission");
  definition.allPermissions = maskOfFirst(definition.permissions.length);
  const read = (count: number) => Array.from({ length: count }, () => readConstraint(state));
  const constraints = read(constraintCount);
  const validations = read(bytes.count(8, "validatetrans"));
  if (state.version === 30) readDefaults(state, definition);
  state.policy.classes[value - 1] = definition;
  return () => {
    for (const build of constraints) definition.constraints.push(build());
    for (const build of validations) definition.validateTransitions.push(build());
  };
}

function inherit(state: PolicydbDecoder, definition: PolicyClass, name: string): void {
  definition.common = state.policy.commons.findIndex((common) => common.name === name);
  if (definition.common === -1) state.bytes.fail(`unknown common '${name}'`);
  definition.permissions.push(...state.policy.commons[definition.common].permissions);
}

function readDefaults(state: PolicydbDecoder, definition: PolicyClass): void {
  definition.defaultUser = DEFAULT_FROM[state.bytes.u32()] ?? badDefault(state);
  definition.defaultRole = DEFAULT_FROM[state.bytes.u32()] ?? badDefault(state);
  definition.defaultRange = DEFAULT_RANGE[state.bytes.u32()] ?? badDefault(state);
  definition.defaultType = DEFAULT_FROM[state.bytes.u32()] ?? badDefault(state);
}

function badDefault(state: PolicydbDecoder): never {
  return state.bytes.fail("an unknown default for new objects");
}

function readRoles(state: PolicydbDecoder): void {
  // Role attributes take numbers without being written, so that numbers may be missing.
  const values = state.bytes.u32();
  const entries = state.bytes.count(12, "roles");
  if (values > KEY_LIMIT_COUNT) state.bytes.fail(`${values} roles`);
  const records: PolicyRole[] = [];
  for (let index = 0; index < entries; index++) {
    const length = state.bytes.u32();
    const value = state.value(values, "role");
    const bounds = state.bytes.u32();
    const name = state.bytes.text(length, "a role");
    state.bitmap();
    records[value - 1] = { name, types: state.bitmap(), bounds };
  }
  state.roleKeys = new Int32Array(values).fill(-1);
  for (const [value, record] of records.entries()) {
    if (record === undefined) continue;
    state.roleKeys[value] = state.policy.roles.length;
    state.policy.roles.push(record);
  }
  for (const role of state.policy.roles) {
    role.bounds = role.bounds === 0 ? -1 : state.roleOf(role.bounds);
  }
  if (state.policy.roles[0]?.name !== "object_r") state.bytes.fail("role 1 is not object_r");
}

function readTypes(state: PolicydbDecoder, permissive: BitSet): void {
  const { values, entries } = state.tableHead(16, "types");
  const records: TypeRecord[] = [];
  for (let index = 0; index < entries; index++) {
    const length = state.bytes.u32();
    const value = state.value(values, "type");
    const properties = state.bytes.u32();
    const bounds = state.bytes.u32();
    records.push({ value, properties, bounds, name: state.bytes.text(length, "a type") });
  }
  numberTypes(state, records, values);
  for (const record of records) finishType(state, record, permissive);
  for (const [index, role] of state.policy.roles.entries()) {
    state.policy.roles[index] = { ...role, types: state.typeSet(role.types) };
  }
}

/** Types first, then attributes, each in the order of their values. */
function numberTypes(state: PolicydbDecoder, records: readonly TypeRecord[], values: number): void {
  const { types, attributes } = state.policy;
  const primary: TypeRecord[] = [];
  for (const record of records) {
    if ((record.properties & TYPE_PRIMARY) !== 0) primary[record.value - 1] = record;
  }
  checkDense(state.bytes, primary, values, "type");
  const isAttribute = ({ properties }: TypeRecord) => (properties & TYPE_ATTRIBUTE) !== 0;
  const typeCount = primary.filter((record) => !isAttribute(record)).length;
  state.keys = new Int32Array(values);
  for (const record of primary) {
    const { name } = record;
    if (isAttribute(record)) {
      state.keys[record.value - 1] = typeCount + attributes.length;
      attributes.push({ name, types: [], members: new BitSet(typeCount), expand: false });
    } else {
      state.keys[record.value - 1] = types.length;
      types.push({ name, aliases: [], attributes: [], bounds: -1, permissive: false });
    }
  }
}

function finishType(state: PolicydbDecoder, record: TypeRecord, permissive: BitSet): void {
  const type = state.policy.types[state.keys[record.value - 1]];
  if (type === undefined) return;
  if ((record.properties & TYPE_PRIMARY) === 0) type.aliases.push(record.name);
  else {
    type.bounds = record.bounds === 0 ? -1 : state.typeOf(record.bounds);
    type.permissive = permissive.has(record.value);
  }
}

function readUsers(state: PolicydbDecoder): void {
  const { values, entries } = state.tableHead(12, "users");
  for (let index = 0; index < entries; index++) {
    const length = state.bytes.u32();
    const value = state.value(values, "user");
    const bounds = state.bytes.u32() - 1;
    const name = state.bytes.text(length, "a user");
    const roles = state.roleSet(state.bitmap());
    const range = state.range();
    state.policy.users[value - 1] = { name, roles, bounds, range, level: state.level() };
  }
  checkDense(state.bytes, state.policy.users, values, "user");
}

function readBooleans(state: PolicydbDecoder): void {
  const { values, entries } = state.tableHead(12, "booleans");
  for (let index = 0; index < entries; index++) {
    const value = state.value(values, "boolean");
    const isTrue = state.bytes.u32() !== 0;
    const name = state.bytes.text(state.bytes.u32(), "a boolean");
    state.policy.booleans[value - 1] = { name, value: isTrue };
  }
  checkDense(state.bytes, state.policy.booleans, values, "boolean");
}

function readLevels(state: PolicydbDecoder): void {
  const { values, entries } = state.tableHead(12, "levels");
  const aliases: [number, string][] = [];
  for (let index = 0; index < entries; index++) {
    const length = state.bytes.u32();
    const isAlias = state.bytes.u32() !== 0;
    const name = state.bytes.text(length, "a sensitivity");
    const value = state.value(values, "sensitivity");
    const categories = state.bitmap();
    if (isAlias) aliases.push([value - 1, name]);
    else state.policy.sensitivities[value - 1] = { name, aliases: [], categories };
  }
  // libsepol counts aliases among the values, so that only the names themselves are counted here.
  checkDense(state.bytes, state.policy.sensitivities, entries - aliases.length, "sensitivity");
  for (const [index, name] of aliases) {
    const sensitivity = state.policy.sensitivities[index];
    if (sensitivity === undefined) state.bytes.fail(`alias ${name} of no sensitivity`);
    sensitivity.aliases.push(name);
  }
}

function readCategories(state: PolicydbDecoder): void {
  const { values, entries } = state.tableHead(12, "categories");
  const aliases: [number, string][] = [];
  for (let index = 0; index < entries; index++) {
    const length = state.bytes.u32();
    const value = state.value(values, "category");
    const isAlias = state.bytes.u32() !== 0;
    const name = state.bytes.text(length, "a category");
    if (isAlias) aliases.push([value - 1, name]);
    else state.policy.categories[value - 1] = { name, aliases: [] };
  }
  checkDense(state.bytes, state.policy.categories, entries - aliases.length, "category");
  for (const [index, name] of aliases) {
    const category = state.policy.categories[index];
    if (category === undefined) state.bytes.fail(`alias ${name} of no category`);
    category.aliases.push(name);
  }
}
