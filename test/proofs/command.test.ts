import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { sampleMutants } from "../../proofs/mutate/index.ts";
import { root, runProgram } from "../acceptance/cli.ts";

const core = join(root, "build/core.wasm");
const built = existsSync(core);
const folder = mkdtempSync(join(tmpdir(), "prove-"));
afterAll(() => rmSync(folder, { recursive: true }));

const LIMIT_SECONDS = 110;
const prove = (...parameters: string[]) =>
  runProgram(
    process.execPath,
    ["--import", "tsx", "proofs/prove.ts", "--cache", folder, ...parameters],
    LIMIT_SECONDS,
  );

test.skipIf(!built)(
  "a family is proved, its result written, and remembered (skipped unless built)",
  async () => {
    const json = join(folder, "proof.json");
    const cold = await prove("--only", "clock", "--json", json);
    expect(cold.stdout).toContain("Not proved:");
    expect(cold.code).toBe(0);
    const proof = JSON.parse(readFileSync(json, "utf8"));
    expect(proof.core_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(proof.operations).toBeGreaterThan(100);
    expect(proof.obligations.length).toBeGreaterThan(4);
    expect(proof.obligations[0]).toMatchObject({
      family: "clock",
      operation: "systemTime",
      ok: true,
    });
    const warm = await prove("--only", "clock");
    expect(warm.stdout).toContain("obligations proved");
  },
  120_000,
);

test.skipIf(!built)(
  "another build with a wrong instruction is not proved, and a state shows it (skipped unless built)",
  async () => {
    const functions = (name: string) => name.endsWith("clock/scale");
    const [mutant] = sampleMutants(new Uint8Array(readFileSync(core)), {
      count: 1,
      seed: 5,
      functions,
    });
    const wasm = join(folder, "mutant.wasm");
    writeFileSync(wasm, mutant!.bytes);
    const ran = await prove("--only", "clock", "--wasm", wasm);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain("NOT PROVED: result");
    expect(ran.stdout).toContain("replayed, they differ");
  },
  120_000,
);

test("what cannot be meant is a mistake of use, and exits with 2", async () => {
  expect((await prove("--only", "nothing")).code).toBe(2);
  expect((await prove("--solver", "nobody")).code).toBe(2);
  expect((await prove("--wasm", join(folder, "absent.wasm"))).code).toBe(2);
});
