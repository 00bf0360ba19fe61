// A reader of the WebAssembly binary format, as much of it as the core may use. It shares no code
// with the compiler that wrote the file nor with the prover that reads it.

/** The file is not what the format says. Offsets are bytes from its start. */
export class MalformedBinary extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const text = new TextDecoder("utf-8", { fatal: true });

/** A cursor over bytes `at` to `end` of a file. */
export class Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.done) throw new MalformedBinary(this.at, "the file or section ends too early");
    return this.bytes[this.at++]!;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    const start = this.at;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffffffff) break;
        return value;
      }
    }
    throw new MalformedBinary(start, "a number is longer than 32 bits");
  }

  /** A signed LEB128 number of at most 64 bits. */
  signed(): bigint {
    const start = this.at;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(Number(shift + 7n), value);
    }
    throw new MalformedBinary(start, "a number is longer than 64 bits");
  }

  skip(count: number): void {
    if (this.at + count > this.end) {
      throw new MalformedBinary(this.at, "the file or section ends too early");
    }
    this.at += count;
  }

  /** A cursor over the next `count` bytes, which this one skips. */
  part(count: number): Cursor {
    const start = this.at;
    this.skip(count);
    return new Cursor(this.bytes, start, this.at);
  }

  name(): string {
    const start = this.at;
    const part = this.part(this.u32());
    try {
      return text.decode(part.bytes.subarray(part.at, part.end));
    } catch {
      throw new MalformedBinary(start, "a name is not UTF-8");
    }
  }

  /** A vector: its length, then that many of `item`. */
  list<T>(item: (index: number) => T): T[] {
    const count = this.u32();
    const values: T[] = [];
    for (let index = 0; index < count; index++) values.push(item(index));
    return values;
  }
}

const VALUE_TYPES = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [0x70, "funcref"],
  [0x6f, "externref"],
]);

/** Name of a value type's code. */
export const typeName = (code: number): string =>
  VALUE_TYPES.get(code) ?? `type 0x${code.toString(16)}`;

export const valueType = (cursor: Cursor): string => typeName(cursor.byte());
