/** Normalised policy.conf and JSON: nothing of the language may be lost on the way. */

import { describe, expect, it } from "vitest";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { confText } from "../../../xsm-policy/compiler/conf.ts";
import { jsonText } from "../../../xsm-policy/compiler/json.ts";
import type { Policy } from "../../../xsm-policy/compiler/policy.ts";
import { canonicalLines } from "./canonical.ts";
import { randomPolicy } from "./random-policy.ts";

/** Random policies that go round; about two thirds of them compile. */
const COUNT = 150;

function compiled(text: string): Policy | undefined {
  const { ok, policy } = compile({ name: "policy.conf", text });
  return ok ? policy : undefined;
}

describe("policy.conf of random policies", () => {
  it("compiles to the same policy, and to itself", () => {
    let rounds = 0;
    for (let seed = 1; seed <= COUNT; seed++) {
      const policy = compiled(randomPolicy(seed).text);
      if (policy === undefined) continue;
      const text = confText(policy);
      const again = compiled(text);
      expect(again, `seed ${seed}`).toBeDefined();
      if (again === undefined) continue;
      // A type rule or a neverallow may be split, and an empty condition be dropped.
      const lines = (from: Policy) => canonicalLines(from).filter((line) => !/expand/.test(line));
      expect(lines(again), `seed ${seed}`).toEqual(lines(policy));
      expect(confText(again), `seed ${seed}`).toBe(text);
      rounds++;
    }
    expect(rounds).toBeGreaterThan(COUNT / 3);
  });
});

describe("JSON", () => {
  it("is the same text each time, and valid", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const policy = compiled(randomPolicy(seed).text);
      if (policy === undefined) continue;
      const text = jsonText(policy);
      expect(jsonText(policy)).toBe(text);
      expect(JSON.parse(text)).toMatchObject({ form: "xenolith-policy", version: 1 });
    }
  });
});
