/** Splits an assertion file into tokens. */

export type TokenKind = "name" | "mark" | "end" | "unknown";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly offset: number;
  /** The comment that stands directly above, if any. */
  readonly comment: string;
}

const PATTERN = /#[^\n]*|->|[{}:;~*-]|[A-Za-z][\w.]*(?:-(?!>)[\w.]+)*|\S/g;

/** A comment counts for what follows only if no blank line and no other token is between. */
const BLANK_LINE = /\n[ \t\r]*\n/;

/** All tokens, the last of kind `end`. */
export function scanAssertions(text: string): Token[] {
  const tokens: Token[] = [];
  let comment: string[] = [];
  let before = 0;
  for (const { 0: found, index } of text.matchAll(PATTERN)) {
    if (BLANK_LINE.test(text.slice(before, index))) comment = [];
    before = index + found.length;
    if (found.startsWith("#")) {
      if (isFirstOnLine(text, index)) comment.push(found.replace(/^#+\s?/, "").trimEnd());
      continue;
    }
    tokens.push({ kind: kindOf(found), text: found, offset: index, comment: comment.join("\n") });
    comment = [];
  }
  tokens.push({ kind: "end", text: "", offset: text.length, comment: "" });
  return tokens;
}

function isFirstOnLine(text: string, index: number): boolean {
  return text.slice(text.lastIndexOf("\n", index - 1) + 1, index).trim() === "";
}

function kindOf(text: string): TokenKind {
  if (/^[A-Za-z]/.test(text)) return "name";
  return /^(->|[{}:;~*-])$/.test(text) ? "mark" : "unknown";
}
