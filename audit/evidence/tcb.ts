// The account of the trusted computing base: what is in the image, file by file, and how large.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeModule } from "../../proofs/wasm/index.ts";
import { root, sha256 } from "../trace/source.ts";
import { codeLines } from "./text.ts";

export interface TcbFile {
  readonly path: string;
  readonly part: "core" | "machine";
  readonly sha256: string;
  readonly bytes: number;
  readonly codeLines: number;
  /** Written by a script from the tables' description. */
  readonly generated: boolean;
}

/** Another system, counted alike: lines that are compiled, without blanks and comments. */
interface Other {
  readonly system: string;
  readonly what: string;
  readonly codeLines: number;
  readonly source: string;
}

const GENERATED = new Set(["tcb/core/columns.ts", "tcb/core/access.ts"]);
const COUNTED = "counted with cloc 1.96 on that tree";

const others: readonly Other[] = [
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

const FOLDERS = [
  ["core", "tcb/core"],
  ["machine", "tcb/machine/svm"],
] as const;

function filesOf(part: "core" | "machine", folder: string): TcbFile[] {
  return readdirSync(join(root, folder))
    .filter((name) => /[.](ts|c|h|S|ld)$/.test(name) && !name.endsWith(".d.ts"))
    .sort()
    .map((name) => {
      const path = `${folder}/${name}`;
      const bytes = readFileSync(join(root, path));
      return {
        path,
        part,
        sha256: sha256(bytes),
        bytes: bytes.length,
        codeLines: codeLines(bytes.toString("utf8")),
        generated: GENERATED.has(path),
      };
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
  const files = FOLDERS.flatMap(([part, folder]) => filesOf(part, folder));
  const sum = (part: string): number =>
    files.filter((one) => one.part === part).reduce((all, one) => all + one.codeLines, 0);
  const core = new Uint8Array(readFileSync(join(root, "build/core.wasm")));
  return {
    method: "lines with code (no blanks, no comments) of all files that are compiled",
    codeLines: { core: sum("core"), machine: sum("machine") },
    files,
    core: moduleAccount(core),
    others,
  };
}
