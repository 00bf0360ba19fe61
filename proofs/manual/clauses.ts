// The clauses of the specification, as they stand in its source: s.clause("ID", "sentence").

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const folder = fileURLToPath(new URL("../../spec", import.meta.url));

export interface ManualClause {
  readonly id: string;
  readonly says: string;
  readonly line: number;
  /** What refuses where the clause does not hold: EPERM, or as the source says it. */
  readonly refusals: readonly string[];
}

/** A function of the specification with the clauses in it. */
export interface Section {
  /** Its comment, one line. */
  readonly title: string;
  readonly name: string;
  readonly clauses: readonly ManualClause[];
}

/** A file of the specification. */
export interface Chapter {
  readonly file: string;
  readonly about: string;
  readonly sections: readonly Section[];
}

/** Text of a string literal, or of literals joined by +. */
function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isBinaryExpression(node)) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

const methodOf = (call: ts.CallExpression): string | undefined =>
  ts.isPropertyAccessExpression(call.expression) ? call.expression.name.text : undefined;

/** Errors of the ABI have names in capitals. */
function refusalOf(node: ts.Expression): string {
  const name = node.getText().replace(/^abi[.]/, "");
  return /^[A-Z][A-Za-z0-9_]*$/.test(name) ? name : "the refusal that its caller gives";
}

function clausesOf(source: ts.SourceFile, body: ts.Node): ManualClause[] {
  const found: { clause: Omit<ManualClause, "refusals">; refusals: Set<string> }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const method = methodOf(node);
      const [first, second] = node.arguments;
      const id = first === undefined ? undefined : textOf(first);
      const says = second === undefined ? undefined : textOf(second);
      if (method === "clause" && id !== undefined && says !== undefined) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        found.push({ clause: { id, says, line: line + 1 }, refusals: new Set() });
      } else if (method === "require" && second !== undefined) {
        found[found.length - 1]?.refusals.add(refusalOf(second));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found.map(({ clause, refusals }) => ({ ...clause, refusals: [...refusals] }));
}

const clean = (comment: string): string =>
  comment
    .replace(/^\/\*\*?|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*(\/\/|\*)\s?/, ""))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();

function commentOf(source: ts.SourceFile, node: ts.Node): string {
  const ranges = ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? [];
  const last = ranges[ranges.length - 1];
  return last === undefined ? "" : clean(source.text.slice(last.pos, last.end));
}

/** The comment that opens a file. */
function opening(text: string): string {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("//"));
  return clean(lines.slice(0, end).join("\n"));
}

/** What a file says, function by function. */
export function chapterOf(file: string, text: string): Chapter {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const sections = source.statements.flatMap((statement) => {
    if (!ts.isFunctionDeclaration(statement) || statement.body === undefined) return [];
    const clauses = clausesOf(source, statement.body);
    if (clauses.length === 0) return [];
    return [{ title: commentOf(source, statement), name: statement.name!.text, clauses }];
  });
  return { file, about: opening(text), sections };
}

/** All chapters with clauses, by file name. */
export function chapters(): Chapter[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  return files
    .sort()
    .map((name) => chapterOf(`spec/${name}`, readFileSync(join(folder, name), "utf8")))
    .filter(({ sections }) => sections.length > 0);
}
