/** One small policy in which everything that the analysis tells apart occurs, and its promises. */

import type { WrittenAssertion } from "../../../xsm-policy/analysis/check.ts";
import { parseAssertions } from "../../../xsm-policy/assertions/parse.ts";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import type { Policy } from "../../../xsm-policy/compiler/policy.ts";
import type { AccessRelation } from "../../../xsm-policy/compiler/relation.ts";

export const TEXT = `class domain
class event
class grant
sid xen
class domain { create destroy transition }
class event { bind send }
class grant { map_read map_write copy }
attribute dm;
type a_t, dm;
type b_t, dm;
type c_t;
bool debug false;
allow dm c_t:event send;
allow a_t b_t:grant map_read;
if (debug) {
  allow b_t c_t:grant { map_read map_write };
}
allow c_t b_t:grant copy;
role r;
role r types { a_t b_t c_t };
user one roles { r };
user two roles { r };
constrain grant copy ( u1 == u2 );
sid xen one:r:a_t
`;

export interface Sample {
  readonly policy: Policy;
  readonly relation: AccessRelation;
  readonly assertions: readonly WrittenAssertion[];
}

/** Compiles a text, neverallow unchecked, with assertions of one line each. */
export function sample(text: string = TEXT, ...assertions: readonly string[]): Sample {
  const compiled = compile({ name: "p.conf", text }, { assertions: false });
  const { policy, relation } = compiled;
  if (policy === undefined || relation === undefined) {
    throw new Error(compiled.diagnostics[0]?.message);
  }
  const written = assertions.map((line) => {
    const [assertion] = parseAssertions({ name: "p.assert", text: line }).assertions;
    return { assertion, text: line };
  });
  return { policy, relation, assertions: written };
}
