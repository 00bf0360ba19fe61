/** Little-endian bytes into a buffer that grows. */

const INITIAL_BYTES = 1 << 16;

export class ByteWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What has been written; a view, not a copy. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  u32(...values: number[]): void {
    this.#reserve(values.length * 4);
    for (const value of values) {
      this.#view.setUint32(this.#length, value, true);
      this.#length += 4;
    }
  }

  /** One rule of an access vector table: four u16 and a u32. */
  rule(source: number, target: number, classNumber: number, kind: number, data: number): void {
    this.#reserve(12);
    const view = this.#view;
    const at = this.#length;
    view.setUint16(at, source, true);
    view.setUint16(at + 2, target, true);
    view.setUint16(at + 4, classNumber, true);
    view.setUint16(at + 6, kind, true);
    view.setUint32(at + 8, data, true);
    this.#length += 12;
  }

  u64(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigUint64(this.#length, value, true);
    this.#length += 8;
  }

  /** Latin-1 text, without a length or an end mark. */
  text(text: string): void {
    this.#reserve(text.length);
    for (let index = 0; index < text.length; index++) {
      this.#bytes[this.#length + index] = text.charCodeAt(index);
    }
    this.#length += text.length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#length + count, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
