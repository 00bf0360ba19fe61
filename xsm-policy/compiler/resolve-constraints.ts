/** Constraints and validatetrans statements, turned into the postfix that the evaluator runs. */

import type {
  Constrain,
  ConstraintExpression,
  ConstraintOperand,
  NameSet,
  Node,
  ValidateTransition,
} from "./ast.ts";
import { BitSet } from "./bits.ts";
import { CONSTRAINT_STACK_LIMIT_OPERANDS } from "./limits.ts";
import type { ConstraintStep, ConstraintSubject, LevelPair } from "./policy.ts";
import type { RoleResolver } from "./resolve-roles.ts";
import type { RuleResolver } from "./resolve-rules.ts";
import { classSet } from "./resolve-sets.ts";
import type { ResolverState } from "./resolver-state.ts";

const SUBJECT: Readonly<Record<string, ConstraintSubject>> = { u: "user", r: "role", t: "type" };

export class ConstraintResolver {
  readonly #state: ResolverState;
  readonly #rules: RuleResolver;
  readonly #roles: RoleResolver;

  constructor(state: ResolverState, rules: RuleResolver, roles: RoleResolver) {
    this.#state = state;
    this.#rules = rules;
    this.#roles = roles;
  }

  /** `constrain C P E;` and `mlsconstrain`: one constraint for each class. */
  constrain(statement: Constrain): void {
    const steps = this.#steps(statement.expression, false);
    for (const index of classSet(this.#state, statement.classes)) {
      const permissions = this.#rules.grants.mask(index, statement.permissions);
      if (permissions === 0) continue;
      const constraint = { permissions, steps, mls: statement.mls, node: statement };
      this.#state.policy.classes[index].constraints.push(constraint);
    }
  }

  /** `validatetrans C E;` */
  validate(statement: ValidateTransition): void {
    const steps = this.#steps(statement.expression, true);
    for (const index of classSet(this.#state, statement.classes)) {
      const constraint = { permissions: 0, steps, mls: statement.mls, node: statement };
      this.#state.policy.classes[index].validateTransitions.push(constraint);
    }
  }

  #steps(expression: ConstraintExpression, validates: boolean): ConstraintStep[] {
    const steps: ConstraintStep[] = [];
    const depth = this.#append(expression, steps, validates);
    if (depth > CONSTRAINT_STACK_LIMIT_OPERANDS) {
      const message = "the hypervisor cannot evaluate a constraint nested this deep";
      this.#state.error("too-deep", message, expression, {
        hint: "group it to the left: ((a or b) or c), not (a or (b or c))",
      });
    }
    return steps;
  }

  /** Appends an expression in postfix; gives how many operands its evaluation holds at once. */
  #append(expression: ConstraintExpression, steps: ConstraintStep[], validates: boolean): number {
    switch (expression.kind) {
      case "not": {
        const depth = this.#append(expression.operand, steps, validates);
        steps.push({ kind: "not" });
        return depth;
      }
      case "and":
      case "or": {
        const left = this.#append(expression.left, steps, validates);
        const right = this.#append(expression.right, steps, validates);
        steps.push({ kind: expression.kind });
        return Math.max(left, right + 1);
      }
      case "compare":
        steps.push({
          kind: "compare",
          subject: comparedSubject(expression.left, expression.right),
          operator: expression.operator,
        });
        return 1;
      case "member":
        steps.push(this.#member(expression, validates));
        return 1;
    }
  }

  #member(
    expression: Extract<ConstraintExpression, { kind: "member" }>,
    validates: boolean,
  ): ConstraintStep {
    const { left, operator, names } = expression;
    const subject = SUBJECT[left[0]];
    const side = Number(left[1]) as 1 | 2 | 3;
    if (side === 3 && !validates) this.#refuseThird(left, expression);
    const { members, keys } = this.#members(subject, names);
    return { kind: "member", subject, side, operator, members, keys };
  }

  #refuseThird(operand: ConstraintOperand, node: Node): void {
    this.#state.error("misplaced", `'${operand}' has a meaning only in validatetrans`, node);
  }

  #members(subject: ConstraintSubject, names: NameSet) {
    if (subject === "user") return { members: BitSet.of(this.#users(names)), keys: [] };
    if (subject === "role") return { members: BitSet.of(this.#roles.roleSet(names)), keys: [] };
    const { keys } = this.#rules.sets.types(names, { wild: false, self: false }).keys;
    return { members: this.#rules.sets.typeBits({ keys }), keys };
  }

  #users(names: NameSet): number[] {
    return this.#state.tree.members(names).flatMap((member) => {
      const symbol = this.#state.find("user", member);
      return symbol === undefined || symbol.index === -1 ? [] : [symbol.index];
    });
  }
}

function comparedSubject(
  left: ConstraintOperand,
  right: ConstraintOperand,
): ConstraintSubject | LevelPair {
  return SUBJECT[left[0]] ?? (`${left}${right}` as LevelPair);
}
