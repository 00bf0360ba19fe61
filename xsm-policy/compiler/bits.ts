/** A growable set of small numbers. */
export class BitSet {
  words: Uint32Array;

  constructor(size = 32) {
    this.words = new Uint32Array(Math.max(1, (size + 31) >>> 5));
  }

  static of(members: Iterable<number>, size = 32): BitSet {
    const set = new BitSet(size);
    for (const member of members) set.add(member);
    return set;
  }

  /** All numbers below `size`. */
  static full(size: number): BitSet {
    const set = new BitSet(size);
    set.words.fill(0xffff_ffff, 0, size >>> 5);
    if ((size & 31) !== 0) set.words[size >>> 5] = (1 << (size & 31)) - 1;
    return set;
  }

  has(member: number): boolean {
    const word = member >>> 5;
    return word < this.words.length && ((this.words[word] >>> (member & 31)) & 1) === 1;
  }

  add(member: number): void {
    const word = member >>> 5;
    if (word >= this.words.length) this.#grow(word + 1);
    this.words[word] |= 1 << (member & 31);
  }

  delete(member: number): void {
    const word = member >>> 5;
    if (word < this.words.length) this.words[word] &= ~(1 << (member & 31));
  }

  /** Adds all members of another set. */
  addAll(other: BitSet): void {
    if (other.words.length > this.words.length) this.#grow(other.words.length);
    for (let word = 0; word < other.words.length; word++) this.words[word] |= other.words[word];
  }

  /** Takes all members of another set away. */
  deleteAll(other: BitSet): void {
    const count = Math.min(this.words.length, other.words.length);
    for (let word = 0; word < count; word++) this.words[word] &= ~other.words[word];
  }

  /** Whether the two sets have a member in common. */
  intersects(other: BitSet): boolean {
    const count = Math.min(this.words.length, other.words.length);
    for (let word = 0; word < count; word++) {
      if ((this.words[word] & other.words[word]) !== 0) return true;
    }
    return false;
  }

  /** Whether every member of `other` is a member. */
  contains(other: BitSet): boolean {
    for (let word = 0; word < other.words.length; word++) {
      const mine = word < this.words.length ? this.words[word] : 0;
      if ((other.words[word] & ~mine) !== 0) return false;
    }
    return true;
  }

  equals(other: BitSet): boolean {
    return this.contains(other) && other.contains(this);
  }

  /** How many members there are. */
  get size(): number {
    let count = 0;
    for (const word of this.words) count += popcount(word);
    return count;
  }

  /** Members in ascending order. */
  toArray(): number[] {
    const members: number[] = [];
    for (let index = 0; index < this.words.length; index++) {
      let word = this.words[index];
      while (word !== 0) {
        const bit = 31 - Math.clz32(word & -word);
        members.push(index * 32 + bit);
        word &= word - 1;
      }
    }
    return members;
  }

  clone(): BitSet {
    const copy = new BitSet();
    copy.words = this.words.slice();
    return copy;
  }

  #grow(count: number): void {
    const words = new Uint32Array(Math.max(count, this.words.length * 2));
    words.set(this.words);
    this.words = words;
  }
}

/** How many bits of a 32-bit word are set. */
export function popcount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
