/** Conditions of `if` blocks: booleans resolved, leading `!` removed, equal ones shared. */

import type { Condition, Conditional } from "./ast.ts";
import { CONDITION_LIMIT_COUNT, CONDITION_STACK_LIMIT_OPERANDS } from "./limits.ts";
import type { BooleanExpression, RuleCondition } from "./policy.ts";
import type { ResolverState } from "./resolver-state.ts";

/** Conditions of more booleans than this are compared by their text instead of truth tables. */
const TRUTH_TABLE_LIMIT_BOOLEANS = 5;

/** How the rules of an `if` block hold: under a condition, or decided now by tunables. */
export type BlockCondition =
  | {
      readonly kind: "boolean";
      readonly whenTrue: RuleCondition;
      readonly whenFalse: RuleCondition;
    }
  | { readonly kind: "decided"; readonly value: boolean };

export class ConditionResolver {
  readonly #state: ResolverState;
  readonly #known = new Map<string, number>();

  constructor(state: ResolverState) {
    this.#state = state;
  }

  /** Resolves the condition of an `if` block; undefined after an error. */
  resolve(statement: Conditional): BlockCondition | undefined {
    const { condition } = statement;
    const before = this.#state.sink.errorCount;
    const uses = { booleans: 0, tunables: 0 };
    const expression = this.#expression(condition, uses);
    if (expression === undefined || this.#state.sink.errorCount > before) return undefined;
    if (uses.booleans > 0 && uses.tunables > 0) {
      this.#state.error(
        "mixed-condition",
        "a condition cannot mix booleans and tunables",
        condition,
      );
      return undefined;
    }
    if (typeof expression === "boolean") return { kind: "decided", value: expression };
    if (stackDepth(expression) > CONDITION_STACK_LIMIT_OPERANDS) {
      const message = "the hypervisor cannot evaluate a condition nested this deep";
      this.#state.error("too-deep", message, condition, { hint: "group it to the left" });
      return undefined;
    }
    return this.#share(expression, statement);
  }

  #share(written: BooleanExpression, statement: Conditional): BlockCondition {
    let expression = written;
    let inverted = false;
    while (expression.kind === "not") {
      expression = expression.operand;
      inverted = !inverted;
    }
    const { conditionals } = this.#state.policy;
    const fingerprint = conditionFingerprint(expression);
    let index = this.#known.get(fingerprint);
    if (index === undefined) {
      index = conditionals.length;
      if (index === CONDITION_LIMIT_COUNT) {
        const message = `more than ${CONDITION_LIMIT_COUNT} different conditions`;
        this.#state.error("too-many", message, statement);
      }
      conditionals.push({ expression, node: statement });
      this.#known.set(fingerprint, index);
    }
    return {
      kind: "boolean",
      whenTrue: { index, branch: !inverted },
      whenFalse: { index, branch: inverted },
    };
  }

  /** The resolved expression, or its value where only tunables decide it. */
  #expression(
    condition: Condition,
    uses: { booleans: number; tunables: number },
  ): BooleanExpression | boolean | undefined {
    if (condition.kind === "boolean") {
      const symbol = this.#state.find("boolean", condition.name);
      if (symbol === undefined) return undefined;
      if (symbol.special) {
        uses.tunables++;
        return this.#state.tunables.get(symbol) ?? false;
      }
      uses.booleans++;
      return { kind: "boolean", boolean: symbol.index };
    }
    if (condition.kind === "not") {
      const operand = this.#expression(condition.operand, uses);
      if (operand === undefined || typeof operand === "boolean") {
        return operand === undefined ? undefined : !operand;
      }
      return { kind: "not", operand };
    }
    const left = this.#expression(condition.left, uses);
    const right = this.#expression(condition.right, uses);
    if (left === undefined || right === undefined) return undefined;
    if (typeof left === "boolean" && typeof right === "boolean") {
      return applyOperator(condition.kind, left, right);
    }
    // A mixture is an error that the caller reports; either side will do until then.
    if (typeof left === "boolean") return right;
    return typeof right === "boolean" ? left : { kind: condition.kind, left, right };
  }
}

type Operator = Exclude<BooleanExpression["kind"], "boolean" | "not">;

function applyOperator(operator: Operator, left: boolean, right: boolean): boolean {
  if (operator === "or") return left || right;
  if (operator === "and") return left && right;
  return operator === "eq" ? left === right : left !== right;
}

/** The value of a condition when boolean number `i` has the value `values[i]`. */
export function evaluateCondition(
  expression: BooleanExpression,
  values: readonly boolean[],
): boolean {
  if (expression.kind === "boolean") return values[expression.boolean];
  if (expression.kind === "not") return !evaluateCondition(expression.operand, values);
  const left = evaluateCondition(expression.left, values);
  return applyOperator(expression.kind, left, evaluateCondition(expression.right, values));
}

/** Booleans that a condition names, in order of first appearance. */
export function conditionBooleans(expression: BooleanExpression): number[] {
  const found: number[] = [];
  const visit = (part: BooleanExpression): void => {
    if (part.kind === "boolean") {
      if (!found.includes(part.boolean)) found.push(part.boolean);
    } else if (part.kind === "not") visit(part.operand);
    else {
      visit(part.left);
      visit(part.right);
    }
  };
  visit(expression);
  return found;
}

/** Operands that a stack machine holds at once while it evaluates an expression in postfix. */
function stackDepth(expression: BooleanExpression): number {
  if (expression.kind === "boolean") return 1;
  if (expression.kind === "not") return stackDepth(expression.operand);
  return Math.max(stackDepth(expression.left), stackDepth(expression.right) + 1);
}

/** Equal for conditions that mean the same, as far as libsepol tells. */
function conditionFingerprint(expression: BooleanExpression): string {
  const booleans = conditionBooleans(expression);
  if (booleans.length > TRUTH_TABLE_LIMIT_BOOLEANS) return JSON.stringify(expression);
  const ordered = booleans.sort((one, other) => one - other);
  const values: boolean[] = [];
  let table = "";
  for (let row = 0; row < 1 << ordered.length; row++) {
    for (const [bit, boolean] of ordered.entries()) values[boolean] = ((row >> bit) & 1) === 1;
    table += evaluateCondition(expression, values) ? "1" : "0";
  }
  return `${ordered.join(",")}:${table}`;
}

const SYMBOLS: Readonly<Record<Operator, string>> = {
  or: "||",
  xor: "^",
  and: "&&",
  eq: "==",
  neq: "!=",
};

/** A condition in the policy language, in parentheses wherever an operator has operands. */
export function conditionText(
  expression: BooleanExpression,
  booleans: readonly { readonly name: string }[],
): string {
  if (expression.kind === "boolean") return booleans[expression.boolean].name;
  if (expression.kind === "not") return `!${conditionText(expression.operand, booleans)}`;
  const left = conditionText(expression.left, booleans);
  const right = conditionText(expression.right, booleans);
  return `(${left} ${SYMBOLS[expression.kind]} ${right})`;
}
