// States of links, on a small tree: catches a broken link that would be called covered, and a
// waiver that lasts longer than somebody answers for it.

import { describe, expect, it } from "vitest";
import type { Item } from "../../audit/trace/items.ts";
import type { Links } from "../../audit/trace/links.ts";
import { type AuditPolicy, shownBy } from "../../audit/trace/policy.ts";
import { Comparison, type Tree } from "../../audit/trace/state.ts";

const place = { file: "spec/a.ts", line: 3, column: 1 };
const item: Item = {
  id: "A-1",
  kind: "clause",
  says: "A.",
  place,
  end: 4,
  hash: "h",
  family: "a",
  section: "a",
  refusals: [],
  interface: [],
  asks: [],
};
const policy: AuditPolicy = {
  needs: [{ kind: "clause", needs: ["code", "proof", "test"] }],
  promises: {},
  counted: [],
  waivers: [],
};
const ground = { wasm: ["tcb/core/a/a"], spec: ["spec/a.ts#a"], invariants: "all" } as const;
const links: Links = {
  version: 1,
  core: "c",
  provedCore: "c",
  moves: {},
  items: {
    "A-1": {
      hash: "h",
      code: [{ function: "tcb/core/a.ts#a", lines: [0], by: "execution", score: 1 }],
      proof: ["a: a"],
      tests: ["test/a.test.ts#0"],
    },
  },
  functions: { "tcb/core/a.ts#a": "f" },
  cases: { "a: a": { hash: "p", obligations: 2, proved: 2, digest: "d", open: {}, ...ground } },
  wasm: { "tcb/core/a/a": "w" },
  spec: { "spec/a.ts#a": "s" },
  tests: { "test/a.test.ts": { names: ["does"], hashes: { 0: "t" } } },
};
const tree: Tree = {
  items: [item],
  functions: [{ id: "tcb/core/a.ts#a", place, end: 9, hash: "f" }],
  cases: new Map([["a: a", "p"]]),
  tests: new Map([["test/a.test.ts", { hash: () => "t" }]]),
  spec: new Map([["spec/a.ts#a", "s"]]),
  core: "c",
  wasm: new Map([["tcb/core/a/a", "w"]]),
};
const TODAY = "2027-01-31";

/** States of code, proof and test. */
function states(change: { tree?: Partial<Tree>; links?: Partial<Links>; policy?: AuditPolicy }) {
  const now = { ...tree, ...change.tree };
  const stored = { ...links, ...change.links };
  return new Comparison(stored, now, change.policy ?? policy)
    .statuses(TODAY)
    .map(({ state }) => state);
}

const verdict = (open: Record<string, string>) => ({
  cases: { "a: a": { hash: "p", obligations: 2, proved: 1, digest: "d", open, ...ground } },
});

describe("a link", () => {
  it("whose ends are as they were is covered", () => {
    expect(states({})).toEqual(["covered", "covered", "covered"]);
  });

  it("is outdated when the clause says another thing", () => {
    const items = [{ ...item, hash: "other" }];
    expect(states({ tree: { items } })).toEqual(["outdated", "outdated", "outdated"]);
  });

  it("is predated when its other end has changed", () => {
    const functions = [{ ...tree.functions[0]!, hash: "other" }];
    expect(states({ tree: { functions } })[0]).toBe("predated");
    expect(states({ tree: { cases: new Map([["a: a", "other"]]) } })[1]).toBe("predated");
    const tests = new Map([["test/a.test.ts", { hash: () => "other" }]]);
    expect(states({ tree: { tests } })[2]).toBe("predated");
  });

  it("to a proof is predated when what was executed or stated there has changed", () => {
    expect(states({ tree: { wasm: new Map([["tcb/core/a/a", "other"]]) } })[1]).toBe("predated");
    expect(states({ tree: { spec: new Map([["spec/a.ts#a", "other"]]) } })[1]).toBe("predated");
    const invariant: Item = { ...item, id: "INV-A-1", kind: "invariant", hash: "other" };
    const items = { ...links.items, "INV-A-1": { hash: "i", code: [], proof: [], tests: [] } };
    const change = { tree: { items: [item, invariant] }, links: { items } };
    expect(states(change)[1]).toBe("predated");
  });

  it("to a proof stays when another part of the core has changed", () => {
    const wasm = new Map([...tree.wasm!, ["tcb/core/b/b", "new"]]);
    expect(states({ tree: { core: "other", wasm } })).toEqual(["covered", "covered", "covered"]);
  });

  it("is orphaned when an end is gone", () => {
    expect(states({ tree: { functions: [], cases: new Map(), tests: new Map() } })).toEqual([
      "orphaned",
      "orphaned",
      "orphaned",
    ]);
    expect(states({ tree: { items: [] } })).toEqual(["orphaned"]);
  });

  it("is ambiguous when two clauses have the id", () => {
    expect(states({ tree: { items: [item, item] } })).toEqual(Array(6).fill("ambiguous"));
  });

  it("is missing when nothing was found", () => {
    expect(states({ links: { items: {} } })).toEqual(["uncovered", "uncovered", "uncovered"]);
  });

  it("tells a solver that gave up from one that found a counterexample", () => {
    expect(states({ links: verdict({ result: "timeout" }) })[1]).toBe("timeout");
    expect(states({ links: verdict({ result: "sat", safe: "timeout" }) })[1]).toBe("unproved");
  });

  it("to an operation's proof does not depend on an invariant's", () => {
    expect(states({ links: verdict({ "keeps INV-A-1": "timeout" }) })[1]).toBe("covered");
  });
});

describe("a waiver", () => {
  const waived = (until: string) =>
    states({
      links: { items: { "A-1": { ...links.items["A-1"]!, proof: [] } } },
      policy: {
        ...policy,
        waivers: [{ id: "^A-", need: "proof", owner: "somebody", until, reason: "later" }],
      },
    });

  it("excuses its own need only", () => {
    expect(waived(TODAY)).toEqual(["covered", "waived", "covered"]);
  });

  it("runs out", () => {
    expect(waived("2027-01-30")).toEqual(["covered", "uncovered", "covered"]);
  });
});

it("a sum over rows is shown by the counts that the policy names, and by no others", () => {
  const counted = [{ id: "^INV-SUM-1$", proof: "^counts of a$" }];
  const shows = shownBy({ ...policy, counted }, "INV-SUM-1");
  expect(shows?.test("counts of a")).toBe(true);
  expect(shows?.test("counts of ab")).toBe(false);
  expect(shownBy({ ...policy, counted }, "INV-SUM-12")).toBeUndefined();
});
