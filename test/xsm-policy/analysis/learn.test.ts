import { describe, expect, it } from "vitest";
import { learn } from "../../../xsm-policy/analysis/learn.ts";
import { lessonText } from "../../../xsm-policy/analysis/learn-command.ts";
import { readDecisionLog } from "../../../xsm-policy/analysis/learn-log.ts";
import { sample, TEXT } from "./sample.ts";

const CORE = "xenolith: avc: denied scontext=one:r:a_t tcontext=one:r:c_t";

function lesson(log: string, ...promises: string[]): string {
  const { relation, assertions } = sample(TEXT, ...promises);
  return lessonText(learn(relation, readDecisionLog(log), assertions));
}

/** Would catch a log that is misread, and a rule that is proposed where none would help. */
describe("learn", () => {
  it("proposes the rule that a denial of the core lacked, with the core's own count", () => {
    const log = [1, 2, 4].map((count) => `${CORE} class=9 permission=0 count=${count}\n`).join("");
    expect(lesson(log)).toContain(
      "a_t c_t:grant { map_read } denied 4 times (line 1)\n  needs: allow a_t c_t:grant map_read;\n",
    );
  });

  it("reads Xen's form, each line of which is one denial", () => {
    const line =
      "(XEN) avc:  denied  { create destroy } for source=d1 target=d2 scontext=one:r:a_t " +
      "tcontext=one:r:b_t tclass=domain\n";
    expect(lesson(line + line)).toContain("a_t b_t:domain { create destroy } denied 4 times");
  });

  it("names the promise that a rule would break", () => {
    const text = lesson(`${CORE} class=9 permission=0 count=1`, "neverallow a_t c_t:grant *;");
    expect(text).toContain("but that would break p.assert:1:1: neverallow a_t c_t:grant *;");
  });

  it.each([
    ["one:r:c_t", "two:r:b_t", 5, "a constraint or a role forbids it for these labels"],
    ["one:r:b_t", "one:r:c_t", 1, "set the booleans so that debug"],
    ["one:r:a_t", "one:r:b_t", 0, "the policy allows it: the run had another policy"],
  ])("proposes no rule where none helps: %s %s", (from, to, permission, advice) => {
    const log = `avc: denied scontext=${from} tcontext=${to} class=9 permission=${permission} count=1`;
    expect(lesson(log)).toContain(advice);
    expect(lesson(log)).not.toContain("needs:");
  });

  it("names what a run with recorded uses never needed, by line", () => {
    const used =
      "avc:  granted  { send } for source=d1 scontext=one:r:a_t tcontext=one:r:c_t tclass=event\n";
    const text = lesson(used);
    expect(text).toContain("grants that were not used: 3\n");
    expect(text).toContain(
      "p.conf:14:1: allow a_t b_t:grant map_read;\n    nothing of it was used",
    );
    expect(text).not.toContain("p.conf:13:1");
  });

  it("says what it cannot read, and passes over lines that are about something else", () => {
    const log = [
      "xenolith: domains run",
      "avc: denied scontext=one:r:nobody_t tcontext=one:r:c_t class=9 permission=0 count=1",
      "avc: denied scontext=one:r:a_t",
      "avc: denied scontext=one:r:a_t tcontext=one:r:c_t class=99 permission=0 count=1",
    ].join("\n");
    expect(lesson(log)).toBe(
      "line 2: unknown type 'nobody_t'\n" +
        "line 3: it lacks the labels, the class or the permission\n" +
        "line 4: there is no class number 99\n" +
        "nothing was denied\n" +
        "the log records no use, so that it tells nothing of grants that were not used\n",
    );
  });
});
