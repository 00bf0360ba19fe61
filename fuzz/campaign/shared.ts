// What the workers of a cluster have together: inputs, findings and the core, in a Redis. Inputs
// and findings are only ever added, under names that follow from their content, so that it makes no
// difference who adds them, how often, and in which order.

import type { Redis } from "ioredis";
import type { Known } from "./jobs.ts";
import { loadReached, type Reached, saveReached } from "./reached.ts";
import { type Finding, hashOf, inputName, type Store } from "./store.ts";

const CORES = "xenolith:cores";

/** Puts a core where workers find it; gives its name there. */
export async function shareCore(redis: Redis, core: Uint8Array): Promise<string> {
  const name = hashOf(core);
  await redis.hset(CORES, name, Buffer.from(core));
  return name;
}

/** The core of that name. Throws Error when nobody has put it there. */
export async function sharedCore(redis: Redis, name: string): Promise<Uint8Array> {
  const core = await redis.hgetBuffer(CORES, name);
  if (core === null) throw new Error(`nobody has shared a core with the hash ${name}`);
  return new Uint8Array(core);
}

export class SharedStore {
  readonly #redis: Redis;
  readonly #inputs: string;
  readonly #findings: string;
  readonly #counters: string;
  readonly #clauses: string;
  readonly #features: string;
  readonly #known: string;
  readonly #taken = new Set<string>();

  constructor(redis: Redis, campaign: string) {
    this.#redis = redis;
    const prefix = `xenolith:fuzz:${campaign}`;
    this.#inputs = `${prefix}:inputs`;
    this.#findings = `${prefix}:findings`;
    this.#counters = `${prefix}:counters`;
    this.#clauses = `${prefix}:clauses`;
    this.#features = `${prefix}:features`;
    this.#known = `${prefix}:known`;
  }

  /** Adds an input, and what it reached first if that is known: both or neither. */
  async addInput(bytes: Uint8Array, features?: readonly number[]): Promise<void> {
    const name = inputName(bytes);
    const adding = this.#redis.multi().hset(this.#inputs, name, Buffer.from(bytes));
    if (features !== undefined) adding.zadd(this.#known, "NX", String(Date.now()), name);
    if (features !== undefined && features.length > 0) adding.sadd(this.#features, ...features);
    await adding.exec();
  }

  /** The inputs whose features are known, the oldest first, and all of these. */
  async known(): Promise<Known> {
    const inputs = await this.#redis.zrange(this.#known, "0", "-1");
    const features = (await this.#redis.smembers(this.#features)).map(Number);
    return { inputs, features };
  }

  /** Of findings with the same id all forms are kept; whoever takes them chooses the shortest. */
  async addFinding(finding: Finding): Promise<void> {
    const name = `${finding.id}:${hashOf(finding.bytes)}`;
    await this.#redis.hset(this.#findings, name, JSON.stringify(finding));
  }

  /** Brings a folder and the shared corpus together: afterwards each has what the other had. */
  async meet(store: Store): Promise<void> {
    const there = new Set(await this.#redis.hkeys(this.#inputs));
    const here = new Set(store.inputNames());
    for (const name of here) if (!there.has(name)) await this.addInput(store.input(name));
    for (const finding of store.findings()) await this.addFinding(finding);
    await this.#shareReached(loadReached(store.folder));
    await this.#take(
      store,
      [...there].filter((name) => !here.has(name)),
    );
  }

  async #shareReached({ counters, clauses }: Reached): Promise<void> {
    if (counters.length > 0) await this.#redis.sadd(this.#counters, ...counters);
    if (clauses.length > 0) await this.#redis.hset(this.#clauses, new Map(clauses));
  }

  async #take(store: Store, names: readonly string[]): Promise<void> {
    for (const name of names) {
      const bytes = await this.#redis.hgetBuffer(this.#inputs, name);
      if (bytes !== null) store.addInput(new Uint8Array(bytes));
    }
    for (const [name, text] of Object.entries(await this.#redis.hgetall(this.#findings))) {
      if (!this.#taken.has(name)) store.addFinding(JSON.parse(text) as Finding);
      this.#taken.add(name);
    }
    const counters = (await this.#redis.smembers(this.#counters)).map(Number);
    const clauses = Object.entries(await this.#redis.hgetall(this.#clauses));
    saveReached(store.folder, [{ counters, clauses }]);
  }
}
