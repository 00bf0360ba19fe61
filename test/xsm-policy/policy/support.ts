/** The shipped policies, compiled, as questions and answers. */

import path from "node:path";
import { type CompileResult, compile } from "../../../xsm-policy/compiler/compile.ts";
import { loadPolicySource, type PolicySource } from "../../../xsm-policy/compiler/macro/load.ts";
import { tupleRows } from "../../../xsm-policy/compiler/tuples.ts";

export const POLICIES = path.join(import.meta.dirname, "../../../xsm-policy/policy");

export interface Shipped {
  readonly source: PolicySource;
  readonly result: CompileResult;
  /** Whether the policy allows it, booleans as they may. */
  may(source: string, target: string, of: string, permission: string): boolean;
}

/** Compiles a folder of modules. */
export function compileFolder(folder: string): Shipped {
  const source = loadPolicySource(folder);
  const result = compile(source);
  const rows = result.relation === undefined ? [] : tupleRows(result.relation);
  const tuples = new Set(rows.map((row) => row.split("\t").slice(0, 4).join(" ")));
  return {
    source,
    result,
    may: (subject, object, of, permission) =>
      tuples.has([subject, object, of, permission].join(" ")),
  };
}
