// The thread of watch.ts, in plain JavaScript: the loader of TypeScript is not there in a thread.

import { appendFileSync } from "node:fs";
import { workerData } from "node:worker_threads";

const LOOK_MILLISECONDS = 1000;
const { begun, line, length, file, limitSeconds } = workerData;

setInterval(() => {
  const { user, system } = process.cpuUsage();
  if (begun[0] < 0 || (user + system) / 1e6 - begun[0] < limitSeconds) return;
  appendFileSync(file, Buffer.from(line.slice(0, length[0])));
  process.kill(process.pid, "SIGKILL");
}, LOOK_MILLISECONDS);
