// The arrows between the wings: catches an import that goes against them, and rules that would no
// longer notice one.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./tree.ts";

const FOLDERS = [
  "tcb",
  "spec",
  "proofs",
  "fuzz",
  "jobs",
  "disaggregation",
  "xsm-policy",
  "audit",
  "bin",
  "scripts",
  "test",
];
const program = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");

/** Broken rules as `rule: importer -> imported`. */
function violations(folder: string): string[] {
  const present = FOLDERS.filter((name) => existsSync(join(folder, name)));
  const config = join(root, ".dependency-cruiser.cjs");
  const parameters = ["--config", config, "--output-type", "json", ...present];
  const result = spawnSync(process.execPath, [program, ...parameters], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const { summary } = JSON.parse(result.stdout) as {
    summary: { violations: { from: string; to: string; rule: { name: string } }[] };
  };
  return summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} -> ${to}`).sort();
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const importing = (path: string): string => `import { x } from "${path}";\nexport const y = x;\n`;
const exporting = "export const x = 1;\n";

describe("imports", () => {
  it("follow the arrows of the architecture", () => {
    expect(violations(root)).toEqual([]);
  });

  it("against the arrows are found", () => {
    const folder = mkdtempSync(join(tmpdir(), "house-"));
    try {
      write(folder, {
        "tsconfig.json": "{}",
        "package.json": '{ "type": "module" }',
        "tcb/core/layout.ts": exporting,
        "tcb/core/exit.ts": importing("../../spec/state.ts"),
        "tcb/machine/sim/machine.ts": importing("../../core/exit.ts"),
        "tcb/subset/check.ts": importing("../../spec/state.ts"),
        "spec/state.ts": importing("../tcb/core/layout.ts"),
        "spec/exit.ts": importing("../tcb/core/exit.ts"),
        "proofs/run.ts": importing("../fuzz/run.ts"),
        "fuzz/run.ts": importing("../proofs/run.ts"),
        "audit/run.ts": importing("../bin/run.ts"),
        "bin/run.ts": importing("../spec/state.ts"),
        "xsm-policy/compiler.ts": importing("../nowhere/at-all.ts"),
      });
      expect(violations(folder)).toEqual([
        "audit: audit/run.ts -> bin/run.ts",
        "core-alone: tcb/core/exit.ts -> spec/state.ts",
        "fuzz: fuzz/run.ts -> proofs/run.ts",
        "no-cycles-of-wings: fuzz/run.ts -> proofs/run.ts",
        "policy: xsm-policy/compiler.ts -> ../nowhere/at-all.ts",
        "programs-on-top: audit/run.ts -> bin/run.ts",
        "proofs: proofs/run.ts -> fuzz/run.ts",
        "resolvable: xsm-policy/compiler.ts -> ../nowhere/at-all.ts",
        "simulated-machine: tcb/machine/sim/machine.ts -> tcb/core/exit.ts",
        "specification: spec/exit.ts -> tcb/core/exit.ts",
        "subset: tcb/subset/check.ts -> spec/state.ts",
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
