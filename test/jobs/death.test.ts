// Workers that die and that are held up: catches a job that is lost with its worker, and a job
// whose first worker comes back after another one has done it. Skips where redis-server is not
// installed.

import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../jobs/connection.ts";
import { RedisBackend } from "../../jobs/redis.ts";
import { root } from "../acceptance/cli.ts";
import { hasRedis, startRedis, type TestRedis } from "./redis-server.ts";

const PATIENCE = 240_000;
const LOOK_MILLISECONDS = 100;
const silent = { progress: () => {}, finding: () => {} };
let server: TestRedis;
let redis: Redis;
const children: ChildProcess[] = [];

beforeAll(async () => {
  if (!hasRedis) return;
  server = await startRedis();
  redis = await connect(server.address);
});

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  redis?.disconnect();
  server?.close();
});

function startWorker(): ChildProcess {
  const script = join(root, "test/jobs/slow-worker.ts");
  const parameters = ["--import", "tsx", script, server.address];
  const child = spawn(process.execPath, parameters, { cwd: root, stdio: "ignore" });
  children.push(child);
  return child;
}

/** Waits until so many workers have said that they have the job. */
async function takers(name: string, count: number): Promise<number[]> {
  for (;;) {
    const files = readdirSync(server.folder).filter((file) => file.startsWith(`${name}.`));
    if (files.length >= count) return files.map((file) => Number(file.split(".")[1]));
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}

describe.skipIf(!hasRedis)("a worker", () => {
  it.each([
    ["that dies leaves its job to another", "SIGKILL"],
    ["that is held up for long finds its job done by another", "SIGSTOP"],
  ] as const)(
    "%s",
    async (_says, signal) => {
      const backend = new RedisBackend<{ has: string; until: string }>(redis, "slow", signal);
      const until = join(server.folder, `go-${signal}`);
      const first = startWorker();
      const result = backend.run([{ has: join(server.folder, signal), until }], silent);
      expect(await takers(signal, 1)).toEqual([first.pid]);
      first.kill(signal);
      const second = startWorker();
      expect(await takers(signal, 2)).toContain(second.pid);
      writeFileSync(until, "");
      expect(await result).toEqual([second.pid]);
      // Whoever was held up is done with it too, and nothing comes of that.
      first.kill("SIGCONT");
      second.kill("SIGKILL");
      await backend.close();
    },
    PATIENCE,
  );
});
