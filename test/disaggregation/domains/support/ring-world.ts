// A service that has a ring with every domain (xenstore, console), and domains that write what they
// like into theirs, while they are looked at as well.

import type { WasmModule } from "../../../../tcb/machine/sim/engine.ts";
import { PageWorld } from "./page-world.ts";
import { freshPage, ScriptedDomain } from "./scripted-domain.ts";

/** More turns than anything in these tests takes. */
const TURNS_LIMIT = 5_000;

/** Index values that no working domain has, and the border of what it may have. */
export const wildIndices = [
  1, 1023, 1024, 1025, 2048, 2049, 0x7fffffff, 0x80000000, 0xfffffbff, 0xffffffff,
];

/** The same numbers every time. */
export function randomNumbers(seed: number): () => number {
  let value = seed;
  return () => {
    value = (Math.imul(value, 1664525) + 1013904223) >>> 0;
    return value;
  };
}

/** Where a ring's page has its indices: the first, and those of what the domain says. */
export interface Scramble {
  readonly indices: number;
  readonly produced: number;
  readonly consumed: number;
}

/** One domain's end of a ring. */
export class RingEnd {
  readonly domain: ScriptedDomain;
  readonly page = freshPage();
  readonly #view = new DataView(this.page.buffer);
  readonly #port: number;
  readonly #world: RingWorld;

  constructor(world: RingWorld, id: number, reference: number) {
    this.#world = world;
    this.domain = new ScriptedDomain(id);
    this.domain.grants.set(reference, { page: this.page, readOnly: false, mapped: 0 });
    this.#port = this.domain.offerPort();
  }

  get(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  set(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  /** Puts bytes into the ring of `size` bytes at `ring`, whose index lies at `produced`. */
  put(ring: number, size: number, produced: number, bytes: Uint8Array): void {
    const start = this.get(produced);
    for (const [at, byte] of bytes.entries()) this.page[ring + ((start + at) % size)] = byte;
    this.set(produced, start + bytes.length);
    this.notify();
  }

  /** Takes what the ring holds between two indices. */
  take(ring: number, size: number, consumed: number, produced: number): Buffer {
    const [start, end] = [this.get(consumed), this.get(produced)];
    const bytes = Array.from({ length: end - start }, (_, at) => {
      return this.page[ring + ((start + at) % size)]!;
    });
    this.set(consumed, end);
    this.notify();
    return Buffer.from(bytes);
  }

  /** Writes at random whenever the service looks at the ring, while `rounds` times something is
   *  said to wait in it. */
  scramble(seed: number, rounds: number, places: Scramble): void {
    const next = randomNumbers(seed);
    this.#world.pages.onRead = (page) => {
      if (page !== this.page) return;
      for (let count = 0; count < 4; count++) {
        const place = next() % 2 === 0 ? places.indices + (next() % 8) * 4 : (next() % 512) * 4;
        this.set(place, next() % 2 === 0 ? next() : next() % 24);
      }
    };
    for (let round = 0; round < rounds; round++) {
      this.set(places.produced, this.get(places.consumed) + (next() % 3000));
      this.notify();
    }
    this.#world.pages.onRead = () => {};
  }

  notify(): void {
    this.#world.pages.hypercalls.notify(this.domain, this.#port);
    this.#world.settle();
  }
}

export class RingWorld {
  readonly pages: PageWorld;
  /** Most work of one turn so far. */
  mostWork = 0;

  constructor(wasm: WasmModule, config: string, ids: readonly number[], reference: number) {
    this.pages = new PageWorld(wasm, { config });
    this.#ends = new Map(ids.map((id) => [id, new RingEnd(this, id, reference)]));
    for (const [id, { domain }] of this.#ends) this.pages.domains.set(id, domain);
    this.pages.start();
    this.settle();
  }

  readonly #ends: ReadonlyMap<number, RingEnd>;

  end(id: number): RingEnd {
    return this.#ends.get(id)!;
  }

  /** Turns until the service wants nothing but an event. */
  settle(): void {
    for (let count = 0; count < TURNS_LIMIT; count++) {
      const before = this.pages.work;
      const deadline = this.pages.turn();
      this.mostWork = Math.max(this.mostWork, this.pages.work - before);
      if (deadline !== 0n && this.pages.pending.length === 0) return;
    }
    throw new Error("the service does not come to rest");
  }
}
