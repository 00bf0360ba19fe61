// Jobs over a Redis: catches a job that is lost with its worker, one that is done twice and told
// twice, and a stop that leaves somebody waiting. Skips where redis-server is not installed.

import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JobEvents, JobListener } from "../../jobs/backend.ts";
import { AddressError, connect } from "../../jobs/connection.ts";
import { RedisBackend, type Serving, serve } from "../../jobs/redis.ts";
import { hasRedis, startRedis, type TestRedis } from "./redis-server.ts";

interface Sum {
  readonly a: number;
  readonly b: number;
}

const PATIENCE = 60_000;
const silent: JobEvents = { progress: () => {}, finding: () => {} };
let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  if (!hasRedis) return;
  server = await startRedis();
  redis = await connect(server.address);
});

afterAll(() => {
  redis?.disconnect();
  server?.close();
});

const adder = async ({ a, b }: Sum): Promise<unknown> => a + b;

describe.skipIf(!hasRedis)("jobs over a Redis", () => {
  const serving: Serving[] = [];
  afterAll(async () => {
    await Promise.all(serving.map((one) => one.close()));
  });

  it(
    "come back in their order, whoever did them",
    async () => {
      for (let count = 0; count < 3; count++) {
        serving.push(await serve<Sum>(server.address, "sums", adder));
      }
      const backend = new RedisBackend<Sum>(redis, "sums", "run");
      const jobs = Array.from({ length: 20 }, (_, index) => ({ a: index, b: 100 }));
      const results = await backend.run(jobs, silent);
      expect(results).toEqual(jobs.map(({ a, b }) => a + b));
      await backend.close();
    },
    PATIENCE,
  );

  it(
    "tell of themselves, and fail with their worker's words",
    async () => {
      const told: unknown[] = [];
      const work = async (job: Sum, { progress, finding }: JobListener): Promise<unknown> => {
        progress(job.a);
        finding(job.b);
        if (job.a === 2) throw new Error("two is not done here");
        return job.a;
      };
      serving.push(await serve<Sum>(server.address, "told", work));
      const backend = new RedisBackend<Sum>(redis, "told", "run");
      const events: JobEvents = {
        progress: (job, figures) => told.push(["progress", job, figures]),
        finding: (job, value) => told.push(["finding", job, value]),
      };
      expect(await backend.run([{ a: 1, b: 7 }], events)).toEqual([1]);
      expect(told).toContainEqual(["finding", 0, 7]);
      await expect(backend.run([{ a: 2, b: 0 }], silent)).rejects.toThrow("two is not done here");
      await backend.close();
    },
    PATIENCE,
  );

  it(
    "that nobody has begun are taken back by a stop",
    async () => {
      const backend = new RedisBackend<Sum>(redis, "nobody", "run");
      const running = backend.run([{ a: 1, b: 2 }], silent);
      setTimeout(() => backend.stop(), 200);
      expect(await running).toEqual([undefined]);
      await backend.close();
    },
    PATIENCE,
  );
});

describe("an address", () => {
  it("that is none, or where nobody answers, is refused with advice", async () => {
    await expect(connect("localhost")).rejects.toThrow(/is no address of a Redis/);
    await expect(connect("unix:/nowhere/at/all")).rejects.toThrow(AddressError);
  });
});
