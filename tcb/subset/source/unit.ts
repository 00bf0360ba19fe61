// A parsed file with what the rules ask of it: all nodes with their parents, the names that it
// declares, and where an identifier leads.

import * as assemblyscript from "assemblyscript";
import type { Finding } from "../finding.ts";
import type { Node, Program, Source } from "./compiler.ts";

export type SymbolKind = "function" | "constant" | "variable" | "namespace" | "other";

/** What a top-level name stands for, where it is declared. */
export interface Symbol {
  readonly kind: SymbolKind;
  readonly unit: Unit;
  readonly node: Node;
}

export interface Unit {
  /** As in `tcb/core/exit.ts`. */
  readonly file: string;
  readonly source: Source;
  readonly nodes: readonly Node[];
  readonly parents: ReadonlyMap<Node, Node>;
  /** Local variables and parameters of each function, by name. */
  readonly locals: ReadonlyMap<Node, ReadonlyMap<string, readonly Local[]>>;
  readonly declared: ReadonlyMap<string, Node>;
  /** Local name to file (internal path) and name there; "*" for a whole namespace. */
  readonly imported: ReadonlyMap<string, { readonly path: string; readonly name: string }>;
  /** All units of the program by internal path. */
  readonly others: ReadonlyMap<string, Unit>;
}

export type Local = assemblyscript.VariableDeclaration | assemblyscript.ParameterNode;
type Locals = Map<Node, Map<string, Local[]>>;

// Values of the package's CommonFlags.
export const FLAG_DECLARE = 4;
export const FLAG_CONST = 8;
export const FLAG_LET = 16;

function children(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((value): value is Node => value instanceof assemblyscript.Node);
}

function collect(source: Source): { nodes: Node[]; parents: Map<Node, Node> } {
  const nodes: Node[] = [];
  const parents = new Map<Node, Node>();
  const pending: Node[] = [source];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    nodes.push(node);
    for (const child of children(node)) {
      if (parents.has(child) || child === source) continue;
      parents.set(child, node);
      pending.push(child);
    }
  }
  return { nodes, parents };
}

function localsIn(nodes: readonly Node[], parents: ReadonlyMap<Node, Node>): Locals {
  const locals: Locals = new Map();
  for (const node of nodes) {
    const local =
      node instanceof assemblyscript.VariableDeclaration ||
      node instanceof assemblyscript.ParameterNode;
    const around = local ? functionAround({ parents }, node) : undefined;
    if (!local || around === undefined) continue;
    const names = locals.get(around) ?? new Map<string, Local[]>();
    names.set(node.name.text, [...(names.get(node.name.text) ?? []), node]);
    locals.set(around, names);
  }
  return locals;
}

function declarations(source: Source): Map<string, Node> {
  const names = new Map<string, Node>();
  for (const statement of source.statements) {
    const list =
      statement instanceof assemblyscript.VariableStatement ? statement.declarations : [statement];
    for (const one of list) {
      if (one instanceof assemblyscript.DeclarationStatement) names.set(one.name.text, one);
    }
  }
  return names;
}

function imports(source: Source): Unit["imported"] {
  const names = new Map<string, { path: string; name: string }>();
  for (const statement of source.statements) {
    if (!(statement instanceof assemblyscript.ImportStatement)) continue;
    const path = statement.internalPath;
    if (statement.namespaceName !== null) {
      names.set(statement.namespaceName.text, { path, name: "*" });
    }
    for (const one of statement.declarations ?? []) {
      names.set(one.name.text, { path, name: one.foreignName.text });
    }
  }
  return names;
}

/** The units of a program, library left out. */
export function unitsOf(program: Program): Unit[] {
  const others = new Map<string, Unit>();
  for (const source of program.sources) {
    if (isLibrary(source) || source.isNative) continue;
    const { nodes, parents } = collect(source);
    others.set(source.internalPath, {
      file: source.normalizedPath,
      source,
      nodes,
      parents,
      locals: localsIn(nodes, parents),
      declared: declarations(source),
      imported: imports(source),
      others,
    });
  }
  return [...others.values()];
}

/** Is it a file of the language's own library? Its entry counts as a user file to the compiler. */
function isLibrary(source: Source): boolean {
  return source.normalizedPath.startsWith("~lib/");
}

function kindOf(node: Node): SymbolKind {
  if (node instanceof assemblyscript.FunctionDeclaration) return "function";
  if (!(node instanceof assemblyscript.VariableDeclaration)) return "other";
  return node.is(FLAG_CONST) ? "constant" : "variable";
}

/** The top-level name `name` as `unit` sees it; undefined when it is nobody's. */
export function lookUp(unit: Unit, name: string): Symbol | undefined {
  const node = unit.declared.get(name);
  if (node !== undefined) return { kind: kindOf(node), unit, node };
  const from = unit.imported.get(name);
  if (from === undefined) return undefined;
  const target = unit.others.get(from.path);
  if (from.name === "*") return { kind: "namespace", unit: target ?? unit, node: unit.source };
  return target === undefined ? undefined : lookUp(target, from.name);
}

/** The symbol of `name` or `namespace.name`; undefined for anything else. */
export function symbolOf(unit: Unit, expression: Node): Symbol | undefined {
  if (expression instanceof assemblyscript.IdentifierExpression) {
    return lookUp(unit, expression.text);
  }
  if (!(expression instanceof assemblyscript.PropertyAccessExpression)) return undefined;
  if (!(expression.expression instanceof assemblyscript.IdentifierExpression)) return undefined;
  const space = lookUp(unit, expression.expression.text);
  return space?.kind === "namespace" ? lookUp(space.unit, expression.property.text) : undefined;
}

/** Ancestors of a node, nearest first. */
export function* ancestors(unit: Pick<Unit, "parents">, node: Node): Generator<Node> {
  for (let up = unit.parents.get(node); up !== undefined; up = unit.parents.get(up)) yield up;
}

/** The function that a node stands in. */
export function functionAround(
  unit: Pick<Unit, "parents">,
  node: Node,
): assemblyscript.FunctionDeclaration | undefined {
  for (const up of ancestors(unit, node)) {
    if (up instanceof assemblyscript.FunctionDeclaration) return up;
  }
  return undefined;
}

/** Local variables and parameters called `name` in the function that `node` stands in. */
export function localsAround(unit: Unit, node: Node, name: string): readonly Local[] {
  const around = functionAround(unit, node);
  return (around && unit.locals.get(around)?.get(name)) ?? [];
}

/** Nodes of some classes, in the order of the text. */
export function nodesOf<Type extends abstract new (...parameters: never[]) => Node>(
  unit: Unit,
  ...types: Type[]
): InstanceType<Type>[] {
  return unit.nodes
    .filter((node): node is InstanceType<Type> => types.some((type) => node instanceof type))
    .sort((a, b) => a.range.start - b.range.start);
}

/** The text of a node on one line, cut to a readable length. */
export function textOf(node: Node): string {
  const text = node.range.source.text.slice(node.range.start, node.range.end);
  const line = text.replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

/** A finding at a node. */
export function findingAt(rule: number, node: Node, what: string): Finding {
  const { source, start } = node.range;
  const line = source.lineAt(start);
  return { rule, file: source.normalizedPath, line, column: source.columnAt(), what };
}
