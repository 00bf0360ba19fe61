/**
 * Name sets in flat columns. A large policy has half a million of them, nearly all of one name:
 * as objects they would cost more to make than all the rest of parsing.
 */

import type { NameSet } from "./ast-parts.ts";

/** Bits of the packed column. */
const STAR = 1;
const COMPLEMENT = 2;
const FLAG_BITS = 2;

const INITIAL_SETS = 1 << 10;

export class SetColumns {
  count = 0;
  #starts: Int32Array;
  #ends: Int32Array;
  #firsts: Int32Array;
  /** Number of members, then the two flags. */
  #packed: Int32Array;

  /** @param expected how many sets there may be; more are taken as well */
  constructor(expected = INITIAL_SETS) {
    this.#starts = new Int32Array(expected);
    this.#ends = new Int32Array(expected);
    this.#firsts = new Int32Array(expected);
    this.#packed = new Int32Array(expected);
  }

  /** Adds a set and gives its number. */
  add(
    start: number,
    end: number,
    first: number,
    members: number,
    star: boolean,
    complement: boolean,
  ): number {
    const set = this.count++;
    if (set === this.#starts.length) this.#grow();
    this.#starts[set] = start;
    this.#ends[set] = end;
    this.#firsts[set] = first;
    this.#packed[set] = (members << FLAG_BITS) | (star ? STAR : 0) | (complement ? COMPLEMENT : 0);
    return set;
  }

  /** The set as an object. */
  at(set: number): NameSet {
    const packed = this.#packed[set];
    return {
      start: this.#starts[set],
      end: this.#ends[set],
      first: this.#firsts[set],
      count: packed >>> FLAG_BITS,
      star: (packed & STAR) !== 0,
      complement: (packed & COMPLEMENT) !== 0,
    };
  }

  /** The place of the only member of a set without `*` and `~`; -1 for other sets. */
  soleMember(set: number): number {
    return this.#packed[set] === 1 << FLAG_BITS ? this.#firsts[set] : -1;
  }

  #grow(): void {
    this.#starts = grown(this.#starts);
    this.#ends = grown(this.#ends);
    this.#firsts = grown(this.#firsts);
    this.#packed = grown(this.#packed);
  }
}

/** A column of twice the length. */
export function grown(column: Int32Array): Int32Array {
  const larger = new Int32Array(Math.max(INITIAL_SETS, column.length * 2));
  larger.set(column);
  return larger;
}
