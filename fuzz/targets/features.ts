// What an input reached: each edge counter, with how often in steps of powers of two.

import { COUNTERS_MAX, place, variable } from "../instrument/places.ts";
import type { FuzzMachine } from "../world/machine.ts";

const BUCKETS = 8;
/** By how many bits the operands of a comparison differ: 0, 1, 2 or 3, 4 to 7, and so on. */
const DISTANCES = 8;

/** 0 for once, then 2, 3, up to 7, 15, 31, 127, more. */
function bucketOf(count: number): number {
  if (count < 4) return count - 1;
  if (count < 8) return 3;
  if (count < 16) return 4;
  if (count < 32) return 5;
  return count < 128 ? 6 : 7;
}

export class Features {
  readonly #machine: FuzzMachine;
  readonly #seen = new Uint8Array(COUNTERS_MAX * BUCKETS);
  readonly #counters = new Uint8Array(COUNTERS_MAX);
  edges = 0;
  /** What the last run was the first to reach. */
  fresh: readonly number[] = [];

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
  }

  /** The features of the run whose counters stand in the machine. */
  current(): number[] {
    const { words } = this.#machine;
    const end = words[variable.touchedEnd >> 2]! >> 2;
    const found: number[] = [];
    for (let at = place.touched >> 2; at < end; at++) {
      const counter = words[at]!;
      found.push(counter * BUCKETS + bucketOf(words[(place.counters >> 2) + counter]!));
    }
    return found;
  }

  /** Takes the current run's features in; true: there was a new one. */
  take(): boolean {
    const { words } = this.#machine;
    const end = words[variable.touchedEnd >> 2]! >> 2;
    const fresh: number[] = [];
    for (let at = place.touched >> 2; at < end; at++) {
      const counter = words[at]!;
      const feature = counter * BUCKETS + bucketOf(words[(place.counters >> 2) + counter]!);
      if (this.#add(feature)) fresh.push(feature);
    }
    this.fresh = fresh;
    return fresh.length > 0;
  }

  /** Takes in what others reached. */
  learn(features: readonly number[]): void {
    for (const feature of features) this.#add(feature);
  }

  /** true: it is a new one. */
  #add(feature: number): boolean {
    if (this.#seen[feature] !== 0) return false;
    this.#seen[feature] = 1;
    const counter = Math.floor(feature / BUCKETS);
    if (this.#counters[counter] === 0) this.edges++;
    this.#counters[counter] = 1;
    return true;
  }

  /** How many bytes `count` writes to. */
  marks(): number {
    return this.#machine.copy.counters * (1 + DISTANCES);
  }

  /** How often each counter was hit in the current run, up to 255; behind them, by comparison and
   *  distance of its operands, a 1. */
  count(into: Uint8Array): void {
    const { words, bytes, copy } = this.#machine;
    const end = words[variable.touchedEnd >> 2]! >> 2;
    for (let at = place.touched >> 2; at < end; at++) {
      const counter = words[at]!;
      into[counter] = Math.min(words[(place.counters >> 2) + counter]!, 255);
    }
    const last = words[variable.comparedEnd >> 2]! >> 2;
    for (let at = place.comparisons >> 2; at < last; at++) {
      const comparison = words[at]!;
      const first = copy.counters + comparison * DISTANCES;
      for (let mask = bytes[place.compared + comparison]!; mask !== 0; mask &= mask - 1) {
        into[first + 31 - Math.clz32(mask & -mask)] = 1;
      }
    }
  }

  /** All counters that were ever hit. */
  counters(): number[] {
    return [...this.#counters.keys()].filter((counter) => this.#counters[counter] !== 0);
  }
}
