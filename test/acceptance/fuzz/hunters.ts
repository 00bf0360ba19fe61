// Processes that hunt mistakes in cores (fuzz/hunt.ts), with a watch over each: a core that hangs
// in its boot is found as well.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { compileForSpeed } from "../../../fuzz/compile.ts";
import type { Hunted, Task } from "../../../fuzz/hunt.ts";
import { root } from "../cli.ts";

/** What a task may take beyond its time, in seconds of CPU: reading, the first compilation. */
const SPARE_SECONDS = 20;
const LOOK_MILLISECONDS = 2000;
const TICKS_A_SECOND = 100;

/** CPU seconds that a process has taken, from /proc. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

class Process {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  ended = false;

  constructor() {
    const script = join(compileForSpeed(root), "fuzz/hunt.js");
    this.#child = spawn(process.execPath, [script, join(root, "build/core.wasm")]);
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#child.stderr.pipe(process.stderr);
    this.#child.on("close", () => {
      this.ended = true;
    });
  }

  end(): void {
    this.ended = true;
    this.#child.kill("SIGKILL");
  }

  hunt(task: Task): Promise<Hunted> {
    const pid = this.#child.pid!;
    const before = cpuOf(pid);
    return new Promise((resolve, reject) => {
      const letGo = (): void => {
        clearInterval(timer);
        this.#lines.off("line", told);
        this.#child.off("close", died);
      };
      const settle = (hunted: Hunted): void => {
        letGo();
        resolve(hunted);
      };
      const told = (line: string): void => settle(JSON.parse(line) as Hunted);
      // No core can do that: it is a mistake of the hunter.
      const died = (): void => {
        letGo();
        reject(new Error(`the hunter of ${task.wasm} died; its last words stand above`));
      };
      const timer = setInterval(() => {
        if (cpuOf(pid) - before < task.seconds + SPARE_SECONDS) return;
        this.end();
        settle({ seconds: task.seconds, executions: 0, says: "the core does not come to an end" });
      }, LOOK_MILLISECONDS);
      this.#lines.on("line", told);
      this.#child.on("close", died);
      this.#child.stdin.write(`${JSON.stringify(task)}\n`);
    });
  }
}

/** One hunt after another; a process that had to be ended has a successor. */
export class Hunters {
  #process: Process | undefined;

  hunt(task: Task): Promise<Hunted> {
    if (this.#process === undefined || this.#process.ended) this.#process = new Process();
    return this.#process.hunt(task);
  }

  close(): void {
    this.#process?.end();
  }
}
