// What an input reached: each edge counter, with how often in steps of powers of two.

import { COUNTERS_MAX, place, variable } from "../instrument/places.ts";
import type { FuzzMachine } from "../world/machine.ts";

const BUCKETS = 8;

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
    let fresh = false;
    for (let at = place.touched >> 2; at < end; at++) {
      const counter = words[at]!;
      const feature = counter * BUCKETS + bucketOf(words[(place.counters >> 2) + counter]!);
      if (this.#seen[feature] !== 0) continue;
      this.#seen[feature] = 1;
      fresh = true;
      if (this.#counters[counter] === 0) this.edges++;
      this.#counters[counter] = 1;
    }
    return fresh;
  }

  /** All counters that were ever hit. */
  counters(): number[] {
    return [...this.#counters.keys()].filter((counter) => this.#counters[counter] !== 0);
  }
}
