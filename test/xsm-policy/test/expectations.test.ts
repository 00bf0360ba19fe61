import { describe, expect, it } from "vitest";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { renderDiagnostic } from "../../../xsm-policy/compiler/diagnostic.ts";
import { runFiles, type TestResult } from "../../../xsm-policy/test/command.ts";
import { percentage } from "../../../xsm-policy/test/coverage.ts";

const POLICY = `class grant
class event
class mmu
sid xen
class grant { map_read map_write copy }
class event { bind send }
class mmu { map_write }
attribute guests;
type a_t, guests;
type b_t, guests;
type c_t;
type unseen_t;
bool shared true;
bool debug false;
allow a_t c_t:grant { map_read copy };
allow c_t b_t:mmu map_write;
allow guests self:event send;
if (shared && !debug) {
allow a_t b_t:grant copy;
}
if (debug) {
allow b_t a_t:mmu map_write;
} else {
allow b_t c_t:mmu map_write;
}
role r;
role r types { guests c_t };
user u roles r;
user v roles r;
constrain grant map_read ( u1 == u2 );
sid xen u:object_r:unseen_t
`;

function run(text: string): TestResult {
  const { relation, diagnostics } = compile({ name: "policy.conf", text: POLICY });
  expect(diagnostics).toEqual([]);
  return runFiles(relation!, [{ name: "a.expect", text }]);
}

/** The message of each expectation; empty for one that holds. */
function messages(text: string): string[] {
  const { outcomes, diagnostics } = run(text);
  expect(diagnostics).toEqual([]);
  return outcomes.map(({ message }) => message);
}

/** Each would catch a decision that is too generous or too strict. */
describe("accesses", () => {
  it.each([
    ["allow a_t c_t grant map_read", ""],
    ["allow a_t c_t grant { map_read copy }", ""],
    ["allow a_t c_t grant { map_read map_write }", "not allowed: a_t c_t grant map_write"],
    ["allow a_t c_t grant *", "not allowed: a_t c_t grant map_write"],
    ["allow guests self event send", ""],
    ["allow guests guests event send", "not allowed: a_t b_t event send (and 1 more)"],
    ["deny a_t c_t grant map_write", ""],
    ["deny ~a_t * grant *", ""],
    ["deny * c_t { grant event } ~map_read", "allowed: a_t c_t grant copy"],
    ["deny c_t { guests -b_t } mmu *", ""],
    ["deny { a_t -a_t } b_t grant copy", "it asks about nothing: a set is empty"],
  ])("expect %s", (statement, message) => {
    expect(messages(`expect ${statement};`)).toEqual([message]);
  });

  it.each([
    ["allow a_t b_t grant copy", "not allowed: a_t b_t grant copy when shared=false debug=false"],
    ["allow a_t b_t grant copy when shared and not debug", ""],
    ["allow a_t b_t grant copy when shared", "not allowed: a_t b_t grant copy when debug=true"],
    ["deny a_t b_t grant copy", "allowed: a_t b_t grant copy when shared=true debug=false"],
    ["deny a_t b_t grant copy when debug", ""],
    ["deny b_t c_t mmu map_write when debug", ""],
    ["allow b_t c_t mmu map_write when not debug", ""],
  ])("expect %s", (statement, message) => {
    expect(messages(`expect ${statement};`)).toEqual([message]);
  });

  it("asks constraints about full labels, and about types whether any label passes", () => {
    expect(
      messages(`expect allow u:r:a_t u:r:c_t grant map_read;
        expect deny u:r:a_t v:r:c_t grant map_read;
        expect allow u:r:a_t v:r:c_t grant copy;
        expect deny u:r:a_t u:r:b_t grant copy when debug;
        expect allow a_t c_t grant map_read;`),
    ).toEqual(["", "", "", "", ""]);
  });
});

/** Would catch a flow missed, or one through what was excepted. */
describe("flows", () => {
  it.each([
    ["flow a_t -> c_t", ""],
    ["flow a_t -> b_t", ""],
    ["flow { a_t c_t } -> b_t", ""],
    ["flow a_t -> { b_t unseen_t }", "nothing gets from a_t to unseen_t"],
    ["noflow a_t -> unseen_t", ""],
    ["noflow b_t -> a_t", "something gets from u:r:b_t to u:r:a_t in one step"],
    ["noflow c_t -> b_t when debug", "something gets from u:r:c_t to u:r:b_t in one step"],
    ["noflow a_t -> b_t except through c_t when debug", ""],
    ["noflow a_t -> a_t except through { b_t c_t }", ""],
    ["noflow { a_t -a_t } -> b_t", "it says nothing: nothing is left of what it starts from"],
  ])("expect %s", (statement, message) => {
    expect(messages(`expect ${statement};`)).toEqual([message]);
  });

  it("shows the rules behind a flow that must not be", () => {
    const [outcome] = run("# b keeps to itself\nexpect noflow b_t -> a_t;").outcomes;
    expect(outcome.expectation.reason).toBe("b keeps to itself");
    expect(outcome.details.join("\n")).toContain("policy.conf:22:1: allow b_t a_t:mmu map_write;");
  });
});

describe("coverage", () => {
  it("counts the rules that an expectation which holds rests on", () => {
    const { coverage } = run(`expect allow a_t c_t grant copy;
      expect deny b_t a_t grant copy;
      expect allow a_t b_t grant copy;
      expect flow c_t -> b_t when debug;`);
    expect(coverage.uncovered.map(({ place }) => place)).toEqual([
      "policy.conf:17:1",
      "policy.conf:19:1",
      "policy.conf:22:1",
      "policy.conf:24:1",
    ]);
    expect([coverage.covered, coverage.total, percentage(coverage)]).toEqual([2, 6, 33]);
  });
});

/** Would catch an expectation that is passed over in silence. */
describe("errors in expectations", () => {
  it.each([
    [
      "expect alow a_t b_t grant copy;",
      "a.expect:1:8: error: expected allow, deny, flow or noflow, found 'alow'",
    ],
    ["expect allow a_t b_t grant copy", "a.expect:1:32: error: expected ';', found the end"],
    ["allow a_t b_t grant copy;", "a.expect:1:1: error: expected 'expect', found 'allow'"],
    ["expect flow a_t b_t;", "a.expect:1:17: error: expected '->', found 'b_t'"],
    ["expect allow a_t b_t grants copy;", "a.expect:1:22: error: unknown class 'grants'"],
    [
      "expect allow a_t b_t grant read;",
      "a.expect:1:28: error: unknown permission of class grant 'read'",
    ],
    [
      "expect deny guest b_t grant copy;",
      "a.expect:1:13: error: unknown type or attribute 'guest'",
    ],
    ["expect flow a_t -> b_t when shard;", "a.expect:1:29: error: unknown boolean 'shard'"],
    ["expect allow u:r:a_t b_t grant copy;", "a.expect:1:1: error: only one of source and target"],
    ["expect allow u:s:a_t u:r:b_t grant copy;", "a.expect:1:14: error: unknown role 's'"],
    [`expect allow ${"{ ".repeat(100)}a_t`, "a.expect:1:144: error: expected no more than 64"],
  ])("%s", (text, message) => {
    const { diagnostics } = run(text);
    expect(renderDiagnostic(diagnostics[0].diagnostic)).toContain(message);
  });

  it("go on after the statement, and stop at some number", () => {
    const { diagnostics, outcomes } = run("expect nothing;\nexpect flow a_t -> c_t;\n");
    expect([diagnostics.length, outcomes.length]).toEqual([1, 1]);
    expect(run("x;".repeat(1000)).diagnostics).toHaveLength(20);
  });

  it("say when too many booleans decide", () => {
    const names = Array.from({ length: 14 }, (_, index) => `b${index}`);
    const text = POLICY.replace(
      "allow a_t c_t:grant",
      `${names.map((name) => `bool ${name} true;\nif (${name}) { allow c_t a_t:grant copy; }\n`).join("")}$&`,
    );
    const { relation } = compile({ name: "policy.conf", text });
    const file = { name: "a.expect", text: "expect deny c_t a_t grant copy;" };
    const [{ holds, message }] = runFiles(relation!, [file]).outcomes;
    expect([holds, message]).toEqual([
      false,
      "undecided: it depends on 14 booleans: fix some with 'when'",
    ]);
  });
});
