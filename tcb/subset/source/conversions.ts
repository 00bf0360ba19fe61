// Rules 0 and 13: what the compiler's own type checker says.

import type { Finding } from "../finding.ts";
import type { Program } from "./compiler.ts";
import { type Complaint, type Conversion, complaints, implicitConversions } from "./compiler.ts";
import { findingAt, textOf } from "./unit.ts";

/** AssemblyScript's "conversion requires an explicit cast". */
const NEEDS_CAST = 200;

/** Does every value of `from` keep its meaning as a `to`? */
function keepsValue({ from, to }: Conversion): boolean {
  if (!from.isIntegerValue || !to.isIntegerValue) return String(to) === "void";
  if (String(to) === "bool") return String(from) === "bool";
  if (from.isSignedIntegerValue === to.isSignedIntegerValue) return from.size <= to.size;
  return to.isSignedIntegerValue && from.size < to.size;
}

function ofComplaint({ code, text, range }: Complaint): Finding {
  const rule = code === NEEDS_CAST ? 13 : 0;
  if (range === null) return { rule, file: "tcb/core", line: 0, column: 0, what: text };
  const line = range.source.lineAt(range.start);
  const column = range.source.columnAt();
  return { rule, file: range.source.normalizedPath, line, column, what: text };
}

/** Rules 0 and 13: it compiles, and no implicit conversion can change a value. */
export function noImplicitConversion(program: Program): Finding[] {
  const parsing = complaints(program);
  if (parsing.length > 0) return parsing.map(ofComplaint);
  const changes = implicitConversions(program).filter((conversion) => !keepsValue(conversion));
  const said = complaints(program).map(ofComplaint);
  const silent = changes.map(({ node, from, to }) =>
    findingAt(13, node, `\`${textOf(node)}\` becomes ${to} from ${from}`),
  );
  const known = new Set(said.map(({ file, line, column }) => `${file}:${line}:${column}`));
  const fresh = silent.filter(({ file, line, column }) => !known.has(`${file}:${line}:${column}`));
  return [...said, ...fresh];
}
