import { expect, test } from "vitest";
import { layoutDifferences } from "../../spec/lang/column.ts";
import { ConcreteState, ConcreteTransaction, numberOf, truth } from "../../spec/lang/concrete.ts";
import { SpecificationError } from "../../spec/lang/word.ts";

const silent = { linearBase: 0n, perform: () => 0n };
const start = () => new ConcreteTransaction(new ConcreteState(), silent);

test("tables.ts names every column of layout.ts (a column nobody names would never be proved)", () => {
  expect(layoutDifferences()).toEqual([]);
});

test("JavaScript's operators throw on words and conditions (they would decide without the solver)", () => {
  const word = start().word32(1);
  expect(() => `${word}`).toThrow(SpecificationError);
  expect(() => Number(word)).toThrow(SpecificationError);
  expect(() => (word as unknown as number) + 1).toThrow(SpecificationError);
  expect(() => (word as unknown as number) < 2).toThrow(SpecificationError);
});

test("words are numbers modulo 2^32 and 2^64; shifts count modulo the width", () => {
  const s = start();
  expect(numberOf(s.word32(0xffffffff).add(2))).toBe(1n);
  expect(numberOf(s.word64(-1).add(2))).toBe(1n);
  expect(numberOf(s.word32(1).shl(33))).toBe(2n);
  expect(numberOf(s.word32(12).lowestBit())).toBe(2n);
  expect(numberOf(s.word64(0).lowestBit())).toBe(64n);
  expect(truth(s.word32(-1).gt(1))).toBe(true);
  expect(() => s.word32(1).add(s.word64(1))).toThrow("64 bits where 32 are wanted");
});

test("a row that does not exist and a value that does not fit are mistakes of the text", () => {
  const s = start();
  expect(() => s.row("port", 64, 0).state).toThrow("port: key 0 is below 64");
  expect(() => s.row("port", 0)).toThrow("port has 2 keys, got 1");
  expect(() => s.row("port", 0, 0).set({ state: 256 })).toThrow("portState takes 1 bytes");
});

test("require ends the enclosing attempt, and what was done before stays", () => {
  const s = start();
  const result = s.attempt(() => {
    s.row("port", 1, 2).set({ peerPort: 3 });
    s.require(s.truth(false), -22n);
    s.row("port", 1, 2).set({ peerPort: 4 });
    return s.word64(0);
  });
  expect(numberOf(result)).toBe(0xffffffffffffffean);
  expect(numberOf(s.row("port", 1, 2).peerPort)).toBe(3n);
});

test("least finds the least, or nothing", () => {
  const s = start();
  const found = s.least(64, (index) => index.mul(index).gt(50));
  expect(truth(found.exists) && numberOf(found.index)).toBe(8n);
  expect(truth(s.least(4, (index) => index.gt(9)).exists)).toBe(false);
});
