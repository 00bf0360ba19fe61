// The binary reader: catches a crash on, or silence about, a file that is damaged or cut off, and a
// decoder that loses its place between instructions.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import wabt from "wabt";
import { checkModule, type Expectation, stackLocals } from "../../../tcb/subset/binary/check.ts";
import { decode } from "../../../tcb/subset/binary/instructions.ts";
import { nameOf, readModule } from "../../../tcb/subset/binary/module.ts";
import { Cursor, MalformedBinary } from "../../../tcb/subset/binary/reader.ts";

const TEXT = `(module
  (import "machine" "halt" (func $halt (param i32)))
  (memory (export "memory") 1 1)
  (func $low (param i64) (result i32) (local i32 i32)
    (block (br_if 0 (i64.eqz (local.get 0))) (br_table 0 0 0 (i32.const -5)))
    (i32.store offset=8 (i32.const 4096) (i32.wrap_i64 (i64.const -9223372036854775808)))
    (memory.fill (i32.const 4096) (i32.const 0) (i32.const 8))
    (i32.extend8_s (i32.load8_u offset=70000 (i32.const 0))))
  (func $boot (export "boot") (result i32) (call $low (i64.const 3)))
  (func (export "selectVcpu") (param i32) (result i32) (local.get 0))
  (func (export "handleExit") (param i32) (call $halt (local.get 0)))
  (data (i32.const 4096) "text"))`;

const EXPECTED: Expectation = {
  file: "test.wasm",
  linearBytes: 65536,
  firstColumn: 32768,
  codeBytesMax: 4096,
  stackLocalsMax: 64,
  imports: [{ name: "halt", parameters: ["i32"], results: [] }],
};

async function binary(text: string): Promise<Uint8Array> {
  const { parseWat } = await wabt();
  return parseWat("test.wat", text).toBinary({ write_debug_names: true }).buffer;
}

describe("the binary half", () => {
  it("finds nothing in a module that keeps the rules", async () => {
    expect(checkModule(await binary(TEXT), EXPECTED)).toEqual([]);
  });

  it("decodes every instruction to the last end", async () => {
    const module = readModule(await binary(TEXT));
    const [low] = module.functions;
    const { instructions, unknown } = decode(module, low!);
    expect(unknown).toBeUndefined();
    expect(instructions.at(-1)!.end).toBe(low!.code.end);
    expect(instructions.map(({ opcode }) => opcode.name)).toContain("memory.fill");
    expect(instructions.find(({ opcode }) => opcode.name === "i64.const")!.operand).toBe(
      -(2n ** 63n),
    );
    expect(nameOf(module, low!.index)).toBe("low");
  });

  it("adds up the locals on the deepest chain of calls", async () => {
    const module = readModule(await binary(TEXT));
    const boot = module.exports.find(({ name }) => name === "boot")!;
    // boot: a return address; low: one parameter, two locals and a return address.
    expect(stackLocals(module).get(boot.index)).toBe(5);
  });

  it("says that a cut-off file is malformed, wherever it is cut", async () => {
    const bytes = await binary(TEXT);
    // Behind the code, a file may end after any section.
    const { functions } = readModule(bytes);
    for (let length = 0; length < functions.at(-1)!.code.end; length++) {
      expect(checkModule(bytes.subarray(0, length), EXPECTED)).not.toEqual([]);
    }
  });

  it("never throws on damaged bytes", async () => {
    const bytes = await binary(TEXT);
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(damage, (changes) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, value] of changes) copy[at] = value;
        checkModule(copy, EXPECTED);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it("refuses numbers that are too long", () => {
    expect(() => new Cursor(Uint8Array.from([255, 255, 255, 255, 127])).u32()).toThrow(
      MalformedBinary,
    );
    expect(() => new Cursor(new Uint8Array(11).fill(128)).signed()).toThrow(MalformedBinary);
  });
});
