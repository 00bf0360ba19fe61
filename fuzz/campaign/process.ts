// A process in which one job runs: the job in its parameter, what it tells as lines of JSON.

import { writeSync } from "node:fs";
import type { Job } from "./jobs.ts";
import { perform } from "./perform.ts";
import type { Message } from "./processes.ts";

const STANDARD_OUTPUT = 1;

function tell(kind: Message["kind"]): (value: unknown) => void {
  return (value) => {
    writeSync(STANDARD_OUTPUT, `${JSON.stringify({ kind, value })}\n`);
  };
}

try {
  const nothing = (): void => {};
  const told = { progress: tell("progress"), finding: tell("finding") };
  const job = JSON.parse(process.argv[2]!) as Job;
  tell("result")(await perform(job, { ...told, input: nothing, started: nothing }));
  process.exit(0);
} catch (error) {
  tell("failure")(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
