/** Decisions that checkpolicy's menu does not show: relabelling, and contexts given as text. */

import { describe, expect, it } from "vitest";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { contextFromText } from "../../../xsm-policy/compiler/context-text.ts";
import { DecisionEngine } from "../../../xsm-policy/compiler/decision.ts";
import { contextText } from "../../../xsm-policy/compiler/mls.ts";
import { policyOf } from "./sample.ts";

function engineOf(text: string): DecisionEngine {
  const { relation, diagnostics } = compile({ name: "x", text });
  if (relation === undefined) throw new Error(diagnostics[0].message);
  return new DecisionEngine(relation);
}

describe("validatetrans", () => {
  const text = policyOf("").replace(
    "sid xen u:r:a_t",
    "validatetrans domain (t1 == t2 or t3 == c_t);\nsid xen u:r:a_t",
  );
  const engine = engineOf(text);
  const context = (type: string) => contextFromText(engine.policy, `u:r:${type}`);
  const relabel = (before: string, after: string, asker: string, index = 0) =>
    engine.mayRelabel(context(before), context(after), context(asker), index);

  it("looks at the old label, the new one and who asks, in its own class only", () => {
    expect(relabel("a_t", "a_t", "b_t")).toBe(true);
    expect(relabel("a_t", "b_t", "b_t")).toBe(false);
    expect(relabel("a_t", "b_t", "c_t")).toBe(true);
    expect(relabel("a_t", "b_t", "b_t", 1)).toBe(true);
  });
});

describe("booleans", () => {
  it("decide at the values given, not only at those declared", () => {
    const text = policyOf("bool x false; if (x) { allow a_t c_t:domain create; }");
    const { relation } = compile({ name: "x", text });
    if (relation === undefined) throw new Error("no relation");
    const from = contextFromText(relation.policy, "u:r:a_t");
    const to = contextFromText(relation.policy, "u:r:c_t");
    expect(new DecisionEngine(relation).allowed(from, to, 0)).toBe(0);
    expect(new DecisionEngine(relation, [true]).allowed(from, to, 0)).toBe(1);
  });
});

describe("contexts with levels", () => {
  const text = policyOf("")
    .replace(
      "attribute dm;",
      "sensitivity s0;\nsensitivity s1 alias upper;\ndominance { s0 s1 }\n" +
        "category c0;\ncategory c1;\ncategory c2;\nlevel s0:c0.c2;\nlevel s1:c0.c1;\n" +
        "mlsconstrain domain create (l1 dom l2);\nattribute dm;",
    )
    .replace("user u roles { r };", "user u roles { r } level s0 range s0 - s1:c0.c1;")
    .replace("sid xen u:r:a_t", "sid xen u:r:a_t:s0")
    .replace("allow c_t", "allow a_t b_t:domain create;\nallow c_t");
  const engine = engineOf(text);
  const context = (range: string, type = "a_t") =>
    contextFromText(engine.policy, `u:r:${type}:${range}`);

  it.each(["s0", "s0:c0", "s0:c0,c1", "s0-s1:c0,c1", "s1"])("read %s back as it was", (range) => {
    expect(contextText(engine.policy, context(range))).toBe(`u:r:a_t:${range}`);
  });

  it.each([
    ["s2", "unknown sensitivity 's2'"],
    ["s0:c9", "unknown category 'c9'"],
    ["s1-s0", "is not valid"],
    ["s1:c2", "is not valid"],
    ["s0-s0-s0", "is no range"],
    ["s0:c0:c1", "is no level"],
  ])("refuse %s", (range, message) => {
    expect(() => context(range)).toThrow(message);
  });

  it("are heeded by constraints", () => {
    const low = context("s0", "b_t");
    const high = context("upper:c0", "b_t");
    expect(engine.allowed(context("s0"), low, 0)).toBe(1);
    expect(engine.allowed(context("s0"), high, 0)).toBe(0);
    expect(engine.allowed(context("s1:c0,c1"), high, 0)).toBe(1);
  });
});
