import { beforeAll, expect, test } from "vitest";
import { mutate, mutationsOf, sampleMutants } from "../../../proofs/mutate/index.ts";
import { assemble, constantCode } from "../../../proofs/validate/assemble.ts";
import { generateModule } from "../../../proofs/validate/generate.ts";
import { Random } from "../../../proofs/validate/random.ts";
import { ConcreteInstance, decodeModule, type WasmModule } from "../../../proofs/wasm/index.ts";

let bytes: Uint8Array;
let module: WasmModule;

beforeAll(() => {
  bytes = generateModule(new Random(11), 400, 9).bytes;
  module = decodeModule(bytes);
});

test("every mutant is a valid module that differs from the original", () => {
  const mutations = [...mutationsOf(module)];
  expect(new Set(mutations.map((one) => one.kind)).size).toBe(6);
  for (const mutation of mutations) {
    const mutant = mutate(bytes, mutation);
    expect(Buffer.compare(mutant.bytes, bytes)).not.toBe(0);
    expect(decodeModule(mutant.bytes).functions).toHaveLength(module.functions.length);
  }
});

test("a mutation changes the one instruction that it names", () => {
  const body = [
    ...[0x20, 0, ...constantCode("i32", 5n), 0x49, 0x04, 0x40],
    ...[...constantCode("i32", 8n), 0x20, 1, 0x36, 2, 4, 0x0b],
    ...[...constantCode("i32", 0n), 0x28, 2, 12],
  ];
  const text = { name: "f", parameters: ["i32", "i32"] as const, result: "i32" as const, body };
  const original = assemble({
    functions: [text],
    globals: [],
    data: [{ address: 0, bytes: [0, 0] }],
  });
  const seen = new Map<string, string>();
  for (const mutation of mutationsOf(decodeModule(original))) {
    const mutant = new ConcreteInstance(decodeModule(mutate(original, mutation).bytes));
    const results = [4n, 5n].map((first) => {
      const outcome = mutant.call("f", [first, 9n]);
      return outcome.kind === "returned" ? outcome.result : "trap";
    });
    seen.set(mutation.change, results.join(" "));
  }
  // The original stores 9 if the first argument is below 5: "9 9", as memory keeps it.
  expect(Object.fromEntries(seen)).toMatchObject({
    "i32.lt_u -> i32.ge_u": "0 9",
    "i32.lt_u -> i32.le_u": "9 9",
    "i32.const 5 -> 4": "0 0",
    "if on the negation": "0 9",
    "i32.store dropped": "0 0",
    "local.get 1 -> 0": "4 4",
    "i32.const 8 -> 9": "2304 2304",
    "i32.load offset 12 -> 13": "0 0",
  });
});

test("samples are the same for the same seed, and without repetition", () => {
  const [first, again, other] = [3, 3, 4].map((seed) => sampleMutants(bytes, { count: 50, seed }));
  const names = (list: typeof first) => list!.map((one) => one.description);
  expect(names(first)).toEqual(names(again));
  expect(names(first)).not.toEqual(names(other));
  expect(new Set(first!.map((one) => `${one.offset} ${one.change}`)).size).toBe(50);
  const few = sampleMutants(bytes, { count: 1e6, seed: 1, functions: (name) => name === "f0" });
  expect(few.every((one) => one.function === "f0")).toBe(true);
});
