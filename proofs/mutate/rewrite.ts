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
    const content = [...editedBodies(part, edit)];
    return new Uint8Array([
      ...module.subarray(0, start),
      CODE_SECTION,
      ...unsigned(content.length),
      ...content,
      ...module.subarray(reader.position),
    ]);
  }
  throw new Error("the module has no code");
}

function editedBodies(section: Reader, edit: Edit): number[] {
  const count = section.u32();
  const content = unsigned(count);
  for (let at = 0; at < count; at++) {
    const body = section.part(section.u32());
    let bytes = [...body.bytes.subarray(body.position, body.end)];
    if (edit.from >= body.position && edit.to <= body.end) {
      const from = edit.from - body.position;
      bytes = [...bytes.slice(0, from), ...edit.bytes, ...bytes.slice(edit.to - body.position)];
    }
    content.push(...unsigned(bytes.length), ...bytes);
  }
  return content;
}
