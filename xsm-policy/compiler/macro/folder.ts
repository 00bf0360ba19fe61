/** Finds the files of a policy that is a folder of modules, and puts them in order. */

import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Diagnostic } from "../diagnostic.ts";
import { type EnabledModules, readModuleList } from "./modules-conf.ts";

/** What a file contributes to a policy, in the order in which the language wants it. */
export const FILE_ROLES = [
  "classes",
  "sids",
  "vectors",
  "support",
  "mls",
  "capabilities",
  "interface",
  "global",
  "module",
  "users",
  "constraints",
  "sid-contexts",
  "device-contexts",
  "assertions",
] as const;

export type FileRole = (typeof FILE_ROLES)[number];

/** A file of a policy; `name` is what messages call it. */
export interface PolicyFile {
  readonly name: string;
  readonly role: FileRole;
  readonly text: string;
}

export interface PolicyFolder {
  readonly files: readonly PolicyFile[];
  /** Names of the modules in use, without `.te`. */
  readonly modules: readonly string[];
  /** Values for booleans and tunables from `booleans.conf` and `tunables.conf`. */
  readonly settings: ReadonlyMap<string, string>;
}

/** The largest file of a folder that is read, and the largest policy.conf. */
export const MAX_MODULE_BYTES = 64 * 1024 * 1024;
export const MAX_POLICY_BYTES = 256 * 1024 * 1024;

/** How deep folders may be nested, and how many files they may hold. */
const MAX_DEPTH = 6;
const MAX_FILES = 10_000;

const ROLE_OF_NAME: ReadonlyMap<string, FileRole> = new Map([
  ["security_classes", "classes"],
  ["access_vectors", "vectors"],
  ["mls", "mls"],
  ["mcs", "mls"],
  ["policy_capabilities", "capabilities"],
  ["global_booleans", "global"],
  ["global_tunables", "global"],
  ["users", "users"],
  ["systemuser", "users"],
  ["constraints", "constraints"],
  ["initial_sid_contexts", "sid-contexts"],
  ["device_contexts", "device-contexts"],
  ["ocontexts", "device-contexts"],
]);

const ROLE_OF_EXTENSION: ReadonlyMap<string, FileRole> = new Map([
  [".spt", "support"],
  [".if", "interface"],
  [".te", "module"],
  [".cons", "constraints"],
  [".assert", "assertions"],
]);

/** Of these, a folder's own file takes the place of the one in the folder that it extends. */
const REPLACED: ReadonlySet<FileRole> = new Set(["users", "sid-contexts", "device-contexts"]);

/** Holds the path, from its own folder, of the folder whose files come before the policy's. */
const EXTENDS = "extends";

/** Where Xen's own tables stand, seen from the policy folder in Xen's source tree. */
const XEN_TABLES = "../../../xen/xsm/flask/policy";

/** Where the tables stand that are used when a policy brings none. */
const BUILT_IN_TABLES = path.join(import.meta.dirname, "../../policy/flask");

/** Collects problems while a folder is read. */
export type Report = (code: string, message: string, where: string, hint?: string) => void;

/** Reads the folder at `root`; problems go to `diagnostics`. */
export function readPolicyFolder(root: string, diagnostics: Diagnostic[]): PolicyFolder {
  const report: Report = (code, message, where, hint) => {
    const span = { file: where, line: 1, column: 1, offset: 0, length: 0 };
    diagnostics.push({ severity: "error", code, message, span, ...(hint && { hint }) });
  };
  const folder = readChain(root, report, []);
  return { ...folder, files: inOrder(withTables(root, folder.files, report)) };
}

/** Reads a folder after the one that it extends, if any. */
function readChain(root: string, report: Report, seen: readonly string[]): PolicyFolder {
  const lower = readLower(root, report, seen);
  const own = readOne(root, new Set(lower?.modules), report);
  return lower === undefined ? { ...own, files: select(own) } : merge(lower, own);
}

/** Reads the folder that another one extends; undefined if it extends none. */
function readLower(
  root: string,
  report: Report,
  seen: readonly string[],
): PolicyFolder | undefined {
  const pointer = path.join(root, EXTENDS);
  if (!existsSync(pointer)) return undefined;
  const target = (readText(pointer, report) ?? "").replace(/#.*/g, "").trim();
  const lower = path.isAbsolute(target) ? target : path.join(root, target);
  if (seen.includes(lower) || lower === path.join(root)) {
    report("folder-extends", `the folder extends ${lower}, which extends it`, pointer);
    return undefined;
  }
  if (!statSync(lower, { throwIfNoEntry: false })?.isDirectory()) {
    report("folder-extends", `the folder extends ${lower}, which is no folder`, pointer);
    return undefined;
  }
  return readChain(lower, report, [...seen, path.join(root)]);
}

/** Lays a folder over the one that it extends. */
function merge(lower: PolicyFolder, own: OneFolder): PolicyFolder {
  const replaced = new Set(own.files.map(({ role }) => role).filter((role) => REPLACED.has(role)));
  const named = new Set(own.files.map(({ name }) => path.basename(name)));
  const isKept = ({ name, role }: PolicyFile): boolean => {
    const base = path.basename(name);
    if (own.enabled.off.has(path.parse(base).name) && isOfModule(role)) return false;
    return !replaced.has(role) && !(isOfModule(role) && named.has(base));
  };
  const modules = lower.modules.filter((name) => !own.enabled.off.has(name));
  return {
    files: [...lower.files.filter(isKept), ...select(own)],
    modules: [...new Set([...modules, ...own.modules])],
    settings: new Map([...lower.settings, ...own.settings]),
  };
}

function isOfModule(role: FileRole): boolean {
  return role === "module" || role === "interface";
}

interface OneFolder extends PolicyFolder {
  readonly enabled: EnabledModules;
}

/** Reads one folder, without what it extends. */
function readOne(root: string, lower: ReadonlySet<string>, report: Report): OneFolder {
  let names: string[] = [];
  try {
    names = listFiles(root, report);
  } catch (error) {
    report("file-read", `the folder cannot be read: ${(error as Error).message}`, root);
  }
  const files: PolicyFile[] = [];
  const settings = new Map<string, string>();
  const lists = names.filter((name) => path.basename(name) === "modules.conf");
  if (lists.length > 1) {
    const message = `there are ${lists.length} module lists below ${root}: ${lists.join(", ")}`;
    report("folder-modules", message, root, "name the folder of one policy");
  }
  for (const name of names) {
    const base = path.basename(name);
    if (base === "booleans.conf" || base === "tunables.conf") readSettings(name, settings, report);
    const file = readFile(name, report);
    if (file !== undefined) files.push(file);
  }
  const list = lists.length === 1 ? readText(lists[0], report) : undefined;
  const enabled = readModuleList({ name: lists[0] ?? root, text: list }, files, lower, report);
  return { files, enabled, modules: enabled.on, settings };
}

/** The files of a folder that count, modules in the order of their list. */
function select({ files, enabled }: OneFolder): PolicyFile[] {
  const rank = new Map(enabled.on.map((name, index) => [name, index]));
  const moduleOf = (file: PolicyFile): string => path.parse(file.name).name;
  const known = new Set(files.filter(({ role }) => role === "module").map(moduleOf));
  const isUsed = (file: PolicyFile): boolean => {
    const name = moduleOf(file);
    if (!isOfModule(file.role) && !file.name.endsWith(".cons")) return true;
    if (rank.has(name)) return true;
    return file.role === "interface" && (!known.has(name) || enabled.keepsInterfaces);
  };
  const rankOf = (file: PolicyFile): number =>
    isOfModule(file.role) ? (rank.get(moduleOf(file)) ?? rank.size) : 0;
  return files.filter(isUsed).sort((left, right) => rankOf(left) - rankOf(right));
}

/** Adds the hypervisor's classes, initial SIDs and permissions where the policy has none. */
function withTables(root: string, files: readonly PolicyFile[], report: Report): PolicyFile[] {
  const declares = (role: FileRole, pattern: RegExp): boolean =>
    files.some((file) => file.role === role && pattern.test(file.text));
  const missing: string[] = [];
  if (!declares("classes", /^\s*class\s+domain\b/m)) missing.push("security_classes");
  if (!declares("sids", /^\s*sid\s+xen\b/m)) missing.push("initial_sids");
  if (!declares("vectors", /^\s*class\s+domain\b/m)) missing.push("access_vectors");
  if (missing.length === 0) return [...files];
  const inTree = path.join(root, XEN_TABLES);
  const isInTree = missing.every((name) => existsSync(path.join(inTree, name)));
  const tables = missing.map((name) => {
    if (isInTree) return readFile(path.join(inTree, name), report);
    const file = readFile(path.join(BUILT_IN_TABLES, name), report);
    return file && { ...file, name: `(built in)/${name}` };
  });
  return [...tables.filter((file) => file !== undefined), ...files];
}

/** Sorts files by role; the hypervisor's own tables come before a policy's additions. */
function inOrder(files: readonly PolicyFile[]): PolicyFile[] {
  const rank = ({ role, name }: PolicyFile): number => {
    const isLocal = /(^|\/)(flask|xsm\/flask\/policy|\(built in\))\/[^/]*$/.test(name) ? 0 : 1;
    const isTable = role === "classes" || role === "vectors" || role === "sids";
    return FILE_ROLES.indexOf(role) * 2 + (isTable ? isLocal : 0);
  };
  return [...files].sort((left, right) => rank(left) - rank(right));
}

function readFile(name: string, report: Report): PolicyFile | undefined {
  const base = path.basename(name);
  const role = ROLE_OF_NAME.get(base) ?? ROLE_OF_EXTENSION.get(path.extname(base));
  if (role === undefined && base !== "initial_sids") return undefined;
  const text = readText(name, report);
  if (text === undefined) return undefined;
  return { name, text, role: role ?? sidRole(text) };
}

/** The name `initial_sids` serves two files: one lists the SIDs, one gives their contexts. */
function sidRole(text: string): FileRole {
  return /^\s*sid\s+\S+[ \t]+[^#\s]/m.test(text) ? "sid-contexts" : "sids";
}

/** Reads a text file; reports why it cannot be. */
export function readText(
  name: string,
  report: Report,
  limit = MAX_MODULE_BYTES,
): string | undefined {
  try {
    if (statSync(name).size > limit) {
      report("file-size", `the file is larger than ${limit} bytes`, name);
      return undefined;
    }
    const text = readFileSync(name, "utf8");
    if (!text.includes("\0")) return text;
    report("file-binary", "the file is not text", name);
  } catch (error) {
    report("file-read", `the file cannot be read: ${(error as Error).message}`, name);
  }
  return undefined;
}

/** All files below a folder, by name; not hidden ones, build leftovers and other policies. */
function listFiles(root: string, report: Report, depth = 0): string[] {
  if (depth > MAX_DEPTH) return [];
  const files: string[] = [];
  for (const entry of readdirSync(root).sort()) {
    const name = path.join(root, entry);
    if (/^(\.|tmp$|doc$|docs$|test$|tests$)/.test(entry)) continue;
    // Links to files are followed; links to folders could lead round in a circle.
    const link = lstatSync(name);
    const status = statSync(name, { throwIfNoEntry: false });
    if (status === undefined || (link.isSymbolicLink() && status.isDirectory())) continue;
    if (status.isDirectory() && existsSync(path.join(name, EXTENDS))) continue;
    if (status.isDirectory()) files.push(...listFiles(name, report, depth + 1));
    else if (status.isFile()) files.push(name);
  }
  if (depth === 0 && files.length > MAX_FILES) {
    report("folder-size", `the folder holds more than ${MAX_FILES} files`, root);
    return [];
  }
  return files;
}

/** Reads lines `name = value`. */
function readSettings(name: string, settings: Map<string, string>, report: Report): void {
  const text = readText(name, report) ?? "";
  for (const [, key, value] of text.matchAll(/^[ \t]*(\w+)[ \t]*=[ \t]*(\w+)/gm)) {
    settings.set(key, value);
  }
}
