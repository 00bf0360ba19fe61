/** Our decisions for all pairs of Xen's 142 valid contexts, beside libsepol's own. */

import { DecisionEngine } from "../../../xsm-policy/compiler/decision.ts";
import { contextIsValid, contextText, EMPTY_RANGE } from "../../../xsm-policy/compiler/mls.ts";
import type { Context, Policy } from "../../../xsm-policy/compiler/policy.ts";
import type { AccessRelation } from "../../../xsm-policy/compiler/relation.ts";
import { xenData } from "./sample.ts";

/** The users whose contexts were asked about. */
const USERS = ["system_u", "user_1", "user_2"];

export interface DecisionComparison {
  readonly contexts: number;
  readonly cells: number;
  /** The cells that differ, as `source target class`. */
  readonly wrong: readonly string[];
}

/** Decides every cell and compares it. */
export function compareDecisions(relation: AccessRelation): DecisionComparison {
  const { policy } = relation;
  const expected = expectedCells();
  const contexts = validContexts(policy);
  const texts = contexts.map((context) => contextText(policy, context));
  const engine = new DecisionEngine(relation);
  const wrong: string[] = [];
  let cells = 0;
  for (const [s, source] of contexts.entries()) {
    for (const [t, target] of contexts.entries()) {
      for (const [index, { name, permissions }] of policy.classes.entries()) {
        cells++;
        const mask = engine.allowed(source, target, index);
        const given = permissions.filter((_, bit) => ((mask >>> bit) & 1) === 1).sort();
        const cell = `${texts[s]} ${texts[t]} ${name}`;
        if (given.join(" ") !== (expected.get(cell) ?? "")) wrong.push(cell);
      }
    }
  }
  return { contexts: contexts.length, cells, wrong };
}

/** What libsepol grants, by cell; what grants nothing is not listed. */
function expectedCells(): Map<string, string> {
  const rows = xenData("ctx_allow.tsv").trim().split("\n").slice(1);
  return new Map(
    rows.map((line) => {
      const [source, target, name, permissions] = line.split("\t");
      return [`${source} ${target} ${name}`, permissions];
    }),
  );
}

function validContexts(policy: Policy): Context[] {
  return USERS.flatMap((name) => {
    const user = policy.users.findIndex((candidate) => candidate.name === name);
    return policy.roles.flatMap((_, role) =>
      policy.types
        .map((_, type) => ({ user, role, type, range: EMPTY_RANGE }))
        .filter((context) => contextIsValid(policy, context)),
    );
  });
}
