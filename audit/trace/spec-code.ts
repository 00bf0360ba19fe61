// What the specification is made of, declaration by declaration: which of it a proof stands on.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { hashOfTokens, parse, root, textOf, walk } from "./source.ts";

/** A function or constant at the top of a file of spec/. */
interface Declaration {
  /** As in "spec/event_channel.ts#send". */
  readonly id: string;
  readonly hash: string;
  /** Ids of the declarations that its text uses. */
  readonly uses: readonly string[];
  readonly clauses: readonly string[];
}

/** The specification's language belongs to the prover, and invariants are items of their own. */
const FOLDER = "spec";

function clauseOf(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
  return node.expression.name.text === "clause" ? textOf(node.arguments[0]) : undefined;
}

const namesOf = (statement: ts.Statement): string[] => {
  if (ts.isFunctionDeclaration(statement)) return [statement.name?.text ?? ""];
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.map(({ name }) => name.getText());
};

/** What the names that a file imports stand for: "spec/FILE" and the name there; * is all of it. */
function importsOf(source: ts.SourceFile): Map<string, { file: string; name: string }> {
  const found = new Map<string, { file: string; name: string }>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const path = textOf(statement.moduleSpecifier) ?? "";
    const file = join(FOLDER, path);
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined) continue;
    if (ts.isNamespaceImport(bindings)) found.set(bindings.name.text, { file, name: "*" });
    else {
      for (const { name, propertyName } of bindings.elements) {
        found.set(name.text, { file, name: (propertyName ?? name).text });
      }
    }
  }
  return found;
}

/** The declaration that an identifier stands for; a property of an object is none. */
function useOf(node: ts.Node, file: string, imports: ReturnType<typeof importsOf>) {
  if (!ts.isIdentifier(node)) return undefined;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    const space = imports.get(parent.expression.getText());
    return space?.name === "*" ? `${space.file}#${node.text}` : undefined;
  }
  if (ts.isPropertyAssignment(parent) && parent.name === node) return undefined;
  const imported = imports.get(node.text);
  if (imported === undefined) return `${file}#${node.text}`;
  return `${imported.file}#${imported.name}`;
}

function declarationsIn(file: string): Declaration[] {
  const source = parse(file);
  const imports = importsOf(source);
  return source.statements.flatMap((statement) => {
    const names = namesOf(statement);
    if (names.length === 0) return [];
    const uses = new Set<string>();
    const clauses: string[] = [];
    walk(statement, (node) => {
      const use = useOf(node, file, imports);
      if (use !== undefined) uses.add(use);
      const clause = clauseOf(node);
      if (clause !== undefined) clauses.push(clause);
    });
    const hash = hashOfTokens(statement.getText());
    return names.map((name) => ({ id: `${file}#${name}`, hash, uses: [...uses], clauses }));
  });
}

/** The declarations of the specification, and which of them a walk through it comes to. */
export class SpecCode {
  readonly #all: ReadonlyMap<string, Declaration>;

  constructor() {
    const files = readdirSync(join(root, FOLDER)).filter((name) => name.endsWith(".ts"));
    const all = files.sort().flatMap((name) => declarationsIn(`${FOLDER}/${name}`));
    this.#all = new Map(all.map((one) => [one.id, one]));
  }

  /** Hash of each declaration. */
  hashes(): Map<string, string> {
    return new Map([...this.#all.values()].map(({ id, hash }) => [id, hash]));
  }

  /**
   * What steps consist of that come to these clauses: the declarations in which the clauses stand,
   * and all that those use and that has no clause. What has one is used only if it was come to.
   */
  behind(clauses: ReadonlySet<string>): string[] {
    const all = [...this.#all.values()];
    const found = new Set(all.filter((one) => one.clauses.some((id) => clauses.has(id))));
    for (const { uses } of found) {
      for (const id of uses) {
        const used = this.#all.get(id);
        if (used?.clauses.length === 0) found.add(used);
      }
    }
    return [...found].map(({ id }) => id).sort();
  }
}
