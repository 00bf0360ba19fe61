/** Places in files as they were written, before any macro was expanded. */

import type { Span } from "../compiler/source.ts";
import type { LintText } from "./context.ts";

/** The span of `length` characters from `offset` of a file, all on one line. */
export function placeIn({ name, text }: LintText, offset: number, length: number): Span {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  const column = offset - before.lastIndexOf("\n");
  return {
    file: name,
    line,
    column,
    endLine: line,
    endColumn: column + length,
    offset,
    length,
  };
}
