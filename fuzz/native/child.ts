// The process that runs the native build, as somebody who waits for each of its answers: two named
// pipes, read and written at once (fuzz/native/host/main.c is the other side).

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Kinds of commands. */
export const command = { load: 0, store: 1, exit: 2, choose: 3, undo: 4 } as const;
const COMMAND_BYTES = 40;
const ANSWER_BYTES = 32;

export interface StepCommand {
  readonly kind: "exit" | "choose";
  readonly vcpu: number;
  /** Number of the event at which another CPU stores a word; out of range: none does. */
  readonly raceIndex: number;
  readonly raceAt: number;
  readonly raceValue: number;
  readonly ticks: bigint;
  readonly timer: bigint;
}

export interface StepAnswer {
  readonly ending: "done" | "trap" | "refusal" | "halt";
  readonly chosen: number;
  readonly stores: number;
  readonly storeHash: number;
  readonly events: number;
  readonly eventHash: number;
  readonly timer: bigint;
}

/** The native build ended, as a sanitizer ends it. */
export class NativeEnded extends Error {}

const endings = ["done", "trap", "refusal", "halt"] as const;

export class NativeChild {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #to: number;
  readonly #from: number;

  /** Starts a hosted build of the core (scripts/hosted.ts). */
  constructor(program: string) {
    this.#folder = mkdtempSync(join(tmpdir(), "xenolith-native-"));
    const [to, from] = ["to", "from"].map((name) => join(this.#folder, name));
    execFileSync("mkfifo", [to!, from!]);
    const line = 'exec "$0" <"$1" >"$2" 2>"$3"';
    const parameters = ["-c", line, program, to!, from!, join(this.#folder, "errors")];
    this.#child = spawn("sh", parameters, { stdio: "ignore" });
    this.#to = openSync(to!, "w");
    this.#from = openSync(from!, "r");
    this.#child.unref();
  }

  /** The whole state: linear memory, then machine memory. */
  load(linear: Uint8Array, ram: Uint8Array): void {
    this.#send(command.load, 0);
    this.#write(linear);
    this.#write(ram);
  }

  /** Words that the harness stores: places and values in turn. */
  store(words: readonly number[]): void {
    if (words.length === 0) return;
    this.#send(command.store, words.length / 2);
    this.#write(new Uint8Array(Int32Array.from(words).buffer));
  }

  /** Takes back all stores since the state was loaded. */
  undo(): void {
    this.#send(command.undo, 0);
  }

  /** One step of the core. Throws NativeEnded with what the process said last. */
  step({ kind, vcpu, raceIndex, raceAt, raceValue, ticks, timer }: StepCommand): StepAnswer {
    const bytes = new DataView(new ArrayBuffer(COMMAND_BYTES));
    const words = [command[kind], vcpu, raceIndex, raceAt, raceValue, 0];
    for (const [index, word] of words.entries()) bytes.setUint32(index * 4, word >>> 0, true);
    bytes.setBigUint64(24, ticks, true);
    bytes.setBigUint64(32, timer, true);
    this.#write(new Uint8Array(bytes.buffer));
    const view = this.#read();
    const [ending, chosen, stores, storeHash, events, eventHash] = Array.from(
      { length: 6 },
      (_, index) => view.getUint32(index * 4, true),
    ) as [number, number, number, number, number, number];
    const timerNow = view.getBigUint64(24, true);
    const how = endings[ending]!;
    return { ending: how, chosen, stores, storeHash, events, eventHash, timer: timerNow };
  }

  close(): void {
    closeSync(this.#to);
    closeSync(this.#from);
    this.#child.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #send(kind: number, parameter: number): void {
    const bytes = new DataView(new ArrayBuffer(COMMAND_BYTES));
    bytes.setUint32(0, kind, true);
    bytes.setUint32(4, parameter, true);
    this.#write(new Uint8Array(bytes.buffer));
  }

  #write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#to, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
      throw this.#ended();
    }
  }

  #read(): DataView {
    const bytes = new Uint8Array(ANSWER_BYTES);
    for (let at = 0; at < ANSWER_BYTES; ) {
      const got = readSync(this.#from, bytes, at, ANSWER_BYTES - at, null);
      if (got === 0) throw this.#ended();
      at += got;
    }
    return new DataView(bytes.buffer);
  }

  #ended(): NativeEnded {
    const said = readFileSync(join(this.#folder, "errors"), "utf8");
    const summary = /^(?:SUMMARY: )?.*(?:runtime error|Sanitizer):.*$/m.exec(said)?.[0];
    return new NativeEnded(summary ?? "the native build ended by itself");
  }
}
