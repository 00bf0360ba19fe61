// Jobs in processes of their own, with a C library that libFuzzer's addon can be loaded with.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Job, JobBackend, JobEvents } from "./jobs.ts";
import { nodeWithLibrary } from "./library.ts";

/** What @jazzer.js/fuzzer's addon was linked with. */
const LIBRARY = "2.38";

/** What a process tells, a line of JSON each. */
export interface Message {
  readonly kind: "progress" | "finding" | "result" | "failure";
  readonly value: unknown;
}

export class ProcessBackend implements JobBackend<Job> {
  readonly name = "processes";
  readonly #script: string;
  readonly #children: ChildProcess[] = [];

  /** @param compiled the folder of compileForSpeed */
  constructor(compiled: string) {
    this.#script = join(compiled, "fuzz/campaign/process.js");
  }

  run(jobs: readonly Job[], events: JobEvents): Promise<readonly unknown[]> {
    return Promise.all(
      jobs.map((job, index) => {
        const [program, ...options] = nodeWithLibrary(LIBRARY, job.root);
        const child = spawn(program, [...options, this.#script, JSON.stringify(job)], {
          stdio: ["ignore", "pipe", "pipe"],
        });
        this.#children.push(child);
        return this.#result(child, index, events);
      }),
    );
  }

  stop(): void {
    for (const child of this.#children) child.kill("SIGINT");
  }

  #result(child: ChildProcess, index: number, events: JobEvents): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let result: unknown;
      let said = "";
      child.stderr!.on("data", (text: Buffer) => {
        said = `${said}${text}`.slice(-2000);
      });
      createInterface({ input: child.stdout! }).on("line", (line) => {
        if (!line.startsWith("{")) return;
        const { kind, value } = JSON.parse(line) as Message;
        if (kind === "result") result = value;
        else if (kind === "failure") said = String(value);
        else if (kind === "progress") events.progress(index, value);
        else events.finding(index, value);
      });
      child.on("close", (code) => {
        if (result !== undefined) resolve(result);
        else reject(new Error(`libFuzzer's process ended with code ${code}: ${said.trim()}`));
      });
    });
  }
}
