// The account of the trusted computing base: what is in the image, file by file, and how large.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeModule } from "../../proofs/wasm/index.ts";
import { stackLocals } from "../../tcb/subset/binary/check.ts";
import { readModule } from "../../tcb/subset/binary/module.ts";
import { root, sha256 } from "../trace/source.ts";
import { type TrustedFile, trustedFiles, trustedLines } from "./code-lines.ts";

export interface TcbFile extends TrustedFile {
  readonly sha256: string;
  readonly bytes: number;
}

/** Another system, counted alike: lines that are compiled, without blanks and comments. */
interface Other {
  readonly system: string;
  readonly what: string;
  readonly codeLines: number;
  readonly source: string;
}

const COUNTED = "counted with cloc 1.96 on that tree";

const others: readonly Other[] = [
  {
    system: "Xen 4.17 (Debian's 4.17.5+72-g01140da4e8)",
    what: "really compiled, x86_64 default configuration: 387 .c and .S files, without headers",
    codeLines: 174780,
    source: COUNTED,
  },
  {
    system: "Xen 4.17 (Debian's 4.17.5+72-g01140da4e8)",
    what: "grants, event channels, memory operations, domain control alone",
    codeLines: 8348,
    source: COUNTED,
  },
  {
    system: "Xen (tree c447b7308b, 4.23-dev)",
    what: "really compiled, x86_64 default configuration: 466 .c and .S files, without headers",
    codeLines: 201787,
    source: COUNTED,
  },
  {
    system: "Xen (tree c447b7308b, 4.23-dev)",
    what: "really compiled, options off as far as PVH guests allow: 410 files",
    codeLines: 175063,
    source: COUNTED,
  },
  {
    system: "Xen (tree c447b7308b, 4.23-dev)",
    what: "grants, event channels, memory operations, domain control alone",
    codeLines: 8809,
    source: COUNTED,
  },
  { system: "NOVA (8b6c28a0)", what: "x86 only", codeLines: 13957, source: COUNTED },
  { system: "Hedron (8ab6bd0)", what: "x86 only", codeLines: 11040, source: COUNTED },
  { system: "Bao (738e3dc)", what: "core and armv8", codeLines: 12300, source: COUNTED },
  { system: "Muen kernel (377335576)", what: "with contracts", codeLines: 6439, source: COUNTED },
];

function tcbFiles(): TcbFile[] {
  return trustedFiles().map((one) => {
    const bytes = readFileSync(join(root, one.path));
    return { ...one, sha256: sha256(bytes), bytes: bytes.length };
  });
}

/** Sections of a WebAssembly module with their sizes, its imports and exports. */
function moduleAccount(bytes: Uint8Array) {
  const module = decodeModule(bytes);
  return {
    sha256: sha256(bytes),
    bytes: bytes.length,
    imports: module.imports.map(({ name }) => name),
    exports: module.exports.map(({ name, kind }) => `${kind} ${name}`),
    sections: sectionsOf(bytes),
  };
}

/** Most locals on a chain of calls from each door, 8 bytes each: there is no recursion. */
function stackAccount(bytes: Uint8Array<ArrayBuffer>) {
  const module = readModule(bytes);
  const depth = stackLocals(module);
  const doors = module.exports.filter(({ kind }) => kind === "function");
  return doors.map(({ name, index }) => ({ door: name, locals: depth.get(index) ?? 0 }));
}

/** The sections of the native image that take memory, by its ELF section headers. */
function imageAccount(bytes: Buffer) {
  const [table, size] = [Number(bytes.readBigUInt64LE(0x28)), bytes.readUInt16LE(0x3a)];
  const headers = Array.from({ length: bytes.readUInt16LE(0x3c) }, (_, at) =>
    bytes.subarray(table + at * size, table + (at + 1) * size),
  );
  const names = Number(headers[bytes.readUInt16LE(0x3e)]!.readBigUInt64LE(0x18));
  const nameOf = (header: Buffer): string => {
    const from = names + header.readUInt32LE(0);
    return bytes.toString("latin1", from, bytes.indexOf(0, from));
  };
  const sections = headers
    .filter((header) => (header.readBigUInt64LE(8) & ALLOCATED) !== 0n)
    .map((header) => ({ name: nameOf(header), bytes: Number(header.readBigUInt64LE(0x20)) }));
  return { sha256: sha256(bytes), bytes: bytes.length, sections };
}

/** Flag of ELF sections that take memory. */
const ALLOCATED = 2n;

const SECTIONS =
  "custom type import function table memory global export start element code data datacount".split(
    " ",
  );

function sectionsOf(bytes: Uint8Array) {
  const found: { name: string; bytes: number }[] = [];
  for (let at = 8; at < bytes.length; ) {
    const name = SECTIONS[bytes[at++]!] ?? "unknown";
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    found.push({ name, bytes: size });
    at += size;
  }
  return found;
}

/** The account, from the sources and the built core. */
export function tcbAccount() {
  const core = new Uint8Array(readFileSync(join(root, "build/core.wasm")));
  return {
    method: "cloc's code lines (no blanks, no comments) of all files that are compiled",
    codeLines: { core: trustedLines("core"), machine: trustedLines("machine") },
    files: tcbFiles(),
    core: moduleAccount(core),
    stack: stackAccount(core),
    image: imageAccount(readFileSync(join(root, "build/xenolith.elf"))),
    others,
  };
}
