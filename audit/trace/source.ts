// Sources as their compiler sees them: syntax trees, and hashes that no comment and no blank moves.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** The project. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** From 1, as editors count. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export const sha256 = (bytes: string | Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/** So many hexadecimal digits name one end of a link: enough to notice any change. */
const DIGITS = 16;

/** Hash of a piece of source by its tokens: layout and comments are left out. */
export function hashOfTokens(text: string): string {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, true, ts.LanguageVariant.Standard, text);
  const tokens: string[] = [];
  while (scanner.scan() !== ts.SyntaxKind.EndOfFileToken) tokens.push(scanner.getTokenText());
  return sha256(tokens.join("\n")).slice(0, DIGITS);
}

export const shortHash = (text: string): string => sha256(text).slice(0, DIGITS);

/** The syntax tree of a file of the project. */
export function parse(file: string): ts.SourceFile {
  const text = readFileSync(join(root, file), "utf8");
  return ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
}

export function placeOf(source: ts.SourceFile, position: number): Place {
  const { line, character } = source.getLineAndCharacterOfPosition(position);
  return { file: source.fileName, line: line + 1, column: character + 1 };
}

/** Text of a string literal, or of literals joined by +. */
export function textOf(node: ts.Expression | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isBinaryExpression(node)) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

/** Visits a node and all below it, in the order of the text. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** The comment that opens a file, as one line. */
export function openingOf(source: ts.SourceFile): string {
  const lines = source.text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("//"));
  const words = lines.slice(0, end).map((line) => line.replace(/^\/\/ ?/, ""));
  return words.join(" ").replace(/\s+/g, " ").trim();
}
