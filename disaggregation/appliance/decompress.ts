// Decompressors for the payload of a bzImage, each a library: none of the formats is this
// project's business. What is chosen and why is in README.md.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gunzipSync } from "node:zlib";
import { decompressBlock } from "lz4js";
import bunzip from "seek-bzip";
import { ZSTDDecoder } from "zstddec";

const load = createRequire(import.meta.url);

type Unpack = (data: Uint8Array, bytes: number) => Uint8Array | Promise<Uint8Array>;

export interface Compression {
  readonly name: string;
  readonly magic: readonly number[];
  /** Decompresses `data`; `bytes` is the size that the image states. Throws on damage. */
  readonly unpack: Unpack;
}

/** The compressions of Linux's build, told apart by their first bytes. */
export const compressions: readonly Compression[] = [
  { name: "gzip", magic: [0x1f, 0x8b], unpack: (data) => gunzipSync(data) },
  { name: "LZ4", magic: [0x02, 0x21, 0x4c, 0x18], unpack: unlz4 },
  { name: "XZ", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], unpack: unxz },
  { name: "Zstandard", magic: [0x28, 0xb5, 0x2f, 0xfd], unpack: unzstd },
  { name: "bzip2", magic: [0x42, 0x5a, 0x68], unpack: unbzip2 },
  { name: "LZMA", magic: [0x5d, 0x00, 0x00], unpack: unxz },
  {
    name: "LZO",
    magic: [0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a],
    unpack: unlzo,
  },
];

/** The compression whose magic starts `data`. */
export function compressionOf(data: Uint8Array): Compression | undefined {
  return compressions.find(({ magic }) => magic.every((byte, index) => data[index] === byte));
}

const view = (data: Uint8Array): DataView =>
  new DataView(data.buffer, data.byteOffset, data.byteLength);

/** LZ4's legacy format: the magic, then blocks of {u32 bytes, data} that stand alone. */
function unlz4(data: Uint8Array, bytes: number): Uint8Array {
  const target = new Uint8Array(bytes);
  const input = view(data);
  let at = 4;
  let written = 0;
  while (at + 4 <= data.length) {
    const length = input.getUint32(at, true);
    if (length === 0 || at + 4 + length > data.length) throw new Error(`bad block at ${at}`);
    written = decompressBlock(data, target, at + 4, length, written);
    at += 4 + length;
  }
  if (written !== bytes) throw new Error(`${written} bytes where ${bytes} were expected`);
  return target;
}

async function unzstd(data: Uint8Array, bytes: number): Promise<Uint8Array> {
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return decoder.decode(data, bytes);
}

/** What liblzma's WebAssembly build exports. Its 64-bit arguments are pairs of 32-bit words. */
interface Liblzma {
  _lzma_auto_decoder(stream: number, limitLow: number, limitHigh: number, flags: number): number;
}

/** XZ with any filter (Linux uses the x86 one), and LZMA alone. */
async function unxz(data: Uint8Array): Promise<Uint8Array> {
  const lzma = await import("node-liblzma/wasm");
  const { default: create } = await import("node-liblzma/wasm/liblzma.js");
  const wasmBinary = readFileSync(load.resolve("node-liblzma/wasm/liblzma.wasm"));
  const wasm = await lzma.initModule(() => create({ wasmBinary }));
  const stream = new lzma.WasmLzmaStream(wasm);
  try {
    const unlimited = -1;
    const decoder = wasm as unknown as Liblzma;
    const status = decoder._lzma_auto_decoder(stream.ptr, unlimited, unlimited, 0);
    if (status !== lzma.LZMA_OK) throw new Error(`no decoder: ${status}`);
    return lzma.processStream(stream, data);
  } finally {
    lzma.end(stream);
    stream.free();
  }
}

function unbzip2(data: Uint8Array): Uint8Array {
  return bunzip.decode(Buffer.from(data));
}

/** Places in lzop's header, and its flags that stand for more fields than the usual ones. */
const LZOP_FLAGS = 17;
const LZOP_NAME = 33;
const LZOP_UNREAD_FLAGS = 0x0c40;

/** lzop's container as Linux's build writes it: a header of a few big-endian fields, then blocks of
 *  {u32 bytes out, u32 bytes in, u32 checksum, data}. */
async function unlzo(data: Uint8Array, bytes: number): Promise<Uint8Array> {
  const decode = await lzoDecoder();
  const input = view(data);
  const target = new Uint8Array(bytes);
  const checksums = lzopChecksums(input.getUint32(LZOP_FLAGS));
  let at = LZOP_NAME + 1 + input.getUint8(LZOP_NAME) + 4;
  for (let written = 0; ; ) {
    const out = input.getUint32(at);
    if (out === 0) {
      if (written === bytes) return target;
      throw new Error(`${written} bytes where ${bytes} were expected`);
    }
    const length = input.getUint32(at + 4);
    at += 8 + 4 * (length < out ? checksums.both : checksums.plain);
    const block = data.subarray(at, at + length);
    target.set(length < out ? decode(block, out) : block, written);
    at += length;
    written += out;
  }
}

/** How many checksum words stand before a compressed block, and before a stored one. */
function lzopChecksums(flags: number): { both: number; plain: number } {
  if ((flags & LZOP_UNREAD_FLAGS) !== 0) throw new Error("lzop flags that Linux does not set");
  const plain = (flags & 0x1 ? 1 : 0) + (flags & 0x100 ? 1 : 0);
  return { plain, both: plain + (flags & 0x2 ? 1 : 0) + (flags & 0x200 ? 1 : 0) };
}

interface LzoModule {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(address: number): void;
  _decompress(address: number, bytes: number, bytesOut: number): number;
}

async function lzoDecoder(): Promise<(block: Uint8Array, bytesOut: number) => Uint8Array> {
  const { default: create } = await import("lzo-wasm/lzo-wasm.js");
  const wasmBinary = readFileSync(load.resolve("lzo-wasm/lzo-wasm.wasm"));
  const lzo: LzoModule = await create({ wasmBinary });
  return (block, bytesOut) => {
    const source = lzo._malloc(block.length + 8);
    lzo.HEAPU8.set(block, source);
    const target = lzo._decompress(source, block.length, bytesOut);
    const result = lzo.HEAPU8.slice(target, target + bytesOut);
    lzo._free(source);
    lzo._free(target);
    return result;
  };
}
