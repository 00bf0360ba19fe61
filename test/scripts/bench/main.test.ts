// The command. Catches a wrong use that is not answered plainly, with exit code 2.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

function bench(...parameters: string[]) {
  const script = ["node_modules/.bin/tsx", "scripts/bench/main.ts"];
  return spawnSync("node", [...script, ...parameters], { cwd: root, encoding: "utf8" });
}

describe("bench", () => {
  it("names the rows that there are when one is asked for that is not", () => {
    const result = bench("--only", "hypercall_nul");
    expect(result.status).toBe(2);
    expect(result.stderr).toMatch(/no row is named "hypercall_nul"; there are hypercall_null/);
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });

  it("refuses a number of runs that is none", () => {
    const result = bench("--runs", "many");
    expect(result.status).toBe(2);
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });
});
