import { afterAll, describe, expect, it } from "vitest";
import { availableSolvers, createSolver, type Solver } from "../../../proofs/solver/index.ts";
import { checkPolicy } from "../../../xsm-policy/analysis/check.ts";
import { checkText } from "../../../xsm-policy/analysis/check-command.ts";
import { readDirectionMap } from "../../../xsm-policy/analysis/direction-map.ts";
import { answersOf, smtOfAssertions } from "../../../xsm-policy/analysis/smt-questions.ts";
import { randomFrom } from "../generate.ts";
import { DOMAINS, randomFlowPolicy } from "./random-policy.ts";
import { sample, TEXT } from "./sample.ts";

function verdicts(text: string, ...assertions: string[]) {
  const { relation, assertions: written } = sample(text, ...assertions);
  return checkPolicy(relation, written);
}

/** Would catch a promise that is decided wrongly, and a breach that is not shown down to its rule. */
describe("check", () => {
  it("shows the path of a flow, step by step, with the rules", () => {
    const { verdicts: found } = verdicts(TEXT, "neverflow c_t -> a_t;");
    expect(checkText(found)).toBe(`p.assert:1:1: broken: neverflow c_t -> a_t;
  one:r:c_t -> one:r:b_t -> one:r:a_t (2 steps)
    one:r:c_t writes to one:r:b_t [grant_table_op copy]
      c_t b_t:grant copy
        p.conf:18:1: allow c_t b_t:grant copy;
      also by: grant map_read
    one:r:b_t is read by one:r:a_t [grant_table_op map_grant_ref]
      a_t b_t:grant map_read
        p.conf:14:1: allow a_t b_t:grant map_read;

1 neverflow: 1 broken
`);
  });

  it("names the setting of booleans that breaks a neverallow", () => {
    const { verdicts: found } = verdicts(TEXT, "neverallow b_t c_t:grant map_write;");
    expect(checkText(found)).toContain("when debug=true\n");
    expect(checkText(found)).toContain("p.conf:16:3: allow b_t c_t:grant { map_read map_write };");
  });

  it("shows both halves of a duty that one domain holds, with the attribute", () => {
    const promise = "neverboth a_t b_t:grant map_read and c_t:event send;";
    const shown = checkText(verdicts(TEXT, promise).verdicts);
    expect(shown).toContain("a_t may do both\n");
    expect(shown).toContain("a_t is in dm (p.conf:9:1)");
  });

  it.each([
    ["neverflow b_t -> a_t;", false],
    // Who maps another's page marks its grant as in use, and the granter sees that.
    ["neverflow a_t -> b_t;", false],
    ["neverflow c_t -> c_t except through { b_t };", true],
    ["neverflow c_t -> a_t except through { b_t };", true],
    ["neverallow c_t a_t:grant *;", true],
    ["neverallow c_t { b_t -self }:grant map_read;", true],
    ["neverallow dm ~c_t:event send;", true],
    ["neverboth b_t a_t:grant map_read and c_t:event send;", true],
    ["neverboth c_t b_t:grant copy and b_t:grant map_read;", true],
  ])("%s holds: %s", (promise, holds) => {
    const { verdicts: found, diagnostics } = verdicts(TEXT, promise);
    expect(diagnostics).toEqual([]);
    expect(found.map((verdict) => verdict.holds)).toEqual([holds]);
  });

  it("decides the policy's own neverallow and bounds as well", () => {
    const broken = TEXT.replace(
      "bool debug",
      "neverallow c_t b_t:grant copy;\ntypebounds a_t c_t;\nbool debug",
    );
    const kinds = verdicts(broken).verdicts.map(({ kind, holds }) => [kind, holds]);
    expect(kinds).toEqual([
      ["neverallow", false],
      ["typebounds", false],
    ]);
  });

  it("says when a promise speaks of nothing, and when of what is not there", () => {
    const [vacuous] = verdicts(TEXT, "neverallow { a_t -dm } c_t:grant copy;").verdicts;
    expect([vacuous.holds, vacuous.vacuous]).toEqual([true, "one of its sets is empty"]);
    const { diagnostics } = verdicts(TEXT, "neverflow nobody_t -> a_t;");
    expect(diagnostics[0]?.message).toContain("nobody_t");
  });
});

/** Promises of each kind about a random policy. */
function randomPromises(seed: number): string[] {
  const random = randomFrom(seed * 7 + 1);
  const pick = (): string => DOMAINS[Math.floor(random() * DOMAINS.length)];
  return [
    `neverallow ${pick()} ${pick()}:grant { map_read copy };`,
    `neverallow doms { c0_t c1_t -self }:event send;`,
    `neverallow ~${pick()} ${pick()}:domain2 *;`,
    `neverboth ${pick()} ${pick()}:grant copy and ${pick()}:event *;`,
    `neverboth doms doms:{ grant event } * and *:{ xen domain argo } *;`,
  ];
}

/** Would catch an engine that is wrong where an independent one, asked the same, is right. */
describe("the same promises put to Z3", () => {
  let solver: Solver | undefined;
  afterAll(() => solver?.close());

  it("hold and break alike", async () => {
    const available = await availableSolvers();
    solver = createSolver(available.includes("z3") ? "z3" : "z3-wasm");
    const seen = new Set<string>();
    for (let seed = 0; seed < 12; seed++) {
      const { relation, assertions } = sample(randomFlowPolicy(seed), ...randomPromises(seed));
      const asked = checkPolicy(relation, assertions).verdicts.slice(-assertions.length);
      const questions = smtOfAssertions(relation, assertions, readDirectionMap());
      for (const [index, { assertion, text }] of assertions.entries()) {
        const question = questions[index].replace(/\(check-sat\)\n$/, "");
        const { verdict } = await solver.solve(question, { timeoutMs: 60_000 });
        const holds = asked[index].holds;
        seen.add(`${assertion.kind} ${holds}`);
        const { holds: yes, broken } = answersOf(assertion);
        expect([seed, text, verdict]).toEqual([seed, text, holds ? yes : broken]);
      }
    }
    // Both answers of both kinds occurred, so that agreement says something.
    expect(seen.size).toBe(4);
  });
});
