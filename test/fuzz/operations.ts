// Operations on two words, and numbers to try them with: for tests of what interprets them.

import fc from "fast-check";
import type { Bool, Word } from "../../spec/lang/word.ts";

const EDGES = [0n, 1n, 31n, 32n, 63n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 1n << 32n, 1n << 63n];
export const number = fc.oneof(
  fc.constantFrom(...EDGES, (1n << 64n) - 1n),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);

type Binary = (left: Word, right: Word) => Word | Bool;
export const operations: Readonly<Record<string, Binary>> = {
  eq: (a, b) => a.eq(b),
  ne: (a, b) => a.ne(b),
  lt: (a, b) => a.lt(b),
  le: (a, b) => a.le(b),
  gt: (a, b) => a.gt(b),
  ge: (a, b) => a.ge(b),
  add: (a, b) => a.add(b),
  sub: (a, b) => a.sub(b),
  mul: (a, b) => a.mul(b),
  and: (a, b) => a.and(b),
  or: (a, b) => a.or(b),
  xor: (a, b) => a.xor(b),
  shl: (a, b) => a.shl(b),
  shr: (a, b) => a.shr(b),
  bit: (a, b) => a.bit(b),
  has: (a, b) => a.has(b),
  without: (a, b) => a.without(b),
  min: (a, b) => a.min(b),
  isAmong: (a, b) => a.isAmong(b, 1, 0xffffffff),
  lowestBit: (a) => a.lowestBit(),
  leadingZeros: (a) => a.leadingZeros(),
  wide: (a) => a.wide(),
  low: (a) => a.low(),
  literal: (a) => a.add(-1).and(0xffffffffn),
  choose: (a, b) => a.lt(b).choose(a, 7),
  bool: (a, b) => a.eq(b).or(a.lt(b).not()).and(b.ne(0)).implies(a.gt(1)),
  same: (a, b) => a.lt(b).same(b.gt(a)),
};
