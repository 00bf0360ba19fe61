// A second thread that looks after the first: a mutant may have a loop that is executed round by
// round and does not come to an end in any useful time.

import { Worker } from "node:worker_threads";
import type { Thoroughness } from "./judge.ts";

/** Processor time for one mutant. */
const LIMIT_SECONDS: Record<Thoroughness, number> = { quick: 180, whole: 1_200 };
const MICROSECONDS = 1e6;

interface Shared {
  /** Seconds of processor time at which the current mutant was begun; -1: there is none. */
  readonly begun: Float64Array;
  /** What is written to `file` if the mutant takes too long, as UTF-8, and its length. */
  readonly line: Uint8Array;
  readonly length: Int32Array;
  readonly file: string;
  readonly limitSeconds: number;
}

const LINE_BYTES = 4096;

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROSECONDS;
}

/** Ends this process if one mutant takes too long, after its verdict is written. */
export class Watch {
  readonly #shared: Shared;
  readonly #worker: Worker;
  readonly #thoroughness: Thoroughness;

  constructor(file: string, thoroughness: Thoroughness) {
    this.#thoroughness = thoroughness;
    this.#shared = {
      begun: new Float64Array(new SharedArrayBuffer(8)).fill(-1),
      line: new Uint8Array(new SharedArrayBuffer(LINE_BYTES)),
      length: new Int32Array(new SharedArrayBuffer(4)),
      file,
      limitSeconds: LIMIT_SECONDS[thoroughness],
    };
    this.#worker = new Worker(new URL("./watch-thread.mjs", import.meta.url), {
      workerData: this.#shared,
    });
    this.#worker.unref();
  }

  begin(mutant: string): void {
    const seconds = LIMIT_SECONDS[this.#thoroughness];
    const why = `not judged within ${seconds} s of processor time`;
    const thoroughness = this.#thoroughness;
    const record = { mutant, verdict: "neither", why, ms: 1000 * seconds, thoroughness };
    const bytes = new TextEncoder().encode(`${JSON.stringify(record)}\n`);
    this.#shared.line.set(bytes.subarray(0, LINE_BYTES));
    this.#shared.length[0] = bytes.length;
    this.#shared.begun[0] = processorSeconds();
  }

  end(): void {
    this.#shared.begun[0] = -1;
  }
}
