import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseModel } from "./model.ts";
import { Queue } from "./queue.ts";
import {
  checkText,
  DEFAULT_MEMORY_MEGABYTES,
  DEFAULT_WORKERS,
  type SolveOptions,
  type SolveResult,
  type Solver,
  type SolverOptions,
} from "./types.ts";
import type { Ready, Request, Response } from "./z3-child.ts";

/** The first query of a process compiles Z3; time for that comes on top of the query's own. */
const GRACE_MILLISECONDS = 10_000;
const WATCH_MILLISECONDS = 250;
/** A fresh process after so many queries: Z3's memory only grows. */
const LIMIT_QUERIES = 400;
const PAGE_KILOBYTES = 4;

/** A child that answers one query at a time. */
class Child {
  readonly process: ChildProcess;
  readonly ready: Promise<string>;
  queries = 0;

  constructor() {
    const require = createRequire(import.meta.url);
    const loader = pathToFileURL(require.resolve("tsx")).href;
    this.process = fork(fileURLToPath(new URL("./z3-child.ts", import.meta.url)), {
      execArgv: ["--import", loader],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.ready = new Promise((resolve, reject) => {
      this.process.once("message", (message: Ready) => resolve(message.ready));
      this.process.once("exit", (code) => reject(new Error(`Z3 did not start (exit ${code})`)));
    });
    // Whoever awaits it sees the failure; nobody may be waiting yet.
    this.ready.catch(() => undefined);
  }

  get isAlive(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Sends a query; a death or a passed limit is an error, and the child is gone. */
  ask(request: Request, limitMs: number, memoryMegabytes: number): Promise<Response> {
    this.queries++;
    return new Promise((resolve) => {
      const finish = (response: Response) => {
        clearTimeout(guard);
        clearInterval(watch);
        this.process.off("message", finish);
        this.process.off("exit", died);
        resolve(response);
      };
      const fail = (verdict: "error" | "unknown", detail: string) => {
        this.process.kill("SIGKILL");
        finish({ id: request.id, verdict, detail });
      };
      const died = (code: number | null, signal: string | null) =>
        finish({ id: request.id, verdict: "error", detail: `Z3 died (${signal ?? code})` });
      const guard = setTimeout(() => fail("unknown", "time-out; the process was killed"), limitMs);
      const watch = setInterval(() => {
        if (residentMegabytes(this.process.pid) > memoryMegabytes) fail("error", "out of memory");
      }, WATCH_MILLISECONDS);
      this.process.on("message", finish);
      this.process.on("exit", died);
      this.process.send(request, (error) => {
        if (error !== null) fail("error", error.message);
      });
    });
  }
}

/** Resident memory of a process; 0 where the system does not tell. */
function residentMegabytes(pid: number | undefined): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    return (pages * PAGE_KILOBYTES) / 1024;
  } catch {
    return 0;
  }
}

/** Z3 from npm, in children of their own: a crash, a leak or a stuck query hurts nobody else. */
export class WasmSolver implements Solver {
  readonly name = "z3-wasm";
  readonly #queue: Queue;
  readonly #memory: number;
  readonly #idle: Child[] = [];
  readonly #all = new Set<Child>();
  #version: Promise<string> | undefined;
  #nextId = 0;

  constructor(options: SolverOptions = {}) {
    this.#memory = options.memoryMegabytes ?? DEFAULT_MEMORY_MEGABYTES;
    this.#queue = new Queue(options.workers ?? DEFAULT_WORKERS);
  }

  version(): Promise<string> {
    this.#version ??= this.#queue.run(async () => {
      const child = this.#take();
      const version = await child.ready;
      this.#give(child);
      return version;
    });
    return this.#version;
  }

  async solve(text: string, options: SolveOptions): Promise<SolveResult> {
    checkText(text);
    const version = await this.version();
    return this.#queue.run(async () => {
      const child = this.#take();
      await child.ready;
      const started = performance.now();
      const { timeoutMs, effort, wantModel = false } = options;
      const own = effort === undefined ? {} : { effort };
      const request: Request = { id: this.#nextId++, text, timeoutMs, wantModel, ...own };
      const response = await child.ask(request, timeoutMs + GRACE_MILLISECONDS, this.#memory);
      const { ms = performance.now() - started } = response;
      this.#give(child);
      return resultOf(request, response, ms, version);
    });
  }

  async close(): Promise<void> {
    for (const child of this.#all) child.process.kill("SIGKILL");
    this.#all.clear();
    this.#idle.length = 0;
  }

  #take(): Child {
    const child = this.#idle.pop() ?? new Child();
    this.#all.add(child);
    return child;
  }

  #give(child: Child): void {
    if (child.isAlive && child.queries < LIMIT_QUERIES) {
      this.#idle.push(child);
      return;
    }
    child.process.kill("SIGKILL");
    this.#all.delete(child);
  }
}

function resultOf(request: Request, response: Response, ms: number, version: string): SolveResult {
  const frame = { ms, solver: "z3-wasm" as const, version };
  if (response.id !== request.id) {
    return { ...frame, verdict: "error", detail: "an answer to another query" };
  }
  const { verdict, detail, model } = response;
  return {
    ...frame,
    verdict,
    ...(detail === undefined ? {} : { detail }),
    ...(model === undefined ? {} : { model: parseModel(model) }),
  };
}
