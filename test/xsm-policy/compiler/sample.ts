/** Small policies for the tests, and compiling with the errors as text. */

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type CompileResult, compile } from "../../../xsm-policy/compiler/compile.ts";
import { renderDiagnostic } from "../../../xsm-policy/compiler/diagnostic.ts";
import { tupleRows } from "../../../xsm-policy/compiler/tuples.ts";

const SHARED = path.resolve(import.meta.dirname, "../../../../shared/data/xen-flask");

/** Whether Xen's own policy and what checkpolicy says of it are at hand. */
export const hasXenData = existsSync(SHARED);

/** Path of a file of Xen's policy data. */
export function xenDataPath(name: string): string {
  return path.join(SHARED, name);
}

/** A file of Xen's policy data. */
export function xenData(name: string): string {
  return readFileSync(xenDataPath(name), "latin1");
}

const HEAD = `class domain
class event
sid xen
class domain { create destroy transition }
class event { bind send }
attribute dm;
type a_t, dm;
type b_t, dm;
type c_t;
`;

const TAIL = `
allow c_t c_t:event bind;
role r;
role r types { a_t b_t c_t };
user u roles { r };
sid xen u:r:a_t
`;

/** How many lines stand before the body of `policyOf`. */
export const HEAD_LINES = HEAD.split("\n").length - 1;

/** A base policy with two types in an attribute, one outside, and `body` among the rules. */
export function policyOf(body: string, after = ""): string {
  return HEAD + body + TAIL + after;
}

/** Compiles `policyOf(body)`. */
export function compileBody(body: string, after = ""): CompileResult {
  return compile({ name: "policy.conf", text: policyOf(body, after) });
}

/** Rendered diagnostics of a result. */
export function rendered(result: CompileResult): string[] {
  return result.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, result.tree?.source));
}

/** The codes of a result's errors. */
export function errorCodes(result: CompileResult): string[] {
  return result.diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code);
}

/** The tuples that a body adds, as `source target:class permission [condition]`. */
export function tuplesOf(body: string): string[] {
  const result = compileBody(body);
  if (result.relation === undefined) return rendered(result);
  return tupleRows(result.relation)
    .map((row) => row.split("\t"))
    .map(([source, target, name, permission, condition]) =>
      `${source} ${target}:${name} ${permission} ${condition}`.trimEnd(),
    )
    .filter((tuple) => tuple !== "c_t c_t:event bind");
}
