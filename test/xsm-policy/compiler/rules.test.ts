/** What rules mean: sets, self, conditions, neverallow, bounds, conflicts. */

import { describe, expect, it } from "vitest";
import { compileBody, errorCodes, rendered, tuplesOf } from "./sample.ts";

describe("allow", () => {
  it.each([
    ["allow dm self:domain create;", ["a_t a_t:domain create", "b_t b_t:domain create"]],
    ["allow { dm -a_t } c_t:domain create;", ["b_t c_t:domain create"]],
    ["allow dm - a_t c_t:domain create;", ["b_t c_t:domain create"]],
    ["allow a_t c_t:domain ~create;", ["a_t c_t:domain destroy", "a_t c_t:domain transition"]],
    ["allow a_t { { c_t } b_t }:event send;", ["a_t b_t:event send", "a_t c_t:event send"]],
    ["typealias a_t alias x_t; allow x_t c_t:event send;", ["a_t c_t:event send"]],
    [
      "typeattribute c_t dm; allow dm a_t:event send;",
      ["a_t a_t:event send", "b_t a_t:event send", "c_t a_t:event send"],
    ],
    ["bool x false; if (!x) { allow a_t c_t:event send; }", ["a_t c_t:event send x=F"]],
    [
      "bool x true; bool y true; if (x && y) { allow a_t c_t:event send; }",
      ["a_t c_t:event send (x && y)=T"],
    ],
    ["tunable x true; if (x) { allow a_t c_t:event send; }", ["a_t c_t:event send"]],
    ["tunable x true; if (!x) { allow a_t c_t:event send; }", []],
    [
      "tunable x true; if (!x) { allow a_t c_t:event send; } else { allow a_t b_t:event send; }",
      ["a_t b_t:event send"],
    ],
  ])("%s", (body, tuples) => {
    expect(tuplesOf(body)).toEqual(tuples);
  });

  it.each([
    ["allow self c_t:domain create;", "misplaced-self"],
    ["allow a_t { c_t -self }:domain create;", "misplaced-self"],
    ["allow * c_t:domain create;", "set-operator"],
    ["allow a_t c_t:* create;", "set-operator"],
    ["allow a_t c_t:domain { create -destroy };", "set-operator"],
    ["allow a_t c_t:{ domain event } create;", "unknown-permission"],
    ["tunable x true; if (!x) { allow nosuch_t c_t:event send; }", "unknown-type"],
  ])("refuses %s", (body, code) => {
    expect(errorCodes(compileBody(body))).toEqual([code]);
  });

  it("names the class that has a permission when another class is meant", () => {
    const [first] = compileBody("allow a_t c_t:domain bind;").diagnostics;
    expect(first.hint).toBe("class event has it");
  });
});

describe("neverallow", () => {
  it("points at the rule that breaks it, conditional or not", () => {
    const result = compileBody(
      "bool x false;\nneverallow a_t c_t:domain create;\nif (x) { allow dm c_t:domain *; }",
    );
    expect(result.policy).toBeDefined();
    expect(rendered(result)[0]).toContain(
      "neverallow is violated by allow a_t c_t:domain { create } [neverallow]",
    );
    expect(result.diagnostics[0].related?.[0]).toMatchObject({
      message: "this conditional rule allows it",
      span: { line: 12 },
    });
  });

  it.each([
    ["neverallow dm self:domain create; allow a_t b_t:domain create;", []],
    ["neverallow dm self:domain create; allow a_t a_t:domain create;", ["neverallow"]],
    ["neverallow dm ~self:domain create; allow a_t a_t:domain create;", []],
    ["neverallow dm ~self:domain create; allow a_t b_t:domain create;", ["neverallow"]],
    ["neverallow * { dm -self }:domain create; allow a_t a_t:domain create;", []],
    ["neverallow * { dm -self }:domain create; allow dm dm:domain create;", ["neverallow"]],
    ["neverallow * { c_t self }:domain create; allow a_t a_t:domain create;", ["neverallow"]],
    ["neverallow * { c_t self }:domain create; allow a_t c_t:domain create;", ["neverallow"]],
    ["neverallow ~a_t *:domain create; allow a_t c_t:domain create;", []],
    ["neverallow * *:domain create; allow a_t c_t:domain destroy;", []],
  ])("%s", (body, codes) => {
    expect(errorCodes(compileBody(body))).toEqual(codes);
  });
});

describe("typebounds", () => {
  it.each([
    ["typebounds a_t b_t; allow b_t c_t:domain create;", ["bounds"]],
    ["typebounds a_t b_t; allow { a_t b_t } c_t:domain create;", []],
    ["typebounds a_t b_t; allow b_t b_t:domain create; allow a_t a_t:domain create;", []],
    ["typebounds a_t b_t; typebounds c_t b_t;", ["conflict"]],
    [
      "typebounds a_t b_t; bool x true; allow b_t c_t:domain create;" +
        "if (x) { allow a_t c_t:domain create; } else { allow a_t c_t:domain create; }",
      [],
    ],
  ])("%s", (body, codes) => {
    expect(errorCodes(compileBody(body))).toEqual(codes);
  });
});

describe("type rules", () => {
  it.each([
    ["type_transition a_t b_t:domain c_t; type_transition a_t b_t:domain c_t;", []],
    ["type_transition a_t b_t:domain c_t; type_transition a_t dm:domain b_t;", ["conflict"]],
    [
      "bool x true; type_transition a_t b_t:domain c_t;" +
        "if (x) { type_transition a_t b_t:domain c_t; }",
      ["conflict"],
    ],
    [
      "bool x true; if (x) { type_transition a_t b_t:domain c_t; }" +
        "else { type_transition a_t b_t:domain a_t; }",
      [],
    ],
    ["type_transition a_t b_t:domain dm;", ["not-a-type"]],
  ])("%s", (body, codes) => {
    expect(errorCodes(compileBody(body))).toEqual(codes);
  });
});

describe("optional blocks", () => {
  it("hold when what they require exists, else their else part does", () => {
    const block = (type: string) =>
      `optional { require { type ${type}; } allow a_t ${type}:event send; }` +
      " else { allow b_t c_t:event send; }";
    expect(tuplesOf(block("c_t"))).toEqual(["a_t c_t:event send"]);
    expect(tuplesOf(block("nowhere_t"))).toEqual(["b_t c_t:event send"]);
  });

  it.each([
    ["optional { }", "empty-block"],
    ["optional { user x roles r; allow a_t c_t:event send; }", "order"],
  ])("refuse %s", (body, code) => {
    expect(errorCodes(compileBody(body))).toEqual([code]);
  });

  it("keep their own types to themselves", () => {
    const body = "optional { type own_t; } allow own_t c_t:event send;";
    expect(errorCodes(compileBody(body))).toEqual(["out-of-scope"]);
  });
});

describe("declarations", () => {
  it.each([
    ["type a_t;", "duplicate"],
    ["attribute b_t;", "duplicate"],
    ["type d_t, nowhere;", "unknown-attribute"],
    ["type d_t, later; attribute later;", "unknown-attribute"],
    ["type a.b_t;", "unknown-parent"],
    ["policycap nosuch;", "unknown-capability"],
    ["expandattribute ~dm true;", "set-operator"],
    ["attribute other; expandattribute { dm -other } true;", "set-operator"],
    ["role_transition r b_t r;", "missing-class"],
    ["bool x true; tunable y true; if (x && y) { allow a_t c_t:event send; }", "mixed-condition"],
  ])("refuses %s", (body, code) => {
    expect(errorCodes(compileBody(body))).toEqual([code]);
  });

  it("of the same name point at each other", () => {
    const [first] = compileBody("type a_t;").diagnostics;
    expect(first.related?.[0].span.line).toBe(7);
  });
});

describe("contexts and devices", () => {
  it.each([
    ["pirqcon 1 u:r:a_t\npirqcon 1 u:r:b_t\n", "overlap"],
    ["iomemcon 0x20-0x10 u:r:a_t\n", "bad-range"],
    ["ioportcon 0x100000000 u:r:a_t\n", "number-too-large"],
    ["pirqcon 1 u:r:dm\n", "attribute-in-context"],
    ["pirqcon 1 u:r:a_t:s0\n", "mls"],
    ["pirqcon 1 nobody:r:a_t\n", "unknown-user"],
  ])("refuses %s", (after, code) => {
    expect(errorCodes(compileBody("", after))).toEqual([code]);
  });

  it("say which part of an invalid context does not fit", () => {
    const [first] = compileBody("type d_t;", "pirqcon 1 u:r:d_t\n").diagnostics;
    expect(first.message).toBe("role r may not have type d_t");
  });
});
