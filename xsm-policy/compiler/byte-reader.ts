/** Little-endian bytes out of a buffer, each read checked against its end. */

/** A malformed binary: what is wrong, and at which byte. */
export class BinaryError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** Fails at the current place. */
  fail(message: string): never {
    throw new BinaryError(message, this.#at);
  }

  #take(count: number): number {
    if (count > this.remaining) this.fail(`the file ends where ${count} more bytes should follow`);
    const at = this.#at;
    this.#at += count;
    return at;
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /**
   * A count of items of at least `size` bytes each; refused when the file is too short for them,
   * so that no count makes the reader allocate more than the file is long.
   */
  count(size: number, what: string): number {
    const count = this.u32();
    if (count * size > this.remaining) this.fail(`${count} ${what} do not fit into the file`);
    return count;
  }

  /** Text of a given length; only printable characters. */
  text(length: number, what: string): string {
    if (length === 0 || length > this.remaining) this.fail(`${what} of ${length} bytes`);
    const at = this.#take(length);
    const text = String.fromCharCode(...this.#bytes.subarray(at, at + Math.min(length, 4096)));
    if (length > 4096 || /[^\x21-\x7e]/.test(text)) this.fail(`${what} is no name`);
    return text;
  }
}
