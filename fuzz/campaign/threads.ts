// Jobs in threads of this process: the usual backend.

import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Job, JobBackend, JobEvents } from "./jobs.ts";
import type { KeptInput } from "./perform.ts";

interface Message {
  readonly kind: "progress" | "finding" | "input" | "result" | "failure";
  readonly value: unknown;
}

/** What a thread tells of its job. */
export interface ThreadEvents {
  progress(figures: unknown): void;
  finding(finding: unknown): void;
  /** An input that the job keeps, once it is in the job's store. */
  input?(input: KeptInput): void;
}

/** A thread that carries out one job after another. */
export class CampaignThread {
  readonly #worker: Worker;

  /** @param compiled the folder of compileForSpeed */
  constructor(compiled: string) {
    const script = join(compiled, "fuzz/campaign/worker.js");
    this.#worker = new Worker(script, { execArgv: [] });
  }

  /** The result of a job; undefined when the thread was closed meanwhile. */
  run(job: Job, events: ThreadEvents): Promise<unknown> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      };
      const onExit = (): void => {
        settle();
        resolve(undefined);
      };
      const onError = (error: unknown): void => {
        settle();
        reject(error);
      };
      const onMessage = ({ kind, value }: Message): void => {
        if (kind === "progress") events.progress(value);
        else if (kind === "finding") events.finding(value);
        else if (kind === "input") events.input?.(value as KeptInput);
        else {
          settle();
          if (kind === "result") resolve(value);
          else reject(new Error(String(value)));
        }
      };
      worker.on("message", onMessage).on("error", onError).on("exit", onExit);
      worker.postMessage(job);
    });
  }

  /** Asks the job to save and end. */
  end(): void {
    this.#worker.postMessage("end");
  }

  /** Ends the thread at once, whatever it is at. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

export class ThreadBackend implements JobBackend<Job> {
  readonly name = "threads";
  readonly #compiled: string;
  readonly #threads: CampaignThread[] = [];

  /** @param compiled the folder of compileForSpeed */
  constructor(compiled: string) {
    this.#compiled = compiled;
  }

  run(jobs: readonly Job[], events: JobEvents): Promise<readonly unknown[]> {
    return Promise.all(jobs.map((job, index) => this.#one(job, index, events)));
  }

  stop(): void {
    for (const thread of this.#threads) thread.end();
  }

  /** Ends all jobs at once, whatever they are at; their results are undefined. */
  async abandon(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  async #one(job: Job, index: number, events: JobEvents): Promise<unknown> {
    const thread = new CampaignThread(this.#compiled);
    this.#threads.push(thread);
    try {
      return await thread.run(job, {
        progress: (figures) => events.progress(index, figures),
        finding: (finding) => events.finding(index, finding),
      });
    } finally {
      await thread.close();
    }
  }
}
