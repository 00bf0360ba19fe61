// The same module with one more door: code and data are the same bytes, and the export section
// names one more function, so that the host's engine can call what only the proofs can reach.

import { joined } from "../mutate/rewrite.ts";
import { unsigned } from "../validate/assemble.ts";
import { decodeModule } from "../wasm/index.ts";
import { Reader } from "../wasm/reader.ts";

const EXPORT_SECTION = 7;
const HEADER_BYTES = 8;
const FUNCTION = 0;

/** The module with the function exported under a new name as well. */
export function withExport(bytes: Uint8Array, name: string, door: string): Uint8Array {
  const index = indexOf(bytes, name);
  const reader = new Reader(bytes, HEADER_BYTES);
  while (!reader.done) {
    const start = reader.position;
    const id = reader.byte();
    const part = reader.part(reader.u32());
    if (id !== EXPORT_SECTION) continue;
    const count = part.u32();
    const text = new TextEncoder().encode(door);
    const entry = [...unsigned(text.length), ...text, FUNCTION, ...unsigned(index)];
    const old = bytes.subarray(part.position, part.end);
    const content = joined([unsigned(count + 1), old, entry]);
    const head = [EXPORT_SECTION, ...unsigned(content.length)];
    return joined([bytes.subarray(0, start), head, content, bytes.subarray(reader.position)]);
  }
  throw new Error("the module exports nothing");
}

function indexOf(bytes: Uint8Array, name: string): number {
  const { exports, functions } = decodeModule(bytes);
  const exported = exports.find((one) => one.kind === "function" && one.name === name);
  const inner = functions.find((one) => one.name.endsWith(`/${name}`));
  const index = exported?.index ?? inner?.index;
  if (index === undefined) throw new Error(`the module has no function ${name}`);
  return index;
}
