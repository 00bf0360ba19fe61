// `xenolith run --detach`: the same command in a process of its own, which goes on when this one
// has seen that the system answers, and stays on when no guest runs.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../disaggregation/appliance/problem.ts";
import { systemInfo } from "../disaggregation/control/requests.ts";
import { usualSocket, withControl } from "./control-target.ts";

const POLL_MILLISECONDS = 100;
const MOST_SECONDS = 120;

/** Does a system answer at this socket? */
function answers(control: string): Promise<boolean> {
  if (!existsSync(control)) return Promise.resolve(false);
  return withControl({ control }, systemInfo).then(
    () => true,
    () => false,
  );
}

/** Runs this command line again with --stay-on in the place of --detach, and returns when its system answers. */
export async function startDetached(control: string | undefined): Promise<void> {
  const words = process.argv.slice(1).map((word) => (word === "--detach" ? "--stay-on" : word));
  const output = join(mkdtempSync(join(tmpdir(), "xenolith-run-")), "output");
  const file = openSync(output, "w");
  const child = spawn(process.execPath, [...process.execArgv, ...words], {
    detached: true,
    stdio: ["ignore", file, file],
  });
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  const socket = control === undefined ? usualSocket(child.pid ?? 0) : resolve(control);
  const until = Date.now() + MOST_SECONDS * 1000;
  while (!(await answers(socket))) {
    if (ended) throw new Problem(`it did not start:\n${readFileSync(output, "utf8").trimEnd()}`);
    if (Date.now() > until) {
      child.kill("SIGTERM");
      throw new Problem(`it does not answer after ${MOST_SECONDS} seconds; it said: ${output}`);
    }
    await sleep(POLL_MILLISECONDS);
  }
  child.unref();
  process.stdout.write(`runs as process ${child.pid}; control socket ${socket}\n`);
}
