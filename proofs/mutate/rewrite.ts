import { unsigned } from "../validate/assemble.ts";
import { Reader } from "../wasm/reader.ts";

const CODE_SECTION = 10;
const HEADER_BYTES = 8;

/** Bytes `from` up to `to` (positions in the file, within one function) become `bytes`. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly bytes: readonly number[];
}

/** The module with one edit inside a function's body; sizes of body and section are adapted. */
export function applyEdit(module: Uint8Array, edit: Edit): Uint8Array {
  const reader = new Reader(module, HEADER_BYTES);
  while (!reader.done) {
    const start = reader.position;
    const id = reader.byte();
    const part = reader.part(reader.u32());
    if (id !== CODE_SECTION) continue;
    const content = editedBodies(part, edit);
    return joined([
      module.subarray(0, start),
      [CODE_SECTION, ...unsigned(content.length)],
      content,
      module.subarray(reader.position),
    ]);
  }
  throw new Error("the module has no code");
}

function editedBodies(section: Reader, edit: Edit): Uint8Array {
  const { bytes, position: start } = section;
  const count = section.u32();
  for (let at = 0; at < count; at++) {
    const header = section.position;
    const body = section.part(section.u32());
    if (edit.from < body.position || edit.to > body.end) continue;
    const edited = joined([
      bytes.subarray(body.position, edit.from),
      edit.bytes,
      bytes.subarray(edit.to, body.end),
    ]);
    return joined([
      bytes.subarray(start, header),
      unsigned(edited.length),
      edited,
      bytes.subarray(body.end, section.end),
    ]);
  }
  throw new Error(`byte 0x${edit.from.toString(16)} is in no function`);
}

/** The parts, one behind the other. */
export function joined(parts: readonly ArrayLike<number>[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
