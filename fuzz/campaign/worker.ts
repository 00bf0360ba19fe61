// The thread in which jobs run, one after another.

import { parentPort } from "node:worker_threads";
import type { Target } from "../targets/target.ts";
import type { Job } from "./jobs.ts";
import { perform } from "./perform.ts";

const port = parentPort;
const targets = new Map<string, Target>();
let end: () => void = () => {};

async function carryOut(job: Job): Promise<void> {
  const tell = (kind: string) => (value: unknown) => port?.postMessage({ kind, value });
  const started = (ends: () => void): void => {
    end = ends;
  };
  try {
    const [progress, finding, input] = [tell("progress"), tell("finding"), tell("input")];
    tell("result")(await perform(job, { progress, finding, input, started }, targets));
  } catch (error) {
    tell("failure")(error instanceof Error ? error.message : String(error));
  }
}

port?.on("message", (message: Job | "end") => {
  if (message === "end") end();
  else void carryOut(message);
});
