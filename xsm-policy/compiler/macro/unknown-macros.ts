/** Finds calls of macros that do not exist, which m4 leaves in the text without a word. */

import type { Diagnostic } from "../diagnostic.ts";
import type { PositionMap } from "../source.ts";
import { didYouMean } from "../suggest.ts";

/** How many are reported: one missing file of interfaces can mean thousands. */
const MAX_REPORTED = 20;

/** A line that begins like a call; the language's own words may stand before a parenthesis. */
const CALL = /^[ \t]*(?!(?:if|not|and|or|xor|eq)\()([A-Za-z_]\w*)\(/gim;

/** One error for each name that is called as a macro at the start of a line. */
export function findUnknownMacros(
  text: string,
  positions: PositionMap,
  known: () => Iterable<string>,
): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const match of text.matchAll(CALL)) {
    const name = match[1];
    if (found.size === MAX_REPORTED) break;
    if (found.has(name)) continue;
    const offset = match.index + match[0].length - name.length - 1;
    const hint = didYouMean(name, known()) ?? "is the module that defines it turned on?";
    found.set(name, {
      severity: "error",
      code: "macro-unknown",
      message: `there is no macro or interface ${name}`,
      span: { ...positions.locate(offset), offset, length: name.length },
      hint,
    });
  }
  return [...found.values()];
}
