// The files of a bundle, and their hashes.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256 } from "../trace/source.ts";

export const ATTESTATION = "attestation.dsse.json";
export const PUBLIC_KEY = "public.pem";

/** Text or bytes by path within the bundle. */
export type Files = ReadonlyMap<string, string | Uint8Array>;

export function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** All files below a folder, sorted, as paths with "/". */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export interface Subject {
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

/** What is signed: every file but the signature and the key. */
export function subjectsOf(folder: string): Subject[] {
  return listFiles(folder)
    .filter((path) => path !== ATTESTATION && path !== PUBLIC_KEY)
    .map((name) => ({ name, digest: { sha256: sha256(readFileSync(join(folder, name))) } }));
}
