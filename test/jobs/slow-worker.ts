// A worker of a test: it says that it has a job, and is done with it when it is told so.

import { existsSync, writeFileSync } from "node:fs";
import { serve } from "../../jobs/redis.ts";

interface Slow {
  /** Made when the worker has the job. */
  readonly has: string;
  /** The worker is done once this file is there. */
  readonly until: string;
}

const LOOK_MILLISECONDS = 50;

await serve<Slow>(process.argv[2]!, "slow", async ({ has, until }) => {
  writeFileSync(`${has}.${process.pid}`, "");
  while (!existsSync(until)) await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  return process.pid;
});
