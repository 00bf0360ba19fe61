// Records of a session as the fuzzing guest reads them (guest/guest.c), and its answers.

/** A range of guest-physical memory that is looked at: pages, and whether they hold shared_info,
 *  whose clocks nobody can foretell. */
export interface Range {
  readonly address: number;
  readonly pages: number;
  readonly tellsTime: boolean;
}

export interface Record {
  readonly kind: "stores" | "call" | "finish";
  /** Who carries it out: an index of `actors`. */
  readonly actor: number;
  readonly isLong: boolean;
  /** Words that the guest stores before its call. */
  readonly stores: readonly (readonly [address: number, value: number])[];
  /** What is looked at after it. */
  readonly ranges: readonly Range[];
  /** Number and three arguments. */
  readonly registers: readonly bigint[];
}

export interface Answer {
  readonly result: bigint;
  /** Of what was looked at. */
  readonly hash: number;
}

const KINDS = { stores: 0, call: 1, finish: 2 } as const;
const HEADER_BYTES = 8;
export const ANSWER_BYTES = 16;
const PAGE_WORDS = 1024;

function bytesOf({ kind, stores, ranges }: Record): number {
  return HEADER_BYTES + stores.length * 8 + ranges.length * 8 + (kind === "call" ? 32 : 0);
}

/** The bytes of a session's records: each says who is next. */
export function encodeRecords(records: readonly Record[]): Uint8Array {
  const bytes = new Uint8Array(records.reduce((sum, record) => sum + bytesOf(record), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const word = (value: number): void => {
    view.setUint32(at, value >>> 0, true);
    at += 4;
  };
  for (const [index, record] of records.entries()) {
    const next = records[index + 1]?.actor ?? record.actor;
    const { kind, isLong, ranges, stores, registers } = record;
    word(KINDS[kind] | (next << 8) | (Number(isLong) << 16) | (ranges.length << 24));
    word(stores.length);
    for (const [address, value] of stores) {
      word(address);
      word(value);
    }
    for (const { address, pages, tellsTime } of ranges) {
      word(address | Number(tellsTime));
      word(pages);
    }
    if (kind !== "call") continue;
    for (const value of registers) {
      view.setBigUint64(at, BigInt.asUintN(64, value), true);
      at += 8;
    }
  }
  return bytes;
}

/** The answer of that number, if the guest has said it. */
export function answerAt(said: Uint8Array, index: number): Answer | undefined {
  const at = index * ANSWER_BYTES;
  if (at + ANSWER_BYTES > said.length) return undefined;
  const view = new DataView(said.buffer, said.byteOffset + at);
  return { result: view.getBigUint64(0, true), hash: view.getUint32(8, true) };
}

/** Words of shared_info that tell the time: of each vcpu_info its second half, and the wall
 *  clock. */
const tellsTime = (word: number): boolean =>
  word < 512 ? (word & 15) >= 8 : word >= 768 && word < 772;

/** The hash of a page goes on from another one's. */
export function hashPage(hash: number, words: Int32Array, isShared: boolean): number {
  let value = hash;
  for (let index = 0; index < PAGE_WORDS; index++) {
    value ^= isShared && tellsTime(index) ? 0 : words[index]!;
    value = Math.imul((value << 5) | (value >>> 27), 0x9e3779b1);
  }
  return value;
}
