import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { SolveOptions, SolveResult, Solver } from "./types.ts";

/** Remembers which texts were "unsat" for which solver; nothing else is remembered. */
export class VerdictCache {
  readonly #file: string;
  readonly #known = new Set<string>();

  /** The file has one hash a line and is only ever appended to. */
  constructor(file: string) {
    this.#file = file;
    if (!existsSync(file)) return;
    for (const line of readFileSync(file, "utf8").split("\n")) {
      if (/^[0-9a-f]{64}$/.test(line)) this.#known.add(line);
    }
  }

  has(key: string): boolean {
    return this.#known.has(key);
  }

  add(key: string): void {
    if (this.#known.has(key)) return;
    this.#known.add(key);
    mkdirSync(dirname(this.#file), { recursive: true });
    appendFileSync(this.#file, `${key}\n`);
  }
}

/** sha256 of the text, the solver and its version. */
export function verdictKey(text: string, solver: string, version: string): string {
  return createHash("sha256").update(`${solver}\n${version}\n${text}`).digest("hex");
}

/** A solver that does not repeat a proof. */
export class CachedSolver implements Solver {
  readonly #inner: Solver;
  readonly #cache: VerdictCache;

  constructor(inner: Solver, cache: VerdictCache) {
    this.#inner = inner;
    this.#cache = cache;
  }

  get name() {
    return this.#inner.name;
  }

  version(): Promise<string> {
    return this.#inner.version();
  }

  async solve(text: string, options: SolveOptions): Promise<SolveResult & { cached?: boolean }> {
    const version = await this.version();
    const key = verdictKey(text, this.name, version);
    if (this.#cache.has(key)) {
      return { verdict: "unsat", ms: 0, solver: this.name, version, cached: true };
    }
    const result = await this.#inner.solve(text, options);
    if (result.verdict === "unsat") this.#cache.add(key);
    return result;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
