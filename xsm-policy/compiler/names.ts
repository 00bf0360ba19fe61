/** Interned identifiers: each distinct name has one small number. */

/** First size of the hash index; a power of two. */
const INITIAL_SLOTS = 1 << 12;

/** First size of the pool of name bytes. */
const INITIAL_POOL_BYTES = 1 << 16;

/** Stands for any character outside ASCII, none of which is part of a name. */
export const OUTSIDE_ASCII = 0xff;

/** Names in order of first appearance; the number of a name never changes. */
export class NameTable {
  readonly #texts: string[] = [];
  #hashes = new Int32Array(INITIAL_SLOTS);
  /** Where each name begins in the pool, and where the last one ends. */
  #offsets = new Int32Array(INITIAL_SLOTS + 1);
  #pool = new Uint8Array(INITIAL_POOL_BYTES);
  #slots = new Int32Array(INITIAL_SLOTS).fill(-1);

  /** How many names there are. */
  get count(): number {
    return this.#texts.length;
  }

  /** The text of name number `id`. */
  text(id: number): string {
    return this.#texts[id];
  }

  /** The number of a name, giving it one if it is new. */
  intern(text: string): number {
    const bytes = asciiBytes(text);
    return this.internBytes(bytes, 0, bytes.length, hashOf(bytes), text);
  }

  /** The number of a name, or -1 if it was never seen. */
  find(text: string): number {
    const bytes = asciiBytes(text);
    return this.#slots[this.#probe(bytes, 0, bytes.length, hashOf(bytes))];
  }

  /**
   * The number of the name whose bytes are [start, end). The lexer has computed the hash on the
   * way, so that a repeated name costs no allocation. `text`, if given, is the text that the bytes
   * came from.
   */
  internBytes(bytes: Uint8Array, start: number, end: number, hash: number, text: string): number {
    const slot = this.#probe(bytes, start, end, hash);
    const known = this.#slots[slot];
    return known === -1 ? this.#add(bytes, start, end, hash, text.slice(start, end)) : known;
  }

  /** The slot of a name, or the free slot where it would stand. */
  #probe(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const id = this.#slots[slot];
      if (id === -1 || (this.#hashes[id] === hash && this.#same(id, bytes, start, end))) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  #same(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const pool = this.#pool;
    let at = this.#offsets[id];
    if (this.#offsets[id + 1] - at !== end - start) return false;
    for (let from = start; from < end; from++) {
      if (pool[at++] !== bytes[from]) return false;
    }
    return true;
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number, text: string): number {
    const id = this.#texts.length;
    if ((id + 1) * 2 > this.#slots.length) this.#growIndex();
    const from = this.#offsets[id];
    const length = end - start;
    if (from + length > this.#pool.length) this.#growPool(from + length);
    this.#pool.set(bytes.subarray(start, end), from);
    this.#offsets[id + 1] = from + length;
    this.#texts.push(text);
    this.#hashes[id] = hash;
    this.#place(id);
    return id;
  }

  #place(id: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[id] & mask;
    while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
    this.#slots[slot] = id;
  }

  #growIndex(): void {
    const size = this.#slots.length * 2;
    const hashes = new Int32Array(size);
    const offsets = new Int32Array(size + 1);
    hashes.set(this.#hashes);
    offsets.set(this.#offsets);
    this.#hashes = hashes;
    this.#offsets = offsets;
    this.#slots = new Int32Array(size).fill(-1);
    for (let id = 0; id < this.#texts.length; id++) this.#place(id);
  }

  #growPool(least: number): void {
    const pool = new Uint8Array(Math.max(least, this.#pool.length * 2));
    pool.set(this.#pool);
    this.#pool = pool;
  }
}

/** One step of the names' hash (FNV-1a). */
export function hashStep(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/** Where the names' hash starts. */
export const HASH_START = 0x811c9dc5 | 0;

function hashOf(bytes: Uint8Array): number {
  let hash = HASH_START;
  for (const byte of bytes) hash = hashStep(hash, byte);
  return hash;
}

/** A text as one byte for each UTF-16 unit; what is not ASCII becomes `OUTSIDE_ASCII`. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text, "latin1");
  if (Buffer.byteLength(text, "utf8") === text.length) return bytes;
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 127) bytes[at] = OUTSIDE_ASCII;
  }
  return bytes;
}
