/** Conditions of `if` blocks, and the expressions of constraints. */

import type {
  Condition,
  ConditionOperator,
  ConstraintExpression,
  ConstraintOperand,
  ConstraintOperator,
} from "./ast.ts";
import { EXPRESSION_LIMIT_OPERANDS } from "./limits.ts";
import type { ParserState } from "./parser-state.ts";
import { type Keyword, OPERANDS, Token, type TokenKind } from "./tokens.ts";

/** Counts operands, so that no expression outgrows the recursion that later walks it. */
class Budget {
  #left = EXPRESSION_LIMIT_OPERANDS;

  spend(state: ParserState): void {
    if (this.#left === 0) {
      state.fail("too-deep", `more than ${EXPRESSION_LIMIT_OPERANDS} operands in one expression`);
    }
    this.#left--;
  }
}

type BinaryLevel = readonly [TokenKind, ConditionOperator];

/** Loosest first. `not` binds looser than `==`, tighter than `and`, as in checkpolicy. */
const CONDITION_LEVELS: readonly BinaryLevel[] = [
  [Token.Or, "or"],
  [Token.Xor, "xor"],
  [Token.And, "and"],
];

/** `!a && (b || c ^ d)`: the condition of an `if` block. */
export function parseCondition(state: ParserState): Condition {
  return conditionLevel(state, 0, new Budget());
}

function conditionLevel(state: ParserState, level: number, budget: Budget): Condition {
  if (level === CONDITION_LEVELS.length) return conditionNot(state, budget);
  const [token, kind] = CONDITION_LEVELS[level];
  let left = conditionLevel(state, level + 1, budget);
  while (state.accept(token)) {
    const right = conditionLevel(state, level + 1, budget);
    left = { kind, left, right, start: left.start, end: right.end };
  }
  return left;
}

function conditionNot(state: ParserState, budget: Budget): Condition {
  const { start } = state.lexer;
  if (!state.accept(Token.Not)) return conditionEquality(state, budget);
  const operand = state.nested(() => conditionNot(state, budget));
  return { kind: "not", operand, start, end: operand.end };
}

function conditionEquality(state: ParserState, budget: Budget): Condition {
  let left = conditionPrimary(state, budget);
  for (;;) {
    const kind = equality(state.lexer.kind);
    if (kind === undefined) return left;
    state.lexer.next();
    const right =
      state.lexer.kind === Token.Not
        ? conditionNot(state, budget)
        : conditionPrimary(state, budget);
    left = { kind, left, right, start: left.start, end: right.end };
  }
}

function equality(kind: TokenKind): "eq" | "neq" | undefined {
  if (kind === Token.Equal) return "eq";
  return kind === Token.NotEqual ? "neq" : undefined;
}

function conditionPrimary(state: ParserState, budget: Budget): Condition {
  const { lexer } = state;
  if (lexer.kind === Token.OpenParenthesis) {
    lexer.next();
    const inner = state.nested(() => conditionLevel(state, 0, budget));
    state.expect(Token.CloseParenthesis);
    return inner;
  }
  if (lexer.keyword === "true" || lexer.keyword === "false") {
    state.fail(
      "constant-condition",
      `'${lexer.text}' cannot stand in a condition`,
      "name a boolean",
    );
  }
  budget.spend(state);
  const name = state.name("a boolean");
  return { kind: "boolean", name, start: name.start, end: name.end };
}

/** The expression of `constrain` and `validatetrans`, in parentheses or not. */
export function parseConstraint(state: ParserState): ConstraintExpression {
  return constraintOr(state, new Budget());
}

function constraintOr(state: ParserState, budget: Budget): ConstraintExpression {
  let left = constraintAnd(state, budget);
  while (state.accept(Token.Or)) {
    const right = constraintAnd(state, budget);
    left = { kind: "or", left, right, start: left.start, end: right.end };
  }
  return left;
}

function constraintAnd(state: ParserState, budget: Budget): ConstraintExpression {
  let left = constraintNot(state, budget);
  while (state.accept(Token.And)) {
    const right = constraintNot(state, budget);
    left = { kind: "and", left, right, start: left.start, end: right.end };
  }
  return left;
}

function constraintNot(state: ParserState, budget: Budget): ConstraintExpression {
  const { start } = state.lexer;
  if (state.accept(Token.Not)) {
    const operand = state.nested(() => constraintNot(state, budget));
    return { kind: "not", operand, start, end: operand.end };
  }
  if (state.accept(Token.OpenParenthesis)) {
    const inner = state.nested(() => constraintOr(state, budget));
    state.expect(Token.CloseParenthesis);
    return inner;
  }
  budget.spend(state);
  return constraintPrimary(state);
}

const LEVEL_PAIRS: readonly string[] = ["l1 l2", "l1 h2", "h1 l2", "h1 h2", "l1 h1", "l2 h2"];

function constraintPrimary(state: ParserState): ConstraintExpression {
  const { lexer } = state;
  const { start, keyword } = lexer;
  if (keyword === "sameuser") {
    lexer.next();
    return {
      kind: "compare",
      left: "u1",
      operator: "eq",
      right: "u2",
      start,
      end: lexer.previousEnd,
    };
  }
  if (keyword === "source" || keyword === "target") return sideMember(state, keyword, start);
  if (keyword === "role") {
    lexer.next();
    const operator = comparison(state, true);
    return { kind: "compare", left: "r1", operator, right: "r2", start, end: lexer.previousEnd };
  }
  if (keyword === undefined || !OPERANDS.some((operand) => operand === keyword)) {
    state.unexpected("u1, r1, t1, l1, sameuser, 'not' or '('");
  }
  lexer.next();
  return comparisonOf(state, keyword as ConstraintOperand, start);
}

/** `source role { a b }`, the old spelling of `r1 == { a b }`. */
function sideMember(state: ParserState, side: string, start: number): ConstraintExpression {
  state.lexer.next();
  const { keyword } = state.lexer;
  if (keyword !== "role" && keyword !== "type") state.unexpected("'role' or 'type'");
  state.lexer.next();
  const left = `${keyword === "role" ? "r" : "t"}${side === "source" ? 1 : 2}` as ConstraintOperand;
  const names = constraintNames(state);
  return { kind: "member", left, operator: "eq", names, start, end: names.end };
}

function comparisonOf(state: ParserState, left: ConstraintOperand, start: number) {
  const { lexer } = state;
  const isLevel = left.startsWith("l") || left.startsWith("h");
  const ordered = isLevel || left === "r1";
  const operator = comparison(state, ordered);
  const right = lexer.keyword;
  if (right !== undefined && takesRight(left, right)) {
    lexer.next();
    const operand = right as ConstraintOperand;
    return {
      kind: "compare",
      left,
      operator,
      right: operand,
      start,
      end: lexer.previousEnd,
    } as const;
  }
  if (isLevel) state.unexpected(`what '${left}' can be compared with (l2, h1, h2)`);
  if (operator !== "eq" && operator !== "neq") state.unexpected("r2");
  const names = constraintNames(state);
  return { kind: "member", left, operator, names, start, end: names.end } as const;
}

function takesRight(left: ConstraintOperand, right: Keyword): boolean {
  if (LEVEL_PAIRS.includes(`${left} ${right}`)) return true;
  return left.endsWith("1") && "urt".includes(left[0]) && right === `${left[0]}2`;
}

function comparison(state: ParserState, ordered: boolean): ConstraintOperator {
  const { lexer } = state;
  const simple = equality(lexer.kind);
  const { keyword } = lexer;
  if (simple !== undefined) {
    lexer.next();
    return simple;
  }
  if (ordered && (keyword === "dom" || keyword === "domby" || keyword === "incomp")) {
    lexer.next();
    return keyword;
  }
  return state.unexpected(ordered ? "==, !=, dom, domby or incomp" : "== or !=");
}

/** Names in a constraint: one, a flat set, and `*` or `~` (which the resolver refuses). */
function constraintNames(state: ParserState) {
  const { kind } = state.lexer;
  if (kind === Token.Star || kind === Token.Tilde) {
    const found = kind === Token.Star ? "*" : "~";
    state.fail(
      "set-operator",
      `'${found}' cannot be used in a constraint`,
      "list the names, or use !=",
    );
  }
  return state.flatSet("a name", true);
}
