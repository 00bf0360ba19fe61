/** The parts that statements are made of: names, sets, contexts, conditions, constraints. */

export interface Node {
  readonly start: number;
  readonly end: number;
}

/** One identifier; `id` is its number in the tree's name table. */
export interface Name extends Node {
  readonly id: number;
}

/**
 * A set of names as written: `a`, `{ a b -c }`, `~a`, `~{ a b }`, `*`, `a - b`. Nested braces are
 * flattened, as the language defines them. Members `first .. first + count - 1` of the columns.
 */
export interface NameSet extends Node {
  readonly first: number;
  readonly count: number;
  readonly star: boolean;
  readonly complement: boolean;
}

/** `s0:c0.c3,c5`: a sensitivity and its categories as written (`a.b` is a span of categories). */
export interface LevelText extends Node {
  readonly sensitivity: Name;
  readonly categories: NameSet | undefined;
}

export interface RangeText extends Node {
  readonly low: LevelText;
  readonly high: LevelText | undefined;
}

export interface ContextText extends Node {
  readonly user: Name;
  readonly role: Name;
  readonly type: Name;
  readonly range: RangeText | undefined;
}

export type ConditionOperator = "or" | "xor" | "and" | "eq" | "neq";

export type Condition =
  | (Node & { readonly kind: "boolean"; readonly name: Name })
  | (Node & { readonly kind: "not"; readonly operand: Condition })
  | (Node & {
      readonly kind: ConditionOperator;
      readonly left: Condition;
      readonly right: Condition;
    });

/** Operand of a constraint: user, role, type of 1 source, 2 target, 3 the process; levels. */
export type ConstraintOperand =
  | "u1"
  | "u2"
  | "u3"
  | "r1"
  | "r2"
  | "r3"
  | "t1"
  | "t2"
  | "t3"
  | "l1"
  | "l2"
  | "h1"
  | "h2";

export type ConstraintOperator = "eq" | "neq" | "dom" | "domby" | "incomp";

export type ConstraintExpression =
  | (Node & { readonly kind: "not"; readonly operand: ConstraintExpression })
  | (Node & {
      readonly kind: "and" | "or";
      readonly left: ConstraintExpression;
      readonly right: ConstraintExpression;
    })
  | (Node & {
      readonly kind: "compare";
      readonly left: ConstraintOperand;
      readonly operator: ConstraintOperator;
      readonly right: ConstraintOperand;
    })
  | (Node & {
      readonly kind: "member";
      readonly left: ConstraintOperand;
      readonly operator: "eq" | "neq";
      readonly names: NameSet;
    });
