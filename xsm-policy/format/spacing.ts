/** How tokens stand beside each other on a line. */

import type { Token } from "./scan.ts";

const OPERATORS = new Set(["==", "!=", "&&", "||"]);

/**
 * The white space between two tokens of a line. Where it could carry meaning it stays as it was:
 * before a parenthesis (a macro call has none), before a comma (it would be part of an argument),
 * around `-` and `~`.
 */
export function spaceBetween(left: Token, right: Token): string {
  const kept = right.space === "" ? "" : " ";
  if (right.kind === "comment") return right.space;
  if (left.kind === "comment") return kept;
  if (right.kind === "close-quote" || left.kind === "open-quote") return kept;
  const [before, after] = [markOf(left), markOf(right)];
  if (before === ":" || after === ":" || after === ";") return "";
  if (OPERATORS.has(before) || OPERATORS.has(after)) return " ";
  if (before === "{" || after === "}") return before === "{" && after === "}" ? kept : " ";
  if (before === ",") return after === "," || after === ")" ? kept : " ";
  if (after === "{") return left.kind === "word" || before === ")" || before === "}" ? " " : kept;
  if (before === "}" && right.kind === "word") return " ";
  return kept;
}

function markOf(token: Token): string {
  return token.kind === "mark" ? token.text : "";
}
