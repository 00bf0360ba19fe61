import { expect, test } from "vitest";
import * as term from "../../../proofs/term/index.ts";

const x = term.variable("x", 32);
const y = term.variable("y", 32);
const word = (value: number) => term.constant(32, value);

test("structure is identity, also across operand order", () => {
  expect(term.add(x, y)).toBe(term.add(y, x));
  expect(term.add(term.add(x, word(3)), word(4))).toBe(term.add(x, word(7)));
  expect(term.bitAnd(term.shiftRight(x, word(4)), word(15))).toBe(
    term.zeroExtend(term.extract(x, 7, 4), 32),
  );
});

test("negating all bits twice changes nothing", () => {
  expect(term.bitNot(term.bitNot(x))).toBe(x);
  expect(term.bitNot(term.constant(8, 0x0f))).toBe(term.constant(8, 0xf0));
});

test("words made of comparisons turn back into booleans", () => {
  const below = term.ult(x, y);
  expect(term.isNonZero(term.wordOf(below, 32))).toBe(below);
  const both = term.bitAnd(term.wordOf(below, 32), term.wordOf(term.equal(x, y), 32));
  expect(term.isNonZero(both)).toBe(term.and(below, term.equal(x, y)));
  expect(term.equal(term.bitAnd(x, word(8)), word(0))).toBe(
    term.not(term.equal(term.extract(x, 3, 3), term.constant(1, 1))),
  );
});

test("row * 64 + slot is the same index however it is written", () => {
  const row = term.zeroExtend(term.extract(x, 7, 0), 32);
  const slot = term.zeroExtend(term.extract(y, 5, 0), 32);
  const summed = term.add(term.mul(row, word(64)), slot);
  const joined = term.bitOr(term.shiftLeft(row, word(6)), slot);
  expect(summed).toBe(joined);
  expect(summed).toBe(
    term.zeroExtend(term.concat(term.extract(x, 7, 0), term.extract(y, 5, 0)), 32),
  );
});

test("an address divides by the element size into a bare index", () => {
  const address = term.add(term.shiftLeft(term.add(x, word(2)), word(3)), word(0x1000));
  const form = term.shiftForm(term.linearForm(address), -0x1000n);
  const index = term.divideForm(form, 8n)!;
  expect(index.width).toBe(29);
  expect(term.termOf(index)).toBe(term.add(term.truncate(x, 29), term.constant(29, 2)));
  expect(term.divideForm(form, 16n)).toBeUndefined();
  const before = term.shiftForm(term.linearForm(term.mul(x, word(12))), -12n);
  expect(term.termOf(term.divideForm(before, 12n)!)).toBe(
    term.add(term.truncate(x, 30), term.constant(30, -1)),
  );
});

test("a choice of one value under two conditions is one choice", () => {
  const [c, d] = [term.variable("c", 0), term.variable("d", 0)];
  expect(term.ite(c, term.ite(d, x, y), y)).toBe(term.ite(term.and(c, d), x, y));
  expect(term.or(c, term.and(term.not(c), d))).toBe(term.or(c, d));
  expect(term.and(term.or(c, d), term.not(c))).toBe(term.and(d, term.not(c)));
});

test("ill-sorted terms are refused when built, not by a solver", () => {
  expect(() => term.add(x, term.constant(64, 1))).toThrow(term.TermError);
  const clash = term.and(
    term.variable("clash", 0),
    term.equal(term.apply("clash", [x], 8), term.constant(8, 0)),
  );
  expect(() => term.printQuery([clash])).toThrow("one name, two signatures");
  expect(() => term.extract(x, 32, 0)).toThrow(term.TermError);
  expect(() => term.variable("a b", 8)).toThrow("bad symbol name");
});

test("the text of a query is stable and shares common parts", () => {
  const sum = term.mul(term.add(x, y), term.add(x, y));
  const text = term.printQuery([term.equal(sum, word(9))], {
    comment: "square",
    probes: [{ name: "gv!0", term: x }],
  });
  expect(text.split("\n")[0]).toBe("; square");
  expect(text).toContain("(set-logic QF_BV)");
  expect(text.match(/bvadd/g)).toHaveLength(1);
  expect(text).toContain("(assert (= gv!0 x))");
});

test("deep terms print, evaluate and substitute without a deep stack", () => {
  let deep = x;
  for (let level = 0; level < 20_000; level++) deep = term.sub(y, deep);
  expect(term.printQuery([term.equal(deep, word(1))]).length).toBeGreaterThan(100_000);
  const assignment = { variables: new Map([["x", 5n]]), functions: new Map() };
  expect(term.evaluate(deep, assignment)).toBe(5n);
  const [replaced] = term.substitute([deep], new Map([[y, word(0)]]));
  expect(term.isConstant(replaced!)).toBe(false);
});

test("zero and one counts agree with a count by hand at every bit", () => {
  for (const width of [32, 64]) {
    for (let bit = 0; bit <= width; bit++) {
      const value = bit === width ? 0n : 1n << BigInt(bit);
      const input = term.constant(width, value);
      expect(term.countTrailingZeros(input).value).toBe(BigInt(bit));
      const leading = bit === width ? width : width - 1 - bit;
      expect(term.countLeadingZeros(input).value).toBe(BigInt(leading));
      expect(term.countOnes(term.constant(width, (1n << BigInt(bit)) - 1n)).value).toBe(
        BigInt(bit),
      );
    }
  }
});
