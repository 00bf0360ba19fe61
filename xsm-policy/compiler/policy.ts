/**
 * The resolved policy: every name is an index, every rule stands with the places it came from.
 *
 * Types and attributes share one index space, the *keys*: key k < types.length is a type, and
 * key types.length + a is attribute a. Rules keep attributes as attributes, so that a rule stays
 * as small as it was written; `relation.ts` expands.
 */

import type { Condition, DeviceKind, Node, SyntaxTree } from "./ast.ts";
import type { BitSet } from "./bits.ts";

/** Where something was declared in the tree; absent when the policy came from a binary. */
export interface Declared {
  readonly declared?: Node;
}

export interface PolicyCommon extends Declared {
  readonly name: string;
  /** Index = bit number. */
  readonly permissions: string[];
}

export interface PolicyClass extends Declared {
  readonly name: string;
  /** Index into commons, or -1. */
  common: number;
  /** All permissions, inherited ones first; index = bit number. */
  permissions: string[];
  /** All bits that name a permission. */
  allPermissions: number;
  readonly constraints: ClassConstraint[];
  readonly validateTransitions: ClassConstraint[];
  defaultUser: DefaultFrom;
  defaultRole: DefaultFrom;
  defaultType: DefaultFrom;
  defaultRange: DefaultRange;
}

export type DefaultFrom = "none" | "source" | "target";
export type DefaultRange =
  | "none"
  | "source-low"
  | "source-high"
  | "source-low-high"
  | "target-low"
  | "target-high"
  | "target-low-high"
  | "glblub";

export interface PolicyType extends Declared {
  readonly name: string;
  readonly aliases: string[];
  /** Attribute indexes, ascending. */
  readonly attributes: number[];
  /** Index of the bounding type, or -1. */
  bounds: number;
  permissive: boolean;
}

export interface PolicyAttribute extends Declared {
  readonly name: string;
  /** Type indexes, ascending. */
  readonly types: number[];
  readonly members: BitSet;
  /** Marked by `expandattribute ... true`: rules name its types instead. */
  expand: boolean;
}

export interface PolicyRole extends Declared {
  readonly name: string;
  readonly types: BitSet;
  bounds: number;
}

export interface PolicyUser extends Declared {
  readonly name: string;
  readonly roles: BitSet;
  level: Level;
  range: Range;
  bounds: number;
}

export interface PolicyBoolean extends Declared {
  readonly name: string;
  readonly value: boolean;
}

export interface PolicySensitivity extends Declared {
  readonly name: string;
  readonly aliases: string[];
  /** Categories that the level may carry. */
  readonly categories: BitSet;
}

export interface PolicyCategory extends Declared {
  readonly name: string;
  readonly aliases: string[];
}

/** One level: an index into `sensitivities` (which stand in dominance order) and categories. */
export interface Level {
  readonly sensitivity: number;
  readonly categories: BitSet;
}

export interface Range {
  readonly low: Level;
  readonly high: Level;
}

/** A full security context. `range` is the empty one where the policy is not MLS. */
export interface Context {
  readonly user: number;
  readonly role: number;
  readonly type: number;
  readonly range: Range;
}

export interface InitialSid extends Declared {
  readonly name: string;
  context: Context | undefined;
}

export interface DeviceLabel extends Declared {
  readonly device: DeviceKind;
  readonly low: bigint;
  readonly high: bigint;
  readonly path: string | undefined;
  readonly context: Context;
}

/** Permissions of one class in a rule. */
export interface Grant {
  readonly class: number;
  /** Bit n = permission n of the class; as an unsigned 32-bit number. */
  readonly permissions: number;
}

/** Keys (types and attributes) as a rule names them, after exclusions. */
export interface KeySet {
  /** Ascending. Attributes appear only where the whole attribute is meant. */
  readonly keys: readonly number[];
}

export type GrantKind = "allow" | "auditallow" | "dontaudit";

/** Under which boolean setting a rule holds: `policy.conditionals[index]` equal to `branch`. */
export interface RuleCondition {
  readonly index: number;
  readonly branch: boolean;
}

/** An allow, auditallow or dontaudit rule (auditdeny is kept as the dontaudit that it means). */
export interface GrantRule {
  readonly kind: GrantKind;
  readonly sources: KeySet;
  readonly targets: KeySet;
  /** Also grants each source type on itself. */
  readonly self: boolean;
  readonly grants: readonly Grant[];
  readonly condition: RuleCondition | undefined;
  readonly node: Node | undefined;
}

export interface TypeRuleEntry {
  readonly kind: "type_transition" | "type_member" | "type_change";
  readonly sources: KeySet;
  readonly targets: KeySet;
  readonly self: boolean;
  readonly classes: readonly number[];
  readonly result: number;
  readonly condition: RuleCondition | undefined;
  readonly node: Node | undefined;
}

/** A neverallow: no type of `sources` may hold any of `grants` on a type of `targets`. */
export interface NeverAllow {
  readonly sources: BitSet;
  readonly targets: BitSet;
  /** Each source on itself is forbidden too. */
  readonly self: boolean;
  /** Each source on itself is exempt (`~self`, `{ x -self }`). */
  readonly notSelf: boolean;
  readonly grants: readonly Grant[];
  readonly node: Node;
}

/**
 * One condition, without leading `!`. `if` blocks whose conditions have the same truth table share
 * one; `node` is the first of them.
 */
export interface PolicyConditional {
  readonly expression: BooleanExpression;
  readonly node: Node | undefined;
}

export type BooleanExpression =
  | { readonly kind: "boolean"; readonly boolean: number }
  | { readonly kind: "not"; readonly operand: BooleanExpression }
  | {
      readonly kind: Exclude<Condition["kind"], "boolean" | "not">;
      readonly left: BooleanExpression;
      readonly right: BooleanExpression;
    };

export interface RoleAllowRule {
  readonly from: number;
  readonly to: number;
}

export interface RoleTransitionRule {
  readonly role: number;
  readonly type: number;
  readonly class: number;
  readonly result: number;
}

export interface RangeTransitionRule {
  readonly source: number;
  readonly target: number;
  readonly class: number;
  readonly range: Range;
}

export type ConstraintSubject = "user" | "role" | "type";
export type LevelPair = "l1l2" | "l1h2" | "h1l2" | "h1h2" | "l1h1" | "l2h2";

/** A constraint in postfix order. */
export type ConstraintStep =
  | { readonly kind: "not" }
  | { readonly kind: "and" }
  | { readonly kind: "or" }
  | {
      readonly kind: "compare";
      readonly subject: ConstraintSubject | LevelPair;
      readonly operator: "eq" | "neq" | "dom" | "domby" | "incomp";
    }
  | {
      readonly kind: "member";
      readonly subject: ConstraintSubject;
      /** 1 source, 2 target, 3 the process that asks (validatetrans only). */
      readonly side: 1 | 2 | 3;
      readonly operator: "eq" | "neq";
      /** Users, roles or types, by subject; attributes are expanded. */
      readonly members: BitSet;
      /** Types only: the keys as written. */
      readonly keys: readonly number[];
    };

export interface ClassConstraint {
  /** Zero for validatetrans. */
  readonly permissions: number;
  readonly steps: readonly ConstraintStep[];
  readonly mls: boolean;
  readonly node: Node | undefined;
}

export interface Policy {
  readonly tree: SyntaxTree | undefined;
  readonly mls: boolean;
  readonly commons: PolicyCommon[];
  readonly classes: PolicyClass[];
  /** Index 0 is initial SID number 1. */
  readonly initialSids: InitialSid[];
  readonly types: PolicyType[];
  readonly attributes: PolicyAttribute[];
  /** Index 0 is object_r. */
  readonly roles: PolicyRole[];
  readonly users: PolicyUser[];
  readonly booleans: PolicyBoolean[];
  readonly sensitivities: PolicySensitivity[];
  readonly categories: PolicyCategory[];
  readonly capabilities: number[];
  readonly conditionals: PolicyConditional[];
  readonly grantRules: GrantRule[];
  readonly typeRules: TypeRuleEntry[];
  readonly neverAllows: NeverAllow[];
  readonly roleAllows: RoleAllowRule[];
  readonly roleTransitions: RoleTransitionRule[];
  readonly rangeTransitions: RangeTransitionRule[];
  readonly devices: DeviceLabel[];
}
