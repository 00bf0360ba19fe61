// The ends of links: catches a hash that moves with what the link is not about (every proof would
// be void after any change), and one that stays when what was proved has changed.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../audit/trace/source.ts";
import { SpecCode } from "../../audit/trace/spec-code.ts";
import { TestCode } from "../../audit/trace/test-code.ts";
import { wasmHashes } from "../../audit/trace/wasm-code.ts";
import { sampleMutants } from "../../proofs/mutate/index.ts";

const CORE = join(root, "build/core.wasm");

describe("a function of the binary", () => {
  it.skipIf(!existsSync(CORE))(
    "alone has another hash when it is changed (skipped unless built)",
    () => {
      const core = new Uint8Array(readFileSync(CORE));
      const before = wasmHashes(core);
      for (const { bytes, description } of sampleMutants(core, { count: 5, seed: 1 })) {
        const after = wasmHashes(bytes);
        const moved = [...before.keys()].filter((name) => after.get(name) !== before.get(name));
        expect(moved).toHaveLength(1);
        expect(description).toContain(moved[0]);
      }
    },
  );
});

describe("a proof's part of the specification", () => {
  const code = new SpecCode();

  it("is what its clauses stand in, and what that uses without clauses of its own", () => {
    const behind = code.behind(new Set(["EVTCHN-SEND-1"]));
    expect(behind).toContain("spec/event_channel.ts#send");
    expect(behind).toContain("spec/guest.ts#locate");
    expect(behind).toContain("spec/abi.ts#EINVAL");
  });

  it("is nothing else: neither other operations nor what was not come to", () => {
    const behind = code.behind(new Set(["EVTCHN-SEND-1"]));
    expect(behind.filter((id) => /grant|teardown|#raise$/.test(id))).toEqual([]);
    expect(behind.every((id) => code.hashes().has(id))).toBe(true);
  });
});

describe("a test", () => {
  const file = new TestCode("test/audit/state.test.ts");

  it("is found by the name that the runner gives to it, in each row of a table", () => {
    expect(file.has("a link > whose ends are as they were is covered")).toBe(true);
    expect(file.has("a waiver > runs out")).toBe(true);
    expect(
      new TestCode("test/audit/bundle.test.ts").has("a bundle > tells any changed byte of x"),
    ).toBe(true);
    expect(file.has("a link > flies")).toBe(false);
  });

  it("has a hash of its own; one that is not known has the file's", () => {
    const [one, two] = ["a waiver > runs out", "a waiver > excuses its own need only"];
    expect(file.hash(one!)).not.toBe(file.hash(two!));
    expect(file.hash("no such test")).toBe(file.hash("another that is not there"));
  });
});
