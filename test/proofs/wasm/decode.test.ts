import { describe, expect, test } from "vitest";
import { DecodeError, decodeModule } from "../../../proofs/wasm/index.ts";
import { compile } from "../compile.ts";
import { source } from "./fixture.ts";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const module = (...sections: number[][]) => new Uint8Array([...HEADER, ...sections.flat()]);
const section = (id: number, ...bytes: number[]) => [id, bytes.length, ...bytes];

const TYPE = section(1, 1, 0x60, 0, 0);
const FUNCTION = section(3, 1, 0);
const code = (...body: number[]) => section(10, 1, body.length + 1, 0, ...body);

test("functions keep their names, types and byte positions", async () => {
  const bytes = await compile(source);
  const decoded = decodeModule(bytes);
  const take = decoded.functions.find((one) => one.name.endsWith("/take"))!;
  expect(take.type).toEqual({ parameters: ["i32", "i32"], results: ["i32"] });
  expect(decoded.imports.map((one) => one.name)).toEqual(["notify", "load32"]);
  expect(decoded.globals).toMatchObject([{ type: "i32", mutable: true, initial: 5n }]);
  expect(decoded.memoryBytes).toBe(2 * 65536);
  for (const one of decoded.functions) {
    for (const instruction of one.body) {
      expect(instruction.offset).toBeGreaterThan(one.start);
      expect(instruction.offset).toBeLessThan(one.end);
    }
  }
});

describe("refuses what it does not know", () => {
  const refused: [string, Uint8Array, string][] = [
    ["another version", new Uint8Array([...HEADER.slice(0, 4), 2, 0, 0, 0]), "version 1"],
    ["a table", module(section(4, 1, 0x70, 0, 0)), "section 4"],
    ["a start function", module(TYPE, FUNCTION, section(8, 0), code(0x0b)), "section 8"],
    ["element segments", module(section(9, 0)), "section 9"],
    ["sections out of order", module(TYPE, section(5, 0), FUNCTION), "out of order"],
    ["a float parameter", module(section(1, 1, 0x60, 1, 0x7d, 0)), "not i32 or i64"],
    ["two results", module(section(1, 1, 0x60, 0, 2, 0x7f, 0x7f)), "more than one result"],
    ["a growing memory", module(section(5, 1, 1, 1, 2)), "not of fixed size"],
    ["a memory without maximum", module(section(5, 1, 0, 1)), "no maximum"],
    ["an imported memory", module(section(2, 1, 1, 97, 1, 97, 2, 1, 1, 1)), "not a function"],
    ["passive data", module(section(5, 1, 1, 1, 1), section(11, 1, 1, 0)), "not an active one"],
    [
      "data out of memory",
      module(section(5, 1, 1, 0, 0), section(11, 1, 0, 0x41, 0, 0x0b, 1, 7)),
      "past the memory",
    ],
    ["a float instruction", module(TYPE, FUNCTION, code(0x43, 0, 0, 0, 0, 0x1a, 0x0b)), "0x43"],
    ["an indirect call", module(TYPE, FUNCTION, code(0x11, 0, 0, 0x0b)), "0x11"],
    ["saturating truncation", module(TYPE, FUNCTION, code(0xfc, 0, 0x0b)), "0xfc 0"],
    ["memory.grow", module(TYPE, FUNCTION, code(0x40, 0, 0x0b)), "0x40"],
    ["a label that does not exist", module(TYPE, FUNCTION, code(0x0c, 1, 0x0b)), "label 1"],
    ["bytes behind the body", module(TYPE, FUNCTION, code(0x0b, 0x01)), "follow the end"],
    ["an ill-typed body", module(TYPE, FUNCTION, code(0x1a, 0x0b)), "validator"],
    ["a cut module", module([1, 5, 1]), "run past"],
    ["an overlong number", module([1, 0x80, 0x80, 0x80, 0x80, 0x80, 0]), "longer than 32"],
  ];
  test.each(refused)("%s", (_, bytes, why) => {
    expect(() => decodeModule(bytes)).toThrow(DecodeError);
    expect(() => decodeModule(bytes)).toThrow(why);
  });
});

test("a plain module passes", () => {
  const decoded = decodeModule(module(TYPE, FUNCTION, code(0x01, 0x0b)));
  expect(decoded.functions[0]!.body).toMatchObject([{ name: "nop" }]);
});

test("every cut of a real module is refused", async () => {
  const bytes = await compile(source);
  for (let length = 8; length < bytes.length; length += 7) {
    const cut = bytes.slice(0, length);
    try {
      const decoded = decodeModule(cut);
      // A cut between sections may be a smaller module; it must be one to V8 as well.
      expect(decoded.functions.length === 0 || decoded.exports.length > 0).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
    }
  }
});
