// libFuzzer as engine: catches counters that do not reach it (it would keep nothing of its own),
// programs that grow short, and a process that does not come to its end.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Progress } from "../../fuzz/campaign/campaign.ts";
import { hasLibrary } from "../../fuzz/campaign/library.ts";
import { ProcessBackend } from "../../fuzz/campaign/processes.ts";
import { Store } from "../../fuzz/campaign/store.ts";
import { compileForSpeed } from "../../fuzz/compile.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const wasm = join(root, "build/core.wasm");
const ready = existsSync(wasm) && hasLibrary("2.38", root);

it.skipIf(!ready)(
  "libFuzzer runs programs that the other engine can read (skipped unless the core is built, and the C library is new enough or a newer one is in the cache)",
  async () => {
    const corpus = mkdtempSync(join(tmpdir(), "xenolith-jazzer-"));
    const job = {
      ...{ kind: "campaign" as const, root, target: "hypercall", engine: "jazzer", corpus, wasm },
      ...{ seconds: 4, ofCpu: true, seed: 1, untilFound: false, guided: true },
    };
    const backend = new ProcessBackend(compileForSpeed(root));
    const [result] = await backend.run([job], { progress: () => {}, finding: () => {} });
    const { progress, findings } = result as { progress: Progress; findings: readonly string[] };
    expect(findings).toEqual([]);
    expect(progress.executions).toBeGreaterThan(1000);
    expect(progress.calls / progress.executions).toBeGreaterThan(16);
    expect(new Store(corpus).inputs().length).toBeGreaterThan(100);
    rmSync(corpus, { recursive: true });
  },
  600_000,
);
