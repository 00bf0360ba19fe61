// `npm test`: builds, runs the tests and the short acceptance checks, and ends with one line that
// counts them: `N passed, N failed`.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checks } from "../test/acceptance/index.ts";
import { accept } from "./accept.ts";
import { build } from "./build.ts";
import { makeDebianGuests } from "./debian.ts";
import { oracles, requirements, setUp } from "./setup.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

function runVitest(): Count {
  const report = `${root}build/vitest.json`;
  mkdirSync(`${root}build`, { recursive: true });
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const result = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", ...reporters],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const counts = JSON.parse(readFileSync(report, "utf8")) as Record<string, number>;
  const failed = counts.numFailedTests ?? 0;
  return {
    passed: counts.numPassedTests ?? 0,
    // A file that did not load has no failed test of its own, but vitest's exit code tells.
    failed: failed === 0 && result.status !== 0 ? 1 : failed,
    skipped: counts.numPendingTests ?? 0,
  };
}

async function runChecks(count: Count): Promise<void> {
  for (const check of checks.filter((candidate) => candidate.short)) {
    const { passed, summary } = await accept(check);
    process.stdout.write(
      `${passed ? "holds        " : "DOES NOT HOLD"} ${check.name}: ${summary}\n`,
    );
    if (passed) count.passed++;
    else count.failed++;
  }
}

await setUp(false, [...requirements, ...oracles]);
await build();
makeDebianGuests();
const count = runVitest();
await runChecks(count);
if (count.skipped > 0) {
  process.stdout.write(`${count.skipped} tests skipped: each says what is not on this machine\n`);
}
process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`);
process.exitCode = count.failed === 0 ? 0 : 1;
