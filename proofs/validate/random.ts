/** A small deterministic generator of random numbers (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 random bits, as an unsigned number. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  below(limit: number): number {
    return Math.floor((this.bits() / 2 ** 32) * limit);
  }

  /** True in one of `count` cases. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** A word of a width; edges come often. */
  word(width: 32 | 64): bigint {
    if (this.oneIn(2)) return edgeOf(this.pick(EDGES), width);
    const high = BigInt(this.bits());
    return BigInt.asUintN(width, (high << 32n) | BigInt(this.bits()));
  }
}

function edgeOf(edge: bigint, width: number): bigint {
  return BigInt.asUintN(width, edge);
}

/** Values near which operations change their ways, as signed numbers of 64 bits. */
export const EDGES: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 7n, 8n, 15n, 16n, 31n, 32n, 33n, 63n, 64n, 65n, -1n, -2n, -7n, -8n],
  ...[0x7fn, 0x80n, 0xffn, 0x100n, 0x7fffn, 0x8000n, 0xffffn, 0x10000n],
  ...[0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n, -0x80000000n, 0xfffffffen],
  ...[0x7fffffffffffffffn, -0x8000000000000000n, -0x7fffffffffffffffn, 0xdeadbeef12345678n],
];
