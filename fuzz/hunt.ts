// Hunts mistakes in cores, one after another in one process: what the engine has compiled for one
// core serves the next. Tasks come as lines of JSON, results go out as lines of JSON. Nothing is
// made small here: only how long it takes until something is found counts.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Campaign } from "./campaign/campaign.ts";
import { hashOf, Store } from "./campaign/store.ts";
import type { Engine, Run } from "./engine/engine.ts";
import { Chance } from "./program/generate.ts";
import { bootSubject } from "./targets/boot.ts";
import { HypercallTarget } from "./targets/hypercall.ts";

/** Guided by coverage, by the grammar alone, or any bytes. */
export type Way = "guided" | "unguided" | "random";

export interface Task {
  /** File of the core. */
  readonly wasm: string;
  /** CPU time, the core's preparation and boot included. */
  readonly seconds: number;
  readonly seed: number;
  readonly way: Way;
  /** Folder of a campaign whose inputs come first. */
  readonly corpus?: string;
  /** Boots are looked at before calls are. */
  readonly boots?: boolean;
}

export interface Hunted {
  /** CPU seconds until something was found; null: nothing was. */
  readonly seconds: number | null;
  readonly executions: number;
  /** What was found. */
  readonly says: string;
}

const SECOND = 1e6;
const BYTES_MAX = 512;
const MESSAGES_EACH = 256;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / SECOND;
}

function anyBytes(seed: number): Uint8Array {
  const chance = new Chance(seed);
  return Uint8Array.from({ length: 1 + chance.below(BYTES_MAX) }, () => chance.below(256));
}

/** Goes on until something is found, and no further. */
class FirstFailure implements Engine {
  readonly name = "first failure";
  readonly comparisons = false;
  found: string | undefined;
  readonly #first: readonly Uint8Array[];
  readonly #way: Way;

  constructor(first: readonly Uint8Array[], way: Way) {
    this.#first = first;
    this.#way = way;
  }

  async run(run: Run, { seed }: { readonly seed: number }): Promise<void> {
    for (const bytes of this.#first) {
      if (this.found !== undefined || run.stopped()) return;
      this.found = run.input(bytes);
    }
    for (let round = seed * 7919; this.found === undefined && !run.stopped(); round++) {
      const bytes = this.#way === "random" ? anyBytes(round) : run.generate(round);
      this.found = run.input(bytes);
      // Signals have their turn.
      if (round % MESSAGES_EACH === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function campaign(target: HypercallTarget, task: Task, left: number): Promise<Hunted> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-hunt-"));
  try {
    const store = new Store(folder);
    const options = { seconds: left, ofCpu: true, seed: task.seed, untilFound: true };
    const guided = task.way === "guided";
    const core = hashOf(readFileSync(task.wasm));
    const first = task.corpus === undefined ? [] : new Store(task.corpus).inputs();
    const engine = new FirstFailure(first, task.way);
    const own = new Campaign(target, store, { ...options, core, guided });
    const { executions, seconds } = await own.run(engine);
    const says = engine.found ?? "";
    return { seconds: says === "" ? null : seconds, executions, says };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Hunts with targets that are made once. */
export class Hunter {
  readonly #target: HypercallTarget;

  /** @param core any core that works: the first that the target runs */
  constructor(core: Uint8Array<ArrayBuffer>) {
    this.#target = new HypercallTarget(core);
  }

  /** A core that does not boot, or breaks the world's preparation, is found at once. */
  async hunt(task: Task): Promise<Hunted> {
    const began = cpuSeconds();
    const taken = () => cpuSeconds() - began;
    try {
      this.#target.become(new Uint8Array(readFileSync(task.wasm)));
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      return { seconds: taken(), executions: 0, says };
    }
    const says = task.boots === true ? bootFailure(task.wasm) : undefined;
    if (says !== undefined) return { seconds: taken(), executions: 0, says };
    const before = taken();
    const hunted = await campaign(this.#target, task, task.seconds - before);
    return hunted.seconds === null ? hunted : { ...hunted, seconds: before + hunted.seconds };
  }
}

/** What is wrong with how a core boots, with the packs that the boots' own campaign begins with. */
function bootFailure(wasm: string): string | undefined {
  const subject = bootSubject(new Uint8Array(readFileSync(wasm)));
  for (const pack of subject.seeds) {
    const { failure } = subject.look(pack);
    if (failure !== undefined) return `boot: ${failure.oracle}: ${failure.says}`;
  }
  return undefined;
}

const [, , wasm] = process.argv;
if (wasm !== undefined && process.argv[1]?.endsWith("/fuzz/hunt.js")) {
  const hunter = new Hunter(new Uint8Array(readFileSync(wasm)));
  for await (const line of createInterface({ input: process.stdin })) {
    const hunted = await hunter.hunt(JSON.parse(line) as Task);
    process.stdout.write(`${JSON.stringify(hunted)}\n`);
  }
}
