// Rules 5 to 9 and 11: which names of the language a file may use, and how.

import * as assemblyscript from "assemblyscript";
import type { Finding } from "../finding.ts";
import { upperBound } from "./bounds.ts";
import type { Node } from "./compiler.ts";
import { isRead } from "./declarations.ts";
import { COLUMNS_FILE, CONSOLE_TEXT_FUNCTIONS, isPlace, READS_LITERALS } from "./exceptions.ts";
import {
  findingAt,
  functionAround,
  localsAround,
  lookUp,
  nodesOf,
  symbolOf,
  textOf,
  type Unit,
} from "./unit.ts";

const FUNCTIONS = "min max clz ctz popcnt".split(" ");
const INTEGERS = "bool u8 u16 u32 u64 usize i8 i16 i32 i64 isize".split(" ");
const LIMITS = ["MIN_VALUE", "MAX_VALUE"];
const FLOATS = "f32 f64 Math Mathf NativeMath NativeMathf NaN Infinity isNaN isFinite".split(" ");
const MEMORY = "load store memory heap atomic table v128".split(" ");
const MEMORY_MEMBER = /^(load|store|atomic|memory)/;
const CASTS = ["changetype", "reinterpret", "ptrToRef", "refToPtr"];
const SYNTAX = [
  assemblyscript.TrueExpression,
  assemblyscript.FalseExpression,
  assemblyscript.ThisExpression,
  assemblyscript.SuperExpression,
  assemblyscript.NullExpression,
  assemblyscript.ConstructorExpression,
];

/** Identifiers that no file of the core declares: names of the language's own library. */
function libraryNames(unit: Unit): assemblyscript.IdentifierExpression[] {
  return nodesOf(unit, assemblyscript.IdentifierExpression).filter((node) => {
    if (!isRead(unit, node) || SYNTAX.some((type) => node instanceof type)) return false;
    const parent = unit.parents.get(node);
    if (parent instanceof assemblyscript.PropertyAccessExpression && parent.property === node) {
      return false;
    }
    return (
      lookUp(unit, node.text) === undefined && localsAround(unit, node, node.text).length === 0
    );
  });
}

/** `name.member` around an identifier, or the identifier itself. */
function whole(unit: Unit, node: Node): Node {
  const parent = unit.parents.get(node);
  return parent instanceof assemblyscript.PropertyAccessExpression && parent.expression === node
    ? parent
    : node;
}

const memberOf = (node: Node): string =>
  node instanceof assemblyscript.PropertyAccessExpression ? node.property.text : "";

const readsLiterals = (unit: Unit, node: Node): boolean =>
  isPlace(READS_LITERALS, unit.file, functionAround(unit, node)?.name.text);

/** Is the call one of a console-text function? */
function takesText(unit: Unit, call: Node | undefined): boolean {
  if (!(call instanceof assemblyscript.CallExpression)) return false;
  const symbol = symbolOf(unit, call.expression);
  if (!(symbol?.node instanceof assemblyscript.FunctionDeclaration)) return false;
  const { file } = symbol.unit;
  const name = symbol.node.name.text;
  return CONSOLE_TEXT_FUNCTIONS.some((place) => isPlace(place, file, name));
}

function isArgument(unit: Unit, node: Node): boolean {
  const parent = unit.parents.get(node);
  if (!(parent instanceof assemblyscript.CallExpression)) return false;
  return parent.expression !== node && takesText(unit, parent);
}

function isStringType(node: Node | null): boolean {
  if (!(node instanceof assemblyscript.NamedTypeNode)) return false;
  return ["string", "String"].includes(node.name.identifier.text);
}

function mayBeString(unit: Unit, type: Node): boolean {
  const parent = unit.parents.get(type);
  if (!(parent instanceof assemblyscript.ParameterNode)) return false;
  const name = functionAround(unit, type)?.name.text;
  return CONSOLE_TEXT_FUNCTIONS.some((place) => isPlace(place, unit.file, name));
}

function isText(unit: Unit, node: Node): boolean {
  const parent = unit.parents.get(node);
  return !(
    parent instanceof assemblyscript.ImportStatement ||
    parent instanceof assemblyscript.ExportStatement ||
    parent instanceof assemblyscript.DecoratorNode
  );
}

/** Rule 5: a string is a literal given straight to a console-text function. */
export function textLiterals(unit: Unit): Finding[] {
  const literals = nodesOf(unit, assemblyscript.StringLiteralExpression)
    .filter((node) => isText(unit, node) && !isArgument(unit, node))
    .map((node) => findingAt(5, node, `literal ${textOf(node)} does not go to a console text`));
  const types = nodesOf(unit, assemblyscript.NamedTypeNode)
    .filter((node) => isStringType(node) && !mayBeString(unit, node))
    .map((node) => findingAt(5, node, `type \`${textOf(node)}\` outside a console-text function`));
  const uses = nodesOf(unit, assemblyscript.IdentifierExpression)
    .filter((node) => isRead(unit, node))
    .filter((node) => localsAround(unit, node, node.text).some(({ type }) => isStringType(type)))
    .filter((node) => !isArgument(unit, node) && !readsLiterals(unit, node))
    .map((node) => findingAt(5, node, `\`${node.text}\` is a string and is not handed on as one`));
  return [...literals, ...types, ...uses];
}

/** Rule 6: no floating point. */
export function noFloats(unit: Unit): Finding[] {
  const types = nodesOf(unit, assemblyscript.NamedTypeNode).filter(({ name }) =>
    ["f32", "f64"].includes(name.identifier.text),
  );
  const names = libraryNames(unit).filter(({ text }) => FLOATS.includes(text));
  const literals = nodesOf(unit, assemblyscript.FloatLiteralExpression);
  return [...types, ...names, ...literals].map((node) =>
    findingAt(6, node, `\`${textOf(node)}\` is floating point`),
  );
}

/** Does an address start at a base constant of columns.ts? */
function startsAtBase(unit: Unit, address: Node | undefined): boolean {
  if (address instanceof assemblyscript.ParenthesizedExpression) {
    return startsAtBase(unit, address.expression);
  }
  if (address instanceof assemblyscript.BinaryExpression) return startsAtBase(unit, address.left);
  const symbol = address === undefined ? undefined : symbolOf(unit, address);
  if (symbol?.kind !== "constant" || symbol.unit.file !== COLUMNS_FILE) return false;
  return symbol.node instanceof assemblyscript.VariableDeclaration
    ? symbol.node.name.text.endsWith("Base")
    : false;
}

/** `memory.fill` or `memory.copy` over columns, of bounded length. */
function isBulkOfColumns(unit: Unit, name: Node): boolean {
  const call = unit.parents.get(name);
  if (!(call instanceof assemblyscript.CallExpression)) return false;
  const places = { fill: 1, copy: 2 }[memberOf(name)];
  if (places === undefined || call.args.length !== 3) return false;
  const addresses = call.args.slice(0, places);
  return (
    addresses.every((address) => startsAtBase(unit, address)) &&
    upperBound(unit, call.args[2]!) !== undefined
  );
}

/** Rule 7: memory is reached through columns. */
export function columnsOnly(unit: Unit): Finding[] {
  return libraryNames(unit)
    .map((node) => ({ node, full: whole(unit, node) }))
    .filter(({ node, full }) => MEMORY.includes(node.text) || MEMORY_MEMBER.test(memberOf(full)))
    .filter(({ node, full }) => {
      const access = node.text === "load" || node.text === "store";
      if (access && unit.file === COLUMNS_FILE) return false;
      if (node.text === "load" && readsLiterals(unit, node)) return false;
      return !(node.text === "memory" && isBulkOfColumns(unit, full));
    })
    .map(({ full }) => findingAt(7, full, `\`${textOf(unit.parents.get(full) ?? full)}\``));
}

/** Rule 8: no changetype. */
export function noChangetype(unit: Unit): Finding[] {
  return libraryNames(unit)
    .filter(
      (node) =>
        CASTS.includes(node.text) || CASTS.some((c) => memberOf(whole(unit, node)).startsWith(c)),
    )
    .filter((node) => !readsLiterals(unit, node))
    .map((node) => findingAt(8, node, `\`${textOf(unit.parents.get(node) ?? node)}\``));
}

/** Rule 9: no unchecked. */
export function noUnchecked(unit: Unit): Finding[] {
  return libraryNames(unit)
    .filter(({ text }) => text === "unchecked")
    .map((node) => findingAt(9, node, `\`${textOf(unit.parents.get(node) ?? node)}\``));
}

function isKnown(unit: Unit, node: assemblyscript.IdentifierExpression): boolean {
  const full = whole(unit, node);
  const parent = unit.parents.get(full);
  const called = parent instanceof assemblyscript.CallExpression && parent.expression === full;
  if (full === node) return called && FUNCTIONS.includes(node.text);
  return !called && INTEGERS.includes(node.text) && LIMITS.includes(memberOf(full));
}

/** Names that rules 6 to 9 speak of; rule 11 does not repeat them. */
const SPOKEN_OF = [...FLOATS, ...MEMORY, ...CASTS, "unchecked"];

/** Rule 11: of the language's own library only a few names; no exceptions. */
export function knownNames(unit: Unit): Finding[] {
  const names = libraryNames(unit)
    .filter((node) => !SPOKEN_OF.includes(node.text) && !isKnown(unit, node))
    .filter((node) => !MEMORY_MEMBER.test(memberOf(whole(unit, node))))
    .map((node) => findingAt(11, node, `\`${textOf(whole(unit, node))}\` is library code`));
  const members = nodesOf(unit, assemblyscript.PropertyAccessExpression)
    .filter((node) => symbolOf(unit, node) === undefined && !readsLiterals(unit, node))
    .filter(({ expression: left }) => {
      if (!(left instanceof assemblyscript.IdentifierExpression)) return true;
      return (
        lookUp(unit, left.text) !== undefined || localsAround(unit, left, left.text).length > 0
      );
    })
    .map((node) => findingAt(11, node, `\`${textOf(node)}\` is not a name of the core`));
  const types = [assemblyscript.ThrowStatement, assemblyscript.TryStatement];
  const exceptions = nodesOf(unit, ...types).map((node) =>
    findingAt(11, node, `\`${textOf(node)}\` is an exception`),
  );
  return [...names, ...members, ...exceptions];
}
