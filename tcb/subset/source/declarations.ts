// Rules 1 to 4, 10, 14 and 15: what a file may declare and import.

import * as assemblyscript from "assemblyscript";
import type { Finding } from "../finding.ts";
import type { Node } from "./compiler.ts";
import { CORE_FOLDER, MACHINE_FILE } from "./exceptions.ts";
import {
  FLAG_CONST,
  FLAG_DECLARE,
  FLAG_LET,
  findingAt,
  localsAround,
  nodesOf,
  symbolOf,
  textOf,
  type Unit,
} from "./unit.ts";

const SCALARS = "bool u8 u16 u32 u64 usize i8 i16 i32 i64 isize void".split(" ");
/** Types that rules of their own speak of. */
const ELSEWHERE = ["f32", "f64", "string", "String"];

/** Rule 1: `new`. */
export function noNew(unit: Unit): Finding[] {
  return nodesOf(unit, assemblyscript.NewExpression).map((node) =>
    findingAt(1, node, `\`${textOf(node)}\` allocates`),
  );
}

function declaresMore(unit: Unit): Node[] {
  const unwanted = [
    assemblyscript.ClassDeclaration,
    assemblyscript.EnumDeclaration,
    assemblyscript.NamespaceDeclaration,
    assemblyscript.TypeDeclaration,
    assemblyscript.ThisExpression,
    assemblyscript.SuperExpression,
    assemblyscript.InstanceOfExpression,
    assemblyscript.TypeParameterNode,
    assemblyscript.ModuleDeclaration,
    assemblyscript.ExportDefaultStatement,
    assemblyscript.ExportImportStatement,
  ];
  return nodesOf(unit, ...unwanted);
}

/** A statement at the top of a file that is neither import, export, constant nor function. */
function looseStatements(unit: Unit): Node[] {
  const wanted = [
    assemblyscript.ImportStatement,
    assemblyscript.ExportStatement,
    assemblyscript.VariableStatement,
    assemblyscript.DeclarationStatement,
    assemblyscript.ModuleDeclaration,
    assemblyscript.ExportDefaultStatement,
    assemblyscript.ExportImportStatement,
    assemblyscript.EmptyStatement,
  ];
  return unit.source.statements.filter(
    (statement) => !wanted.some((type) => statement instanceof type),
  );
}

/** Rule 2: functions and constants only. */
export function functionsAndConstants(unit: Unit): Finding[] {
  const fixed = (node: assemblyscript.ParameterNode) =>
    node.parameterKind === 0 && node.initializer === null;
  const parameters = nodesOf(unit, assemblyscript.ParameterNode).filter((node) => !fixed(node));
  return [...declaresMore(unit), ...looseStatements(unit), ...parameters].map((node) =>
    findingAt(2, node, `\`${textOf(node)}\` is not a plain function or constant`),
  );
}

/** The expression that an identifier stands in when it names a function of a namespace. */
function reference(unit: Unit, node: assemblyscript.IdentifierExpression): Node {
  const parent = unit.parents.get(node);
  return parent instanceof assemblyscript.PropertyAccessExpression && parent.property === node
    ? parent
    : node;
}

/** Is the node the name of something that is declared, imported or exported there? */
export function isName(unit: Unit, node: Node): boolean {
  const parent = unit.parents.get(node);
  return (
    parent instanceof assemblyscript.DeclarationStatement ||
    parent instanceof assemblyscript.ParameterNode ||
    parent instanceof assemblyscript.ExportMember ||
    parent instanceof assemblyscript.ImportStatement ||
    parent instanceof assemblyscript.TypeName ||
    parent instanceof assemblyscript.DecoratorNode ||
    parent instanceof assemblyscript.BreakStatement ||
    parent instanceof assemblyscript.ContinueStatement
  );
}

/** Is the identifier a value that is read, not a name that is given? */
export function isRead(unit: Unit, node: assemblyscript.IdentifierExpression): boolean {
  if (!isName(unit, node)) return true;
  const parent = unit.parents.get(node);
  return (
    parent instanceof assemblyscript.VariableLikeDeclarationStatement && parent.initializer === node
  );
}

function functionValues(unit: Unit): Node[] {
  return nodesOf(unit, assemblyscript.IdentifierExpression)
    .filter((node) => isRead(unit, node) && localsAround(unit, node, node.text).length === 0)
    .map((node) => reference(unit, node))
    .filter((node) => symbolOf(unit, node)?.kind === "function")
    .filter((node) => {
      const parent = unit.parents.get(node);
      return !(parent instanceof assemblyscript.CallExpression && parent.expression === node);
    });
}

/** Rule 3: no function inside a function, no function as a value. */
export function noClosures(unit: Unit): Finding[] {
  const nested = nodesOf(unit, assemblyscript.FunctionDeclaration).filter(
    (node) => unit.parents.get(node) !== unit.source,
  );
  const types = nodesOf(unit, assemblyscript.FunctionTypeNode).filter(
    (node) => !(unit.parents.get(node) instanceof assemblyscript.FunctionDeclaration),
  );
  return [
    ...nested.map((node) => findingAt(3, node, `function inside a function: \`${textOf(node)}\``)),
    ...types.map((node) => findingAt(3, node, `type of a function value: \`${textOf(node)}\``)),
    ...functionValues(unit).map((node) =>
      findingAt(3, node, `function \`${textOf(node)}\` used as a value`),
    ),
  ];
}

/** Rule 4: the types are integers, bool and void; nothing managed. */
export function scalarTypes(unit: Unit): Finding[] {
  const allowed = [...SCALARS, ...ELSEWHERE];
  const types = nodesOf(unit, assemblyscript.NamedTypeNode).filter((node) => {
    const name = node.name.identifier.text;
    const plain = node.name.next === null && !node.hasTypeArguments && !node.isNullable;
    return name !== "" && !(plain && allowed.includes(name));
  });
  const managed = [
    assemblyscript.ArrayLiteralExpression,
    assemblyscript.ObjectLiteralExpression,
    assemblyscript.TemplateLiteralExpression,
    assemblyscript.RegexpLiteralExpression,
    assemblyscript.ElementAccessExpression,
    assemblyscript.NullExpression,
    assemblyscript.ForOfStatement,
    assemblyscript.TupleTypeNode,
  ];
  const values = nodesOf(unit, ...managed);
  return [
    ...types.map((node) => findingAt(4, node, `type \`${textOf(node)}\` is not a scalar`)),
    ...values.map((node) => findingAt(4, node, `\`${textOf(node)}\` is a managed value`)),
  ];
}

/** Node classes that a constant's value is made of. */
const CONSTANT_PARTS = [
  assemblyscript.LiteralExpression,
  assemblyscript.IdentifierExpression,
  assemblyscript.PropertyAccessExpression,
  assemblyscript.UnaryPrefixExpression,
  assemblyscript.BinaryExpression,
  assemblyscript.ParenthesizedExpression,
  assemblyscript.AssertionExpression,
  assemblyscript.TypeNode,
  assemblyscript.TypeName,
];

function isConstantValue(unit: Unit, value: Node): boolean {
  if (!CONSTANT_PARTS.some((type) => value instanceof type)) return false;
  return unit.nodes
    .filter((node) => unit.parents.get(node) === value)
    .every((node) => isConstantValue(unit, node));
}

/** Rule 10: no state outside the tables. */
export function noModuleState(unit: Unit): Finding[] {
  return nodesOf(unit, assemblyscript.VariableStatement).flatMap((statement) => {
    const atTop = unit.parents.get(statement) === unit.source;
    return statement.declarations.flatMap((one): Finding[] => {
      if (!one.is(FLAG_CONST) && !one.is(FLAG_LET)) {
        return [findingAt(10, one, `\`var ${one.name.text}\``)];
      }
      if (!atTop) return [];
      if (!one.is(FLAG_CONST)) return [findingAt(10, one, `top-level \`let ${one.name.text}\``)];
      const value = one.initializer;
      if (value !== null && isConstantValue(unit, value)) return [];
      return [findingAt(10, one, `the value of \`${one.name.text}\` is not a constant`)];
    });
  });
}

/** Rule 14: imports from the core's own folder. */
export function importsInCore(unit: Unit): Finding[] {
  const paths = [
    ...nodesOf(unit, assemblyscript.ImportStatement).map(({ path }) => path),
    ...nodesOf(unit, assemblyscript.ExportStatement).map(({ path }) => path),
  ].filter((path) => path !== null);
  const own = (path: string) =>
    /^\.\/[a-z_0-9]+$/.test(path) && unit.others.has(CORE_FOLDER + path.slice(2));
  return paths
    .filter((path) => !own(path.value))
    .map((path) => findingAt(14, path, `"${path.value}" is not a file of the core`));
}

/** Rule 15: the machine's imports stand in machine.ts. */
export function machineOnly(unit: Unit): Finding[] {
  const inMachine = unit.file === MACHINE_FILE;
  const decorators = nodesOf(unit, assemblyscript.DecoratorNode).filter(({ name }) => {
    const text = name instanceof assemblyscript.IdentifierExpression ? name.text : "";
    return !(text === "inline" || (inMachine && text === "external"));
  });
  const declared = nodesOf(unit, assemblyscript.DeclarationStatement).filter(
    (node) => node.is(FLAG_DECLARE) && !inMachine,
  );
  return [...decorators, ...declared].map((node) =>
    findingAt(15, node, `\`${textOf(node)}\` outside ${MACHINE_FILE}`),
  );
}
