// The functions of the shipped binary, one hash each: what a proof executed is told apart from what
// it did not, and a change elsewhere in the core leaves the proof as it is.

import { decodeModule, type Instruction, type WasmModule } from "../../proofs/wasm/index.ts";
import { shortHash } from "./source.ts";

/** A text in a data segment has its length in the bytes before it. */
const HEADER_BYTES = 20;

/** Constant bytes that a number may point at. */
function dataAt({ data }: WasmModule, address: number): string {
  const near = data.filter(({ address: start, bytes }) => {
    const isBefore = start >= address - HEADER_BYTES && start <= address;
    return isBefore || (start <= address && address < start + bytes.length);
  });
  return near.map(({ address: at, bytes }) => `${at} ${Buffer.from(bytes).toString("hex")}`).join();
}

/** An instruction without its place in the file; what it calls or reads by name or content. */
function textOf(module: WasmModule, instruction: Instruction): string {
  const { name, value, index, memory, depths, result, body, otherwise } = instruction;
  const calls = name === "call" ? nameOf(module, index!) : index;
  const shared = name.startsWith("global.") ? JSON.stringify(globalOf(module, index!)) : "";
  const points = value === undefined ? "" : `${value} ${dataAt(module, Number(value))}`;
  const inner = [body, otherwise].map((list) => (list ?? []).map((one) => textOf(module, one)));
  return JSON.stringify([name, calls, shared, points, memory?.offset, depths, result, inner]);
}

function nameOf({ imports, functions }: WasmModule, index: number): string {
  const imported = imports[index];
  if (imported !== undefined) return `${imported.module}.${imported.name}`;
  return functions[index - imports.length]!.name;
}

function globalOf({ globals }: WasmModule, index: number) {
  const { name, type, mutable, initial } = globals[index]!;
  return [name, type, mutable, String(initial)];
}

/** Hash of each function of a build, by name. */
export function wasmHashes(bytes: Uint8Array): Map<string, string> {
  const module = decodeModule(bytes);
  return new Map(
    module.functions.map(({ name, type, locals, body }) => {
      const parts = body.map((one) => textOf(module, one));
      return [name, shortHash(JSON.stringify([type, locals, parts]))];
    }),
  );
}
