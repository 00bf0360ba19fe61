// Rule 12: every loop counts towards a constant.

import * as assemblyscript from "assemblyscript";
import type { Finding } from "../finding.ts";
import { exactValue, least, operatorText, upperBound } from "./bounds.ts";
import type { Node } from "./compiler.ts";
import { isPlace, LONG_LOOPS, TURNS_MAX } from "./exceptions.ts";
import { ancestors, findingAt, functionAround, localsAround, nodesOf, type Unit } from "./unit.ts";

type Loop =
  | assemblyscript.ForStatement
  | assemblyscript.WhileStatement
  | assemblyscript.DoStatement;

/** A counter's change in one turn: by how much, and in which direction. */
interface Step {
  readonly name: string;
  readonly by: bigint;
}

const nameOf = (node: Node): string | undefined =>
  node instanceof assemblyscript.IdentifierExpression ? node.text : undefined;

function flatten(node: Node): Node[] {
  if (node instanceof assemblyscript.ParenthesizedExpression) return flatten(node.expression);
  if (node instanceof assemblyscript.BinaryExpression && operatorText(node.operator) === "&&") {
    return [...flatten(node.left), ...flatten(node.right)];
  }
  return [node];
}

/** `i++`, `i--`, `i += C`, `i -= C`; undefined for anything else. */
function stepOf(unit: Unit, node: Node | null): Step | undefined {
  if (
    node instanceof assemblyscript.UnaryPostfixExpression ||
    node instanceof assemblyscript.UnaryPrefixExpression
  ) {
    const name = nameOf(node.operand);
    const by = { "++": 1n, "--": -1n }[operatorText(node.operator)];
    return name === undefined || by === undefined ? undefined : { name, by };
  }
  if (!(node instanceof assemblyscript.BinaryExpression)) return undefined;
  const name = nameOf(node.left);
  const sign = { "+=": 1n, "-=": -1n }[operatorText(node.operator)];
  const amount = exactValue(unit, node.right);
  if (name === undefined || sign === undefined || amount === undefined || amount < 1n) {
    return undefined;
  }
  return { name, by: sign * amount };
}

/** Names that something inside `node` assigns to, with the assigning node. */
function assignments(unit: Unit, within: Node): { name: string; node: Node }[] {
  const inside = unit.nodes.filter((node) => [...ancestors(unit, node)].includes(within));
  return inside.flatMap((node) => {
    const target =
      node instanceof assemblyscript.BinaryExpression && operatorText(node.operator).endsWith("=")
        ? !["==", "===", "!=", "!==", "<=", ">="].includes(operatorText(node.operator)) && node.left
        : (node instanceof assemblyscript.UnaryPostfixExpression ||
              node instanceof assemblyscript.UnaryPrefixExpression) &&
            ["++", "--"].includes(operatorText(node.operator))
          ? node.operand
          : false;
    const name = target === false ? undefined : nameOf(target);
    return name === undefined ? [] : [{ name, node }];
  });
}

const ceilDivide = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

/** Turns that `condition` allows a counter that starts at `start` (undefined: anywhere). */
function turns(
  unit: Unit,
  condition: Node,
  step: Step,
  start: Node | undefined,
): bigint | undefined {
  if (!(condition instanceof assemblyscript.BinaryExpression)) return undefined;
  if (nameOf(condition.left) !== step.name) return undefined;
  const operator = operatorText(condition.operator);
  if (step.by > 0n) {
    const bound = upperBound(unit, condition.right);
    if (bound === undefined || !["<", "<="].includes(operator)) return undefined;
    const from = (start && exactValue(unit, start)) ?? 0n;
    const distance = bound - from + (operator === "<=" ? 1n : 0n);
    return distance <= 0n ? 0n : ceilDivide(distance, step.by);
  }
  const end = exactValue(unit, condition.right);
  const from = start && upperBound(unit, start);
  if (end === undefined || from === undefined) return undefined;
  // Counting down by one reaches any end but one below zero; larger steps could jump over it.
  if (operator === ">" && step.by === -1n) return from - end;
  return undefined;
}

/** Can the counter start below zero? Then it would first count up to it. */
function mayBeNegative(unit: Unit, declaration: assemblyscript.VariableDeclaration): boolean {
  const { type, initializer } = declaration;
  if (initializer !== null && exactValue(unit, initializer) !== undefined) return false;
  const name = type instanceof assemblyscript.NamedTypeNode ? type.name.identifier.text : "i";
  return !name.startsWith("u");
}

/** Turns of a `for`; a text says what is missing. */
function forTurns(unit: Unit, loop: assemblyscript.ForStatement): bigint | string {
  const { initializer, condition, incrementor, body } = loop;
  const declarations =
    initializer instanceof assemblyscript.VariableStatement ? initializer.declarations : [];
  const [counter] = declarations;
  if (declarations.length !== 1 || counter?.initializer == null) {
    return "it does not start with one counter of its own";
  }
  const step = stepOf(unit, incrementor);
  if (step === undefined || step.name !== counter.name.text) {
    return `it does not advance ${counter.name.text} by a constant`;
  }
  if (mayBeNegative(unit, counter)) return `${counter.name.text} is not declared unsigned`;
  if (assignments(unit, body).some(({ name }) => name === step.name)) {
    return `its body assigns to ${step.name}`;
  }
  const found = (condition === null ? [] : flatten(condition))
    .map((part) => turns(unit, part, step, counter.initializer ?? undefined))
    .filter((count) => count !== undefined);
  if (found.length === 0) return `its condition does not compare ${step.name} with a constant`;
  return least(found)!;
}

function directSteps(unit: Unit, body: Node): Step[] {
  const statements = body instanceof assemblyscript.BlockStatement ? body.statements : [body];
  return statements.flatMap((statement) => {
    if (!(statement instanceof assemblyscript.ExpressionStatement)) return [];
    const step = stepOf(unit, statement.expression);
    return step === undefined || step.by < 0n ? [] : [step];
  });
}

/** Turns of a `while` or `do`; a text says what is missing. */
function whileTurns(
  unit: Unit,
  loop: assemblyscript.WhileStatement | assemblyscript.DoStatement,
): bigint | string {
  const { condition, body } = loop;
  const skips = nodesOf(unit, assemblyscript.ContinueStatement).some((node) =>
    [...ancestors(unit, node)].includes(loop),
  );
  if (skips) return "a `continue` may skip the counter";
  const assigned = assignments(unit, body);
  const counts = directSteps(unit, body)
    .filter(({ name }) => assigned.filter((one) => one.name === name).length === 1)
    .filter(({ name }) => localsAround(unit, loop, name).length > 0)
    .flatMap((step) => flatten(condition).map((part) => turns(unit, part, step, undefined)))
    .filter((count) => count !== undefined);
  if (counts.length === 0) return "no counter that each turn advances is compared with a constant";
  return least(counts)!;
}

function check(unit: Unit, loop: Loop): Finding[] {
  const name = functionAround(unit, loop)?.name.text;
  const exception = LONG_LOOPS.find((place) => isPlace(place, unit.file, name));
  if (exception !== undefined && !exception.bounded) return [];
  const count =
    loop instanceof assemblyscript.ForStatement ? forTurns(unit, loop) : whileTurns(unit, loop);
  if (typeof count === "string") return [findingAt(12, loop, `unbounded loop: ${count}`)];
  const allowed = exception?.turnsMax ?? TURNS_MAX;
  if (count <= BigInt(allowed)) return [];
  return [findingAt(12, loop, `a loop of up to ${count} turns; ${allowed} are allowed`)];
}

/** Rule 12: bounded loops. */
export function boundedLoops(unit: Unit): Finding[] {
  const types = [
    assemblyscript.ForStatement,
    assemblyscript.WhileStatement,
    assemblyscript.DoStatement,
  ];
  return nodesOf(unit, ...types).flatMap((loop) => check(unit, loop));
}
