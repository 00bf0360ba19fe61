// The thread in which a job runs.

import { parentPort, workerData } from "node:worker_threads";
import type { Job } from "./jobs.ts";
import { perform } from "./perform.ts";

const port = parentPort;
if (port !== null) {
  const result = await perform(workerData as Job, {
    progress: (progress) => port.postMessage({ kind: "progress", value: progress }),
    finding: (finding) => port.postMessage({ kind: "finding", value: finding }),
    started: (end) => port.on("message", end),
  });
  port.postMessage({ kind: "result", value: result });
  port.close();
}
