// Upper bounds of expressions, as far as their text shows them.

import * as assemblyscript from "assemblyscript";
import type { Node } from "./compiler.ts";
import { FLAG_CONST, type Local, localsAround, symbolOf, type Unit } from "./unit.ts";

type Bound = bigint | undefined;

export const operatorText = (token: number): string => assemblyscript.operatorTokenToString(token);

const both = (a: Bound, b: Bound, of: (a: bigint, b: bigint) => bigint): Bound =>
  a === undefined || b === undefined ? undefined : of(a, b);

const ascending = (bounds: readonly bigint[]): bigint[] =>
  [...bounds].sort((a, b) => Number(a > b) - Number(a < b));

/** The least of the bounds that are known. */
export function least(bounds: readonly Bound[]): Bound {
  return ascending(bounds.filter((bound) => bound !== undefined))[0];
}

/** The greatest bound, if all are known. */
function most(bounds: readonly Bound[]): Bound {
  const known = bounds.filter((bound) => bound !== undefined);
  return known.length === bounds.length ? ascending(known).at(-1) : undefined;
}

/** Bound of a local that is assigned once. */
function ofLocal(unit: Unit, local: Local): Bound {
  if (!(local instanceof assemblyscript.VariableDeclaration)) return undefined;
  if (!local.is(FLAG_CONST) || local.initializer === null) return undefined;
  return upperBound(unit, local.initializer);
}

/** The value that a name stands for as a constant of the file or of another. */
function constantOf(unit: Unit, node: Node): { unit: Unit; value: Node } | undefined {
  const symbol = symbolOf(unit, node);
  if (symbol?.kind !== "constant") return undefined;
  if (!(symbol.node instanceof assemblyscript.VariableDeclaration)) return undefined;
  const value = symbol.node.initializer;
  return value === null ? undefined : { unit: symbol.unit, value };
}

const localsNamed = (unit: Unit, node: Node): readonly Local[] =>
  node instanceof assemblyscript.IdentifierExpression ? localsAround(unit, node, node.text) : [];

function ofName(unit: Unit, node: Node): Bound {
  const locals = localsNamed(unit, node);
  if (locals.length > 0) return most(locals.map((local) => ofLocal(unit, local)));
  const constant = constantOf(unit, node);
  return constant && upperBound(constant.unit, constant.value);
}

/** The value of a constant expression. */
export function exactValue(unit: Unit, node: Node): Bound {
  if (node instanceof assemblyscript.IntegerLiteralExpression) return BigInt(String(node.value));
  if (node instanceof assemblyscript.ParenthesizedExpression) {
    return exactValue(unit, node.expression);
  }
  if (node instanceof assemblyscript.AssertionExpression) return exactValue(unit, node.expression);
  if (node instanceof assemblyscript.BinaryExpression) {
    const a = exactValue(unit, node.left);
    const b = exactValue(unit, node.right);
    const operator = operatorText(node.operator);
    if (operator === "+") return both(a, b, (x, y) => x + y);
    if (operator === "-") return both(a, b, (x, y) => (x < y ? x : x - y));
    if (operator === "*") return both(a, b, (x, y) => x * y);
    if (operator === "<<") return both(a, b, (x, y) => x << y);
    return undefined;
  }
  const constant = localsNamed(unit, node).length === 0 ? constantOf(unit, node) : undefined;
  return constant && exactValue(constant.unit, constant.value);
}

/** Of unsigned numbers; a divisor that is not known is at least 1. */
function quotient(left: Bound, divisor: Bound): Bound {
  return left === undefined || !divisor ? left : left / divisor;
}

function ofBinary(unit: Unit, node: assemblyscript.BinaryExpression): Bound {
  const left = upperBound(unit, node.left);
  const right = upperBound(unit, node.right);
  const operator = operatorText(node.operator);
  if (operator === "&") return least([left, right]);
  if (operator === "%") return right;
  if (operator === "/") return quotient(left, exactValue(unit, node.right));
  if (operator === ">>") return left;
  if (operator === "+" || operator === "|") return both(left, right, (a, b) => a + b);
  if (operator === "*") return both(left, right, (a, b) => a * b);
  if (operator === "<<") return both(left, right, (a, b) => a << b);
  return exactValue(unit, node);
}

function ofCall(unit: Unit, call: assemblyscript.CallExpression): Bound {
  if (!(call.expression instanceof assemblyscript.IdentifierExpression)) return undefined;
  const bounds = call.args.map((argument) => upperBound(unit, argument));
  if (call.expression.text === "min") return least(bounds);
  if (call.expression.text === "max") return most(bounds);
  return undefined;
}

/** A number that the (unsigned) value of `node` never exceeds, or undefined: the text shows
 *  none. */
export function upperBound(unit: Unit, node: Node): Bound {
  if (node instanceof assemblyscript.IntegerLiteralExpression) return BigInt(String(node.value));
  if (node instanceof assemblyscript.ParenthesizedExpression) {
    return upperBound(unit, node.expression);
  }
  if (node instanceof assemblyscript.AssertionExpression) return upperBound(unit, node.expression);
  if (node instanceof assemblyscript.BinaryExpression) return ofBinary(unit, node);
  if (node instanceof assemblyscript.CallExpression) return ofCall(unit, node);
  if (node instanceof assemblyscript.TernaryExpression) {
    return most([upperBound(unit, node.ifThen), upperBound(unit, node.ifElse)]);
  }
  return ofName(unit, node);
}
