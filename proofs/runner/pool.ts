import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { CaseAnswer, ChildSettings } from "./case-child.ts";

/** A child that has grown beyond this is replaced: its terms are never freed. */
const LIMIT_RESIDENT_MEGABYTES = 900;
const LIMIT_HEAP_MEGABYTES = 1_800;
const PAGE_BYTES = 4096;

/** Proves cases in child processes, some at once. */
export class CasePool {
  readonly #settings: ChildSettings;
  readonly #idle: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();

  /** The most memory that a child had when it was done with a case. */
  largestMegabytes = 0;

  constructor(settings: ChildSettings) {
    this.#settings = settings;
  }

  /** The results of a case by its place in the list; a child that dies is an answer without any. */
  async prove(at: number): Promise<CaseAnswer | string> {
    const child = this.#idle.pop() ?? this.#start();
    const found = await ask(child, at);
    const megabytes = Math.ceil(residentMegabytes(child));
    this.largestMegabytes = Math.max(this.largestMegabytes, megabytes);
    if (typeof found === "string" || megabytes > LIMIT_RESIDENT_MEGABYTES) {
      this.#all.delete(child);
      child.disconnect();
    } else {
      this.#idle.push(child);
    }
    return found;
  }

  close(): void {
    for (const child of this.#all) if (child.connected) child.disconnect();
    this.#all.clear();
  }

  #start(): ChildProcess {
    const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const child = fork(
      fileURLToPath(new URL("./case-child.ts", import.meta.url)),
      [JSON.stringify(this.#settings)],
      { execArgv: ["--import", loader, `--max-old-space-size=${LIMIT_HEAP_MEGABYTES}`] },
    );
    this.#all.add(child);
    return child;
  }
}

function ask(child: ChildProcess, at: number): Promise<CaseAnswer | string> {
  return new Promise((resolve) => {
    const finish = (answer: CaseAnswer | string) => {
      child.off("message", finish);
      child.off("exit", died);
      resolve(answer);
    };
    const died = (code: number | null, signal: string | null) =>
      finish(`the proving process ended (${signal ?? code})`);
    child.on("message", finish);
    child.on("exit", died);
    child.send(at);
  });
}

function residentMegabytes(child: ChildProcess): number {
  try {
    const pages = Number(readFileSync(`/proc/${child.pid}/statm`, "utf8").split(" ")[1]);
    return (pages * PAGE_BYTES) / 2 ** 20;
  } catch {
    return 0;
  }
}
