import { defineConfig } from "vitest/config";

/** The tests that compare core and specification, with a note of the clauses that they reach. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/spec/*.test.ts", "test/fuzz/**/*.test.ts"],
    setupFiles: [new URL("record-clauses.ts", import.meta.url).pathname],
    env: { NO_COLOR: "1" },
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
  },
});
