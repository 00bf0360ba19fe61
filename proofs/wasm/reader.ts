import { DecodeError } from "./module.ts";

/** Reads the primitive encodings of a binary; every failure names the byte. */
export class Reader {
  readonly bytes: Uint8Array;
  position: number;
  readonly end: number;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  fail(message: string, offset = this.position): never {
    throw new DecodeError(message, offset);
  }

  byte(): number {
    if (this.position >= this.end) this.fail("the section ends too early");
    return this.bytes[this.position++]!;
  }

  /** LEB128, at most `bits` significant bits; longer or overfull encodings are refused. */
  #leb(bits: number, signed: boolean): bigint {
    const start = this.position;
    let result = 0n;
    let shift = 0n;
    for (let count = 0; count < Math.ceil(bits / 7); count++) {
      const next = this.byte();
      result |= BigInt(next & 0x7f) << shift;
      shift += 7n;
      if (next & 0x80) continue;
      const value = signed ? BigInt.asIntN(Number(shift), result) : result;
      const kept = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
      if (kept !== value) this.fail(`the number does not fit ${bits} bits`, start);
      return value;
    }
    return this.fail(`the number is longer than ${bits} bits`, start);
  }

  /** An unsigned 32-bit number. */
  u32(): number {
    return Number(this.#leb(32, false));
  }

  /** A signed constant as its unsigned residue. */
  signed(bits: 32 | 64): bigint {
    return BigInt.asUintN(bits, this.#leb(bits, true));
  }

  text(): string {
    const length = this.u32();
    const start = this.position;
    if (start + length > this.end) this.fail("the name runs past its section");
    this.position += length;
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(
        this.bytes.subarray(start, start + length),
      );
    } catch {
      return this.fail("the name is not UTF-8", start);
    }
  }

  /** A vector: a count, then so many items. */
  vector<Item>(item: (at: number) => Item): Item[] {
    const count = this.u32();
    if (count > this.end - this.position) this.fail(`a vector of ${count} items cannot fit`);
    return Array.from({ length: count }, (_, at) => item(at));
  }

  /** A reader of the next `length` bytes, which this one skips. */
  part(length: number): Reader {
    const start = this.position;
    if (start + length > this.end) this.fail(`${length} bytes run past the end`);
    this.position += length;
    return new Reader(this.bytes, start, start + length);
  }
}
