import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores are what the smallest supported machine has; QEMU tests want one of them each.
    maxWorkers: 2,
  },
});
