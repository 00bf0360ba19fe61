import { describe, expect, it } from "vitest";
import { explain, QuestionError } from "../../../xsm-policy/analysis/explain.ts";
import { explanationText } from "../../../xsm-policy/analysis/explain-command.ts";
import { sample, TEXT } from "./sample.ts";

function told(question: string, options: { debug?: boolean; promises?: string[] } = {}): string {
  const { relation, assertions } = sample(TEXT, ...(options.promises ?? []));
  const [source, target, of, permission] = question.split(" ");
  const booleans = [options.debug ?? false];
  return explanationText(
    explain(relation, { source, target, class: of, permission }, { booleans, assertions }),
  );
}

/** Would catch an explanation that names another rule, or none, than the one that decides. */
describe("explain", () => {
  it("names the rule that allows, and the attribute by which it applies", () => {
    expect(told("a_t c_t event send")).toBe(`allowed: a_t c_t:event send: a rule grants it
  p.conf:13:1: allow dm c_t:event send;
    a_t is in dm (p.conf:9:1)
  to deny it: take the rule away
`);
  });

  it("names the condition of a rule that is not in force", () => {
    const text = told("b_t c_t grant map_write");
    expect(text).toContain("denied: b_t c_t:grant map_write: a rule grants it, but its condition");
    expect(text).toContain("(not in force)");
    expect(told("b_t c_t grant map_write", { debug: true })).toContain("allowed: ");
  });

  it("names the constraint that takes a grant away, for these labels alone", () => {
    const text = told("one:r:c_t two:r:b_t grant copy");
    expect(text).toContain("constraint p.conf:23:1: constrain grant copy ( u1 == u2 );");
    expect(text).toContain("fails for one:r:c_t on two:r:b_t");
    expect(told("one:r:c_t one:r:b_t grant copy")).toContain("allowed: ");
  });

  it("names the least rule that is missing, and the promise that it would break", () => {
    const text = told("c_t a_t domain create", { promises: ["neverallow * a_t:domain create;"] });
    expect(text).toContain("to allow it: allow c_t a_t:domain create;");
    expect(text).toContain("this would break p.assert:1:1: neverallow * a_t:domain create;");
  });

  it.each([
    ["nobody_t c_t event send", "nobody_t"],
    ["a_t c_t evnt send", "event"],
    ["a_t c_t event sent", "send"],
  ])("says what is not there: %s", (question, expected) => {
    expect(() => told(question)).toThrow(QuestionError);
    expect(() => told(question)).toThrow(expected);
  });
});
