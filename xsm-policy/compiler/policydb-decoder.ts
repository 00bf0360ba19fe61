/** What all parts of the binary reader share: numbers, sets, levels, contexts, numberings. */

import { BitSet } from "./bits.ts";
import { ByteReader } from "./byte-reader.ts";
import { emptyPolicy } from "./empty-policy.ts";
import { EMPTY_RANGE, emptyLevel } from "./mls.ts";
import type { Context, KeySet, Level, Policy, Range } from "./policy.ts";
import type { PolicydbVersion } from "./policydb-format.ts";

export class PolicydbDecoder {
  readonly bytes: ByteReader;
  policy: Policy = emptyPolicy(false);
  version: PolicydbVersion = 30;
  /** Key (type or attribute) of a type value minus one. */
  keys = new Int32Array(0);
  /** Role index of a role value minus one; -1 for what is not there. */
  roleKeys = new Int32Array(0);

  readonly #sets: KeySet[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = new ByteReader(bytes);
  }

  /** The set of one key, made only once: every rule has two. */
  setOf(key: number): KeySet {
    this.#sets[key] ??= { keys: [key] };
    return this.#sets[key];
  }

  bitmap(): BitSet {
    return readBitmap(this.bytes);
  }

  /** The two counts before each symbol table: values, entries. */
  tableHead(size: number, what: string): { values: number; entries: number } {
    const values = this.bytes.u32();
    const entries = this.bytes.count(size, what);
    if (values > entries) this.bytes.fail(`${values} values for ${entries} ${what}`);
    return { values, entries };
  }

  /** A number from 1 to `values`. */
  value(values: number, what: string): number {
    const value = this.bytes.u32();
    if (value === 0 || value > values) this.bytes.fail(`${what} number ${value} of ${values}`);
    return value;
  }

  /** A number that names a member of a list, as an index. */
  index(all: readonly unknown[], what: string): number {
    return this.value(all.length, what) - 1;
  }

  /** The type of a value. */
  typeOf(value: number): number {
    const key = this.keys[value - 1] ?? -1;
    if (key === -1 || key >= this.policy.types.length) this.bytes.fail(`type number ${value}`);
    return key;
  }

  /** Values minus one to type indexes. */
  typeSet(values: BitSet): BitSet {
    return BitSet.of(values.toArray().map((value) => this.typeOf(value + 1)));
  }

  /** The role of a value. */
  roleOf(value: number): number {
    const index = this.roleKeys[value - 1] ?? -1;
    return index === -1 ? this.bytes.fail(`role number ${value}`) : index;
  }

  /** Values minus one to role indexes; role attributes, which are no longer there, fall out. */
  roleSet(values: BitSet): BitSet {
    const indexes = values.toArray().map((value) => this.roleKeys[value] ?? -1);
    return BitSet.of(indexes.filter((index) => index !== -1));
  }

  level(): Level {
    const sensitivity = this.bytes.u32() - 1;
    const categories = this.bitmap();
    return this.policy.mls ? { sensitivity, categories } : emptyLevel();
  }

  range(): Range {
    const count = this.bytes.u32();
    if (count !== 1 && count !== 2) this.bytes.fail(`a range of ${count} levels`);
    const low = this.bytes.u32() - 1;
    const high = count === 2 ? this.bytes.u32() - 1 : low;
    const lowCategories = this.bitmap();
    const highCategories = count === 2 ? this.bitmap() : lowCategories;
    if (!this.policy.mls) return EMPTY_RANGE;
    return {
      low: { sensitivity: low, categories: lowCategories },
      high: { sensitivity: high, categories: highCategories },
    };
  }

  /** Fails unless a range names sensitivities and categories that exist. */
  checkRange({ low, high }: Range): Range {
    if (this.policy.mls) {
      this.checkLevel(low);
      this.checkLevel(high);
    }
    return { low, high };
  }

  /** Fails unless a level names a sensitivity and categories that exist. */
  checkLevel({ sensitivity, categories }: Level): void {
    if (!this.policy.mls) return;
    const last = categories.toArray().at(-1) ?? -1;
    const known = this.policy.sensitivities[sensitivity] !== undefined;
    if (!known || last >= this.policy.categories.length) this.bytes.fail("an unknown level");
  }

  context(): Context {
    const user = this.index(this.policy.users, "user");
    const role = this.roleOf(this.bytes.u32());
    const type = this.typeOf(this.bytes.u32());
    return { user, role, type, range: this.checkRange(this.range()) };
  }
}

/** Every value from 1 on must have come, each with a name. */
export function checkDense(
  bytes: ByteReader,
  list: readonly unknown[],
  count: number,
  what: string,
): void {
  if (list.length > count) bytes.fail(`a ${what} beyond number ${count}`);
  for (let index = 0; index < count; index++) {
    if (list[index] === undefined) bytes.fail(`${what} number ${index + 1} is missing`);
  }
}

/** A set as libsepol writes it. */
export function readBitmap(bytes: ByteReader): BitSet {
  const unit = bytes.u32();
  if (unit !== 64) bytes.fail(`a bitmap of ${unit}-bit units`);
  const high = bytes.u32();
  const set = new BitSet(0);
  let last = -1;
  for (let left = bytes.count(12, "bitmap nodes"); left > 0; left--) {
    const start = bytes.u32();
    if (start % 64 !== 0 || start <= last || start >= high || start > 0xffff) {
      bytes.fail(`a bitmap node at ${start}`);
    }
    last = start;
    for (const base of [start, start + 32]) addWord(set, base, bytes.u32());
  }
  return set;
}

function addWord(set: BitSet, base: number, word: number): void {
  for (let bit = 0; bit < 32; bit++) if (((word >>> bit) & 1) === 1) set.add(base + bit);
}
