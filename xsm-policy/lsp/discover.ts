/** Which policies a file belongs to. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** A policy that an editor works on: a `policy.conf`, or a folder of modules. */
export interface PolicyRoot {
  readonly kind: "conf" | "folder";
  readonly path: string;
}

/** How many folders above a file are looked at. */
const MAX_ASCENT = 4;

const EXTENDS = "extends";

/** What only the topmost folder of a policy has. */
const MARKS = ["modules.conf", EXTENDS, "initial_sid_contexts", "users"];

const XEN_HALVES = ["modules", "policy"];

const MODULE_FILE = /(\.(te|if|spt|cons|assert)|modules\.conf)$/;

/** Files of a folder of modules that have a name instead of an extension. */
const NAMED_FILE =
  /^(access_vectors|constraints|device_contexts|global_booleans|global_tunables|initial_sids?|initial_sid_contexts|mcs|mls|ocontexts|policy_capabilities|security_classes|users)$/;

/**
 * The policies that a file is part of: itself if it is a whole one; else those of its folder and
 * of folders beside it that extend that one. Empty if it is no policy source.
 */
export function policiesOf(file: string): PolicyRoot[] {
  const base = path.basename(file);
  if (!MODULE_FILE.test(base) && !NAMED_FILE.test(base)) {
    return base.endsWith(".conf") ? [{ kind: "conf", path: file }] : [];
  }
  const root = rootOf(path.dirname(file));
  const extensions = extendedBy(root, [root]);
  // A folder that others extend need not be a policy on its own.
  const folders = extensions.length > 0 && !isWhole(root) ? extensions : [root, ...extensions];
  return folders.map((folder) => ({ kind: "folder", path: folder }));
}

/** The nearest folder above that is marked as a policy's topmost; else the file's own. */
function rootOf(folder: string): string {
  let at = folder;
  for (let level = 0; level < MAX_ASCENT; level++) {
    if (MARKS.some((name) => existsSync(path.join(at, name)))) return wholeOf(at);
    at = path.dirname(at);
  }
  return folder;
}

/** Xen keeps its modules in one folder and the rest in another beside it. */
function wholeOf(folder: string): string {
  const parent = path.dirname(folder);
  const isHalf = XEN_HALVES.includes(path.basename(folder));
  const isBoth = XEN_HALVES.every((name) => existsSync(path.join(parent, name)));
  return isHalf && isBoth ? parent : folder;
}

function isWhole(root: string): boolean {
  return (
    existsSync(path.join(root, "initial_sid_contexts")) || !existsSync(path.join(root, "users"))
  );
}

/** Folders beside a folder that extend it, directly or by way of others. */
function extendedBy(root: string, seen: readonly string[]): string[] {
  const parent = path.dirname(root);
  const found = foldersIn(parent).filter(
    (folder) => !seen.includes(folder) && lowerOf(folder) === root,
  );
  return found.flatMap((folder) => [folder, ...extendedBy(folder, [...seen, ...found])]);
}

/** The folders in a folder, by name; none of one that cannot be read. */
function foldersIn(parent: string): string[] {
  try {
    return readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => path.join(parent, name))
      .sort();
  } catch {
    return [];
  }
}

/** The folder that a folder extends, if any. */
function lowerOf(folder: string): string | undefined {
  const pointer = path.join(folder, EXTENDS);
  if (!existsSync(pointer)) return undefined;
  return path.resolve(folder, readFileSync(pointer, "utf8").replace(/#.*/g, "").trim());
}
