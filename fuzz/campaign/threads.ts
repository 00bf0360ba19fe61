// Jobs in threads of this process: the usual backend.

import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Job, JobBackend, JobEvents } from "./jobs.ts";

interface Message {
  readonly kind: "progress" | "finding" | "result";
  readonly value: unknown;
}

export class ThreadBackend implements JobBackend {
  readonly name = "threads";
  readonly #script: string;
  readonly #workers: Worker[] = [];

  /** @param compiled the folder of compileForSpeed */
  constructor(compiled: string) {
    this.#script = join(compiled, "fuzz/campaign/worker.js");
  }

  run(jobs: readonly Job[], events: JobEvents): Promise<readonly unknown[]> {
    return Promise.all(jobs.map((job, index) => this.#one(job, index, events)));
  }

  stop(): void {
    for (const worker of this.#workers) worker.postMessage("end");
  }

  /** Ends all jobs at once, whatever they are at; their results are undefined. */
  async abandon(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #one(job: Job, index: number, events: JobEvents): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.#script, { workerData: job, execArgv: [] });
      let result: unknown;
      this.#workers.push(worker);
      worker.on("message", ({ kind, value }: Message) => {
        if (kind === "result") result = value;
        else if (kind === "progress") events.progress(index, value);
        else events.finding(index, value);
      });
      worker.on("error", reject);
      worker.on("exit", () => resolve(result));
    });
  }
}
