/** The rules, conditions and constraints of a binary policy. */

import type { BitSet } from "./bits.ts";
import type { ByteReader } from "./byte-reader.ts";
import { CONDITION_LIMIT_COUNT, EXPRESSION_LIMIT_OPERANDS } from "./limits.ts";
import type {
  BooleanExpression,
  ClassConstraint,
  ConstraintStep,
  ConstraintSubject,
  GrantKind,
  LevelPair,
  RuleCondition,
  TypeRuleEntry,
} from "./policy.ts";
import { type PolicydbDecoder, readBitmap } from "./policydb-decoder.ts";
import {
  CONDITION_NUMBER,
  CONSTRAINT_NUMBER,
  LEVEL_PAIR_BITS,
  OPERATOR_NUMBER,
  RULE_ALLOWED,
  RULE_AUDITALLOW,
  RULE_AUDITDENY,
  RULE_CHANGE,
  RULE_ENABLED,
  RULE_MEMBER,
  RULE_TRANSITION,
  SUBJECT_BITS,
} from "./policydb-format.ts";

/** Bytes of one rule in the table. */
const RULE_BYTES = 12;

const GRANT_OF: ReadonlyMap<number, GrantKind> = new Map([
  [RULE_ALLOWED, "allow"],
  [RULE_AUDITALLOW, "auditallow"],
  [RULE_AUDITDENY, "dontaudit"],
]);

const TYPE_RULE_OF: ReadonlyMap<number, TypeRuleEntry["kind"]> = new Map([
  [RULE_TRANSITION, "type_transition"],
  [RULE_MEMBER, "type_member"],
  [RULE_CHANGE, "type_change"],
]);

/** The table of unconditional rules. */
export function readRules(state: PolicydbDecoder): void {
  const count = state.bytes.count(RULE_BYTES, "rules");
  if (count === 0) state.bytes.fail("an empty rule table, which Xen refuses");
  for (let left = count; left > 0; left--) readRule(state, undefined);
}

function readRule(state: PolicydbDecoder, condition: RuleCondition | undefined): void {
  const { policy } = state;
  const bytes: ByteReader = state.bytes;
  const source = keyOf(state, bytes.u16());
  const target = keyOf(state, bytes.u16());
  const classIndex = bytes.u16() - 1;
  const kind = bytes.u16() & ~RULE_ENABLED;
  const data = bytes.u32();
  const definition = policy.classes[classIndex];
  if (definition === undefined) bytes.fail(`class number ${classIndex + 1}`);
  const common = { sources: state.setOf(source), targets: state.setOf(target), self: false };
  const grant = GRANT_OF.get(kind);
  if (grant !== undefined) {
    const mask = ((grant === "dontaudit" ? ~data : data) & definition.allPermissions) >>> 0;
    if (mask === 0) return;
    const grants = [{ class: classIndex, permissions: mask }];
    policy.grantRules.push({ kind: grant, ...common, grants, condition, node: undefined });
    return;
  }
  const typeRule = TYPE_RULE_OF.get(kind);
  if (typeRule === undefined) bytes.fail(`a rule of kind ${kind}, which Xen cannot use`);
  if (Math.max(source, target) >= policy.types.length) bytes.fail("a type rule on an attribute");
  const result = state.typeOf(data);
  const classes = [classIndex];
  policy.typeRules.push({ kind: typeRule, ...common, classes, result, condition, node: undefined });
}

function keyOf(state: PolicydbDecoder, value: number): number {
  const key = state.keys[value - 1];
  return key ?? state.bytes.fail(`type number ${value}`);
}

/** The conditions with their two lists of rules. */
export function readConditions(state: PolicydbDecoder): void {
  const { policy } = state;
  const bytes: ByteReader = state.bytes;
  const count = bytes.count(16, "conditions");
  if (count > CONDITION_LIMIT_COUNT) bytes.fail(`${count} conditions`);
  for (let index = 0; index < count; index++) {
    bytes.u32();
    policy.conditionals.push({ expression: readExpression(state), node: undefined });
    for (const branch of [true, false]) {
      for (let left = bytes.count(RULE_BYTES, "rules"); left > 0; left--) {
        readRule(state, { index, branch });
      }
    }
  }
}

const OPERATOR_OF = new Map(
  Object.entries(CONDITION_NUMBER).map(([kind, number]) => [
    number,
    kind as BooleanExpression["kind"],
  ]),
);

function readExpression(state: PolicydbDecoder): BooleanExpression {
  const { policy } = state;
  const bytes: ByteReader = state.bytes;
  const count = bytes.count(8, "condition steps");
  if (count > EXPRESSION_LIMIT_OPERANDS * 3) bytes.fail(`a condition of ${count} steps`);
  const stack: BooleanExpression[] = [];
  const pop = () => stack.pop() ?? bytes.fail("a condition without operands");
  for (let left = count; left > 0; left--) {
    const kind = OPERATOR_OF.get(bytes.u32());
    const value = bytes.u32();
    if (kind === undefined) bytes.fail("an unknown operator in a condition");
    if (kind === "boolean") {
      if (value === 0 || value > policy.booleans.length) bytes.fail(`boolean number ${value}`);
      stack.push({ kind, boolean: value - 1 });
    } else if (kind === "not") stack.push({ kind, operand: pop() });
    else {
      const right = pop();
      stack.push({ kind, left: pop(), right });
    }
  }
  const [expression] = stack;
  if (stack.length !== 1) bytes.fail("a condition that does not come to one value");
  return expression;
}

/**
 * One constraint. What it names by number is only known later, so that the result is a function
 * that makes it.
 */
export function readConstraint(state: PolicydbDecoder): () => ClassConstraint {
  const bytes: ByteReader = state.bytes;
  const permissions = bytes.u32();
  const count = bytes.count(12, "constraint steps");
  const steps = Array.from({ length: count }, () => readStep(state));
  checkBalance(state, steps);
  return () => {
    const made = steps.map(({ make }) => make());
    return { permissions, steps: made, mls: false, node: undefined };
  };
}

interface StepReading {
  /** Values that the step takes off the stack, and puts there. */
  readonly takes: number;
  readonly make: () => ConstraintStep;
}

function checkBalance(state: PolicydbDecoder, steps: readonly StepReading[]): void {
  let depth = 0;
  for (const { takes } of steps) {
    if (depth < takes) state.bytes.fail("a constraint without operands");
    depth += 1 - takes;
  }
  if (depth !== 1) state.bytes.fail("a constraint that does not come to one value");
}

const STEP_OF = new Map(
  Object.entries(CONSTRAINT_NUMBER).map(([kind, number]) => [
    number,
    kind as ConstraintStep["kind"],
  ]),
);
const LEVELS_OF = new Map(
  Object.entries(LEVEL_PAIR_BITS).map(([pair, bits]) => [bits as number, pair as LevelPair]),
);
const SUBJECT_OF = new Map(
  Object.entries(SUBJECT_BITS).map(([subject, bits]) => [bits, subject as ConstraintSubject]),
);
const COMPARISON_OF = new Map(
  Object.entries(OPERATOR_NUMBER).map(([operator, number]) => [
    number as number,
    operator as keyof typeof OPERATOR_NUMBER,
  ]),
);

function readStep(state: PolicydbDecoder): StepReading {
  const bytes: ByteReader = state.bytes;
  const kind = STEP_OF.get(bytes.u32());
  const bits = bytes.u32();
  const operator = COMPARISON_OF.get(bytes.u32());
  if (kind === undefined) bytes.fail("an unknown step in a constraint");
  if (kind === "not") return { takes: 1, make: () => ({ kind }) };
  if (kind === "and" || kind === "or") return { takes: 2, make: () => ({ kind }) };
  if (operator === undefined) bytes.fail("an unknown comparison in a constraint");
  if (kind === "compare") {
    const subject = SUBJECT_OF.get(bits) ?? LEVELS_OF.get(bits);
    if (subject === undefined) bytes.fail("an unknown operand in a constraint");
    return { takes: 0, make: () => ({ kind, subject, operator }) };
  }
  return readMember(state, bits, operator === "neq" ? "neq" : "eq");
}

function readMember(state: PolicydbDecoder, bits: number, operator: "eq" | "neq"): StepReading {
  const bytes: ByteReader = state.bytes;
  const subject = SUBJECT_OF.get(bits & 7);
  const side = ((bits & 24) >>> 3) + 1;
  if (subject === undefined || side > 3) bytes.fail("an unknown operand in a constraint");
  const members = readBitmap(bytes);
  let written: BitSet | undefined;
  if (state.version === 30) {
    written = readBitmap(bytes);
    readBitmap(bytes);
    bytes.u32();
  }
  return {
    takes: 0,
    make: () => ({
      kind: "member",
      subject,
      side: side as 1 | 2 | 3,
      operator,
      members: convert(state, subject, members),
      keys: subject === "type" ? keysOf(state, written ?? members) : [],
    }),
  };
}

function convert(state: PolicydbDecoder, subject: ConstraintSubject, members: BitSet): BitSet {
  if (subject === "type") return state.typeSet(members);
  return subject === "role" ? state.roleSet(members) : members;
}

function keysOf(state: PolicydbDecoder, values: BitSet): number[] {
  const keys = values.toArray().map((value) => keyOf(state, value + 1));
  return keys.sort((one, other) => one - other);
}
