// From a kernel file to the ELF file in it: a bzImage's payload, decompressed, or the file itself.
// Field offsets are those of Linux's boot protocol (Documentation/x86/boot.rst).

import { compressionOf } from "./decompress.ts";
import { Problem, problemAtByte } from "./problem.ts";

const SETUP_SECTORS = 0x1f1;
const HEADER_MAGIC = 0x202;
const VERSION = 0x206;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const MAGIC = 0x53726448; // "HdrS"
/** The first version of the protocol that says where the payload is. */
const FIRST_VERSION = 0x0208;
const ELF_MAGIC = 0x464c457f;
/** No kernel is as large; a damaged size would make us ask for that much memory. */
const LARGEST_BYTES = 1024 * 1024 * 1024;

const view = (data: Uint8Array): DataView =>
  new DataView(data.buffer, data.byteOffset, data.byteLength);

function isElf(data: Uint8Array): boolean {
  return data.length >= 4 && view(data).getUint32(0, true) === ELF_MAGIC;
}

function isBzImage(data: Uint8Array): boolean {
  return data.length >= 0x268 && view(data).getUint32(HEADER_MAGIC, true) === MAGIC;
}

/** Is this a file that `unpackKernel` makes something of? */
export function isKernel(data: Uint8Array): boolean {
  return isElf(data) || isBzImage(data);
}

/** The payload's place in the file. */
function payloadOf(data: Uint8Array, name: string): { at: number; bytes: number } {
  const header = view(data);
  const version = header.getUint16(VERSION, true);
  if (version < FIRST_VERSION) {
    const text = `boot protocol ${version >> 8}.${version & 0xff} is too old; 2.08 is the first`;
    throw problemAtByte(name, VERSION, `${text} that says where the kernel is`);
  }
  const sectors = header.getUint8(SETUP_SECTORS) || 4;
  const at = (sectors + 1) * 512 + header.getUint32(PAYLOAD_OFFSET, true);
  const bytes = header.getUint32(PAYLOAD_LENGTH, true);
  if (bytes < 8 || at + bytes > data.length) {
    const text = `the payload (${bytes} bytes at 0x${at.toString(16)}) does not end in the file`;
    throw problemAtByte(name, PAYLOAD_OFFSET, `${text}; is it complete?`);
  }
  return { at, bytes };
}

async function unpackPayload(data: Uint8Array, name: string): Promise<Uint8Array> {
  const { at, bytes } = payloadOf(data, name);
  const payload = data.subarray(at, at + bytes);
  if (isElf(payload)) return payload;
  const compression = compressionOf(payload);
  if (compression === undefined) {
    const magic = Buffer.from(payload.subarray(0, 6)).toString("hex");
    throw problemAtByte(name, at, `the payload starts with ${magic}: an unknown compression`);
  }
  // The last four bytes are the size: gzip's own trailer, or Linux's build appended them.
  const size = view(payload).getUint32(bytes - 4, true);
  if (size === 0 || size > LARGEST_BYTES) {
    throw problemAtByte(name, at + bytes - 4, `the kernel's size cannot be ${size} bytes`);
  }
  const packed = compression.name === "gzip" ? payload : payload.subarray(0, bytes - 4);
  try {
    const elf = await compression.unpack(packed, size);
    if (elf.length === size) return elf;
    throw new Error(`${elf.length} bytes where ${size} were expected`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw problemAtByte(name, at, `the ${compression.name} payload is damaged: ${reason}`);
  }
}

/** The ELF file in a kernel file: a bzImage's payload, or the file itself. `name` is for errors.
 *  Throws a Problem that names the byte. */
export async function unpackKernel(data: Uint8Array, name: string): Promise<Uint8Array> {
  if (isElf(data)) return data;
  if (!isBzImage(data)) {
    throw new Problem(`${name}: neither an ELF file nor a Linux bzImage`);
  }
  const elf = await unpackPayload(data, name);
  if (!isElf(elf)) throw new Problem(`${name}: what was compressed in it is no ELF file`);
  return elf;
}
