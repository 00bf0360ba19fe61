/**
 * The syntax tree of a base policy.
 *
 * Each node carries its place as `start` and `end` offsets; `SourceText.span(node.start, node.end)`
 * gives file, line, column and macro chain. Lists of names, of which a large policy has hundreds
 * of thousands, stand in two flat columns of the tree (`nameIds`, `nameStarts`).
 */

import type {
  Condition,
  ConstraintExpression,
  ContextText,
  LevelText,
  Name,
  NameSet,
  Node,
  RangeText,
} from "./ast-parts.ts";
import type { SetColumns } from "./set-columns.ts";

export type {
  Condition,
  ConditionOperator,
  ConstraintExpression,
  ConstraintOperand,
  ConstraintOperator,
  ContextText,
  LevelText,
  Name,
  NameSet,
  Node,
  RangeText,
} from "./ast-parts.ts";
export { type SetMember, SyntaxTree } from "./syntax-tree.ts";

export type AccessRuleKind = "allow" | "auditallow" | "auditdeny" | "dontaudit" | "neverallow";
export type TypeRuleKind = "type_transition" | "type_member" | "type_change";

/** Its four sets stand in columns, one after the other from `firstSet` on. */
export class AccessRule implements Node {
  readonly rule: AccessRuleKind;
  readonly start: number;
  readonly end: number;
  readonly sets: SetColumns;
  readonly firstSet: number;

  constructor(
    rule: AccessRuleKind,
    sets: SetColumns,
    firstSet: number,
    start: number,
    end: number,
  ) {
    this.rule = rule;
    this.sets = sets;
    this.firstSet = firstSet;
    this.start = start;
    this.end = end;
  }

  get kind(): "access-rule" {
    return "access-rule";
  }

  get source(): NameSet {
    return this.sets.at(this.firstSet);
  }

  get target(): NameSet {
    return this.sets.at(this.firstSet + 1);
  }

  get classes(): NameSet {
    return this.sets.at(this.firstSet + 2);
  }

  get permissions(): NameSet {
    return this.sets.at(this.firstSet + 3);
  }
}

export interface TypeRule extends Node {
  readonly kind: "type-rule";
  readonly rule: TypeRuleKind;
  readonly source: NameSet;
  readonly target: NameSet;
  readonly classes: NameSet;
  readonly result: Name;
}

export interface ClassDeclaration extends Node {
  readonly kind: "class";
  readonly name: Name;
}

export interface InitialSidDeclaration extends Node {
  readonly kind: "initial-sid";
  readonly name: Name;
}

export interface CommonDefinition extends Node {
  readonly kind: "common";
  readonly name: Name;
  readonly permissions: NameSet;
}

export interface AccessVectorDefinition extends Node {
  readonly kind: "access-vector";
  readonly name: Name;
  readonly inherits: Name | undefined;
  readonly permissions: NameSet | undefined;
}

export interface DefaultRule extends Node {
  readonly kind: "default";
  readonly component: "user" | "role" | "type" | "range";
  readonly classes: NameSet;
  readonly from: "source" | "target" | "glblub";
  readonly part: "low" | "high" | "low-high" | undefined;
}

export interface SensitivityDeclaration extends Node {
  readonly kind: "sensitivity";
  readonly name: Name;
  readonly aliases: NameSet | undefined;
}

export interface DominanceStatement extends Node {
  readonly kind: "dominance";
  readonly order: NameSet;
}

export interface CategoryDeclaration extends Node {
  readonly kind: "category";
  readonly name: Name;
  readonly aliases: NameSet | undefined;
}

export interface LevelDefinition extends Node {
  readonly kind: "level";
  readonly sensitivity: Name;
  readonly categories: NameSet | undefined;
}

export interface AttributeDeclaration extends Node {
  readonly kind: "attribute";
  readonly name: Name;
}

export interface RoleAttributeDeclaration extends Node {
  readonly kind: "attribute_role";
  readonly name: Name;
}

export interface ExpandAttribute extends Node {
  readonly kind: "expandattribute";
  readonly attributes: NameSet;
  readonly value: boolean;
}

export interface TypeDeclaration extends Node {
  readonly kind: "type";
  readonly name: Name;
  readonly aliases: NameSet | undefined;
  readonly attributes: NameSet | undefined;
}

export interface TypeAlias extends Node {
  readonly kind: "typealias";
  readonly name: Name;
  readonly aliases: NameSet;
}

export interface TypeAttribute extends Node {
  readonly kind: "typeattribute";
  readonly name: Name;
  readonly attributes: NameSet;
}

export interface TypeBounds extends Node {
  readonly kind: "typebounds";
  readonly parent: Name;
  readonly children: NameSet;
}

export interface Permissive extends Node {
  readonly kind: "permissive";
  readonly name: Name;
}

export interface BooleanDeclaration extends Node {
  readonly kind: "bool";
  readonly name: Name;
  readonly value: boolean;
  readonly tunable: boolean;
}

export interface Conditional extends Node {
  readonly kind: "if";
  readonly condition: Condition;
  readonly whenTrue: readonly (AccessRule | TypeRule | RequireBlock)[];
  readonly whenFalse: readonly (AccessRule | TypeRule | RequireBlock)[];
}

export interface RoleDeclaration extends Node {
  readonly kind: "role";
  readonly name: Name;
  readonly attributes: NameSet | undefined;
}

export interface RoleTypes extends Node {
  readonly kind: "role-types";
  readonly name: Name;
  readonly types: NameSet;
}

export interface RoleAttribute extends Node {
  readonly kind: "roleattribute";
  readonly name: Name;
  readonly attributes: NameSet;
}

export interface RoleAllow extends Node {
  readonly kind: "role-allow";
  readonly from: NameSet;
  readonly to: NameSet;
}

export interface RoleTransition extends Node {
  readonly kind: "role_transition";
  readonly roles: NameSet;
  readonly types: NameSet;
  readonly classes: NameSet | undefined;
  readonly result: Name;
}

export interface RangeTransition extends Node {
  readonly kind: "range_transition";
  readonly source: NameSet;
  readonly target: NameSet;
  readonly classes: NameSet | undefined;
  readonly range: RangeText;
}

export interface PolicyCapability extends Node {
  readonly kind: "policycap";
  readonly name: Name;
}

export interface Requirement extends Node {
  readonly what:
    | "class"
    | "role"
    | "type"
    | "attribute"
    | "attribute_role"
    | "user"
    | "bool"
    | "tunable"
    | "sensitivity"
    | "category";
  readonly names: NameSet;
  /** Only for a class. */
  readonly permissions: NameSet | undefined;
}

export interface RequireBlock extends Node {
  readonly kind: "require";
  readonly requirements: readonly Requirement[];
}

export interface OptionalBlock extends Node {
  readonly kind: "optional";
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[] | undefined;
}

export interface UserDeclaration extends Node {
  readonly kind: "user";
  readonly name: Name;
  readonly roles: NameSet;
  readonly level: LevelText | undefined;
  readonly range: RangeText | undefined;
}

export interface Constrain extends Node {
  readonly kind: "constrain";
  readonly mls: boolean;
  readonly classes: NameSet;
  readonly permissions: NameSet;
  readonly expression: ConstraintExpression;
}

export interface ValidateTransition extends Node {
  readonly kind: "validatetrans";
  readonly mls: boolean;
  readonly classes: NameSet;
  readonly expression: ConstraintExpression;
}

export interface InitialSidContext extends Node {
  readonly kind: "sid-context";
  readonly name: Name;
  readonly context: ContextText;
}

export type DeviceKind = "pirqcon" | "iomemcon" | "ioportcon" | "pcidevicecon" | "devicetreecon";

export interface DeviceContext extends Node {
  readonly kind: "device-context";
  readonly device: DeviceKind;
  /** First and last number (page frames for iomemcon); zero for devicetreecon. */
  readonly low: bigint;
  readonly high: bigint;
  readonly path: string | undefined;
  readonly context: ContextText;
}

export type Statement =
  | AccessRule
  | TypeRule
  | ClassDeclaration
  | InitialSidDeclaration
  | CommonDefinition
  | AccessVectorDefinition
  | DefaultRule
  | SensitivityDeclaration
  | DominanceStatement
  | CategoryDeclaration
  | LevelDefinition
  | AttributeDeclaration
  | RoleAttributeDeclaration
  | ExpandAttribute
  | TypeDeclaration
  | TypeAlias
  | TypeAttribute
  | TypeBounds
  | Permissive
  | BooleanDeclaration
  | Conditional
  | RoleDeclaration
  | RoleTypes
  | RoleAttribute
  | RoleAllow
  | RoleTransition
  | RangeTransition
  | PolicyCapability
  | RequireBlock
  | OptionalBlock
  | UserDeclaration
  | Constrain
  | ValidateTransition
  | InitialSidContext
  | DeviceContext;
