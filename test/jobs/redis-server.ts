// A Redis of a test's own: on a socket in a folder of its own, in memory alone.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = "/usr/bin/redis-server";
export const hasRedis = existsSync(PROGRAM);
const LOOK_MILLISECONDS = 50;

export interface TestRedis {
  readonly address: string;
  /** Where it is; a place for other files of the test. */
  readonly folder: string;
  close(): void;
}

/** Starts one; it is there when this resolves. */
export async function startRedis(): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-redis-"));
  const socket = join(folder, "socket");
  const options = ["--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"];
  const child: ChildProcess = spawn(PROGRAM, [...options, "--dir", folder], { stdio: "ignore" });
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error("redis-server does not start");
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
  const close = (): void => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  return { address: `unix:${socket}`, folder, close };
}
