/**
 * A hash table from (source key, target key, class, variant) to one 32-bit value, in flat columns.
 * Entries keep their order of insertion, which is what makes every output deterministic.
 */

import { CLASS_LIMIT_COUNT, KEY_LIMIT_COUNT } from "./limits.ts";

/** First number of entries that fit; a power of two. */
const INITIAL_ENTRIES = 1 << 6;

/** Slots for each entry, so that probes stay short. */
const SLOTS_PER_ENTRY = 2;

export class EntryTable {
  count = 0;
  /** source key * 65536 + target key, unsigned. */
  pairs: Uint32Array;
  /** variant * 4096 + class. */
  details: Uint32Array;
  values: Uint32Array;
  /** Entry number plus one; zero where free. */
  #slots: Int32Array;

  /** @param expected how many entries there may be; more are taken as well */
  constructor(expected = 0) {
    let size = INITIAL_ENTRIES;
    while (size < expected) size *= 2;
    this.pairs = new Uint32Array(size);
    this.details = new Uint32Array(size);
    this.values = new Uint32Array(size);
    this.#slots = new Int32Array(size * SLOTS_PER_ENTRY);
  }

  /** Number of the entry, or -1. */
  find(source: number, target: number, classIndex: number, variant: number): number {
    const detail = variant * CLASS_LIMIT_COUNT + classIndex;
    return this.#slots[this.#probe(pairOf(source, target), detail)] - 1;
  }

  /** Number of the entry, made with value zero if it is new. */
  enter(source: number, target: number, classIndex: number, variant: number): number {
    const pair = pairOf(source, target);
    const detail = variant * CLASS_LIMIT_COUNT + classIndex;
    let slot = this.#probe(pair, detail);
    if (this.#slots[slot] !== 0) return this.#slots[slot] - 1;
    if (this.count === this.pairs.length) {
      this.#grow();
      slot = this.#probe(pair, detail);
    }
    const entry = this.count++;
    this.pairs[entry] = pair;
    this.details[entry] = detail;
    this.#slots[slot] = entry + 1;
    return entry;
  }

  /** Adds bits to the value of an entry. */
  add(source: number, target: number, classIndex: number, variant: number, bits: number): void {
    // Entering may move the columns, so that the value's place is looked up after it.
    const entry = this.enter(source, target, classIndex, variant);
    this.values[entry] |= bits;
  }

  source(entry: number): number {
    return this.pairs[entry] >>> 16;
  }

  target(entry: number): number {
    return this.pairs[entry] & 0xffff;
  }

  class(entry: number): number {
    return this.details[entry] % CLASS_LIMIT_COUNT;
  }

  variant(entry: number): number {
    return Math.floor(this.details[entry] / CLASS_LIMIT_COUNT);
  }

  /** The slot of an entry, or the free slot where it would stand. */
  #probe(pair: number, detail: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = mix(pair, detail) & mask;
    for (;;) {
      const entry = slots[slot] - 1;
      if (entry === -1) return slot;
      if (this.pairs[entry] === pair && this.details[entry] === detail) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const size = this.pairs.length * 2;
    this.pairs = grown(this.pairs, size);
    this.details = grown(this.details, size);
    this.values = grown(this.values, size);
    this.#slots = new Int32Array(size * SLOTS_PER_ENTRY);
    for (let entry = 0; entry < this.count; entry++) {
      this.#slots[this.#probe(this.pairs[entry], this.details[entry])] = entry + 1;
    }
  }
}

function grown(column: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(size);
  larger.set(column);
  return larger;
}

function pairOf(source: number, target: number): number {
  return source * (KEY_LIMIT_COUNT + 1) + target;
}

function mix(pair: number, detail: number): number {
  let hash = Math.imul(pair, 0x9e3779b1) ^ Math.imul(detail, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
