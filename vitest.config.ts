import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // What a test compares is text; a CI that asks for colour would put escapes into it.
    env: { NO_COLOR: "1" },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores are what the smallest supported machine has; QEMU tests want one of them each.
    maxWorkers: 2,
  },
});
