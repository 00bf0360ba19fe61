// The tokens of xl's configuration files, as libxlu's scanner has them: names in small letters,
// decimal or 0x numbers, strings in ' or " with backslash escapes, # comments, and five signs.

import { problemAt } from "./problem.ts";

export type TokenKind = "name" | "number" | "string" | "newline" | "sign" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** A string's value without its quotes; anything else as written. */
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ["\\", "\\"],
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

const patterns: readonly { readonly kind: TokenKind | "skip"; readonly pattern: RegExp }[] = [
  { kind: "skip", pattern: /[ \t]+|#[^\n]*/y },
  { kind: "newline", pattern: /\r?\n/y },
  { kind: "name", pattern: /[a-z][_0-9a-z]*/y },
  { kind: "number", pattern: /[0-9][0-9a-fx]*/y },
  { kind: "string", pattern: /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/y },
  { kind: "sign", pattern: /\+=|[,[\]=;]/y },
];

/** What a character that starts no token most likely meant. */
function scannerHint(character: string): string {
  if (character === "'" || character === '"') return "the string does not end on this line";
  if (/[-+.():]/.test(character)) return `"${character}" is Python, which xl does not read either`;
  if (/[A-Z]/.test(character)) return "names are written in small letters";
  return `"${character}" cannot stand here`;
}

/** Takes the quotes and the escapes off a string. */
function unquote(raw: string, file: string, line: number, column: number): string {
  return raw.slice(1, -1).replace(/\\(.)/g, (_, letter: string, at: number) => {
    const value = escapes.get(letter);
    if (value !== undefined) return value;
    const why = "write the character itself";
    throw problemAt(file, line, column + 1 + at, `unknown escape "\\${letter}"; ${why}`);
  });
}

/** Cuts a configuration file into tokens; the last is "end". Throws a Problem with the place. */
export function scan(text: string, file: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let lineStart = 0;
  for (let at = 0; at < text.length; ) {
    const column = at - lineStart + 1;
    const found = match(text, at);
    if (found === undefined) throw problemAt(file, line, column, scannerHint(text[at] ?? ""));
    const { kind, raw } = found;
    at += raw.length;
    if (kind === "string") {
      tokens.push({ kind, text: unquote(raw, file, line, column), line, column });
    } else if (kind !== "skip") {
      tokens.push({ kind, text: raw, line, column });
    }
    if (kind !== "newline") continue;
    line++;
    lineStart = at;
  }
  tokens.push({ kind: "end", text: "", line, column: text.length - lineStart + 1 });
  return tokens;
}

function match(text: string, at: number): { kind: TokenKind | "skip"; raw: string } | undefined {
  for (const { kind, pattern } of patterns) {
    pattern.lastIndex = at;
    const raw = pattern.exec(text)?.[0];
    if (raw !== undefined) return { kind, raw };
  }
  return undefined;
}
