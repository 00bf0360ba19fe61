/** Reads a policy, be it one `policy.conf` or a folder of modules, into one text for the parser. */

import { statSync } from "node:fs";
import type { Diagnostic } from "../diagnostic.ts";
import type { PositionMap, SourceInput } from "../source.ts";
import { arrange } from "./arrange.ts";
import { expandMacros, type MacroSource } from "./expand.ts";
import {
  FILE_ROLES,
  type FileRole,
  MAX_POLICY_BYTES,
  type PolicyFile,
  type Report,
  readPolicyFolder,
  readText,
} from "./folder.ts";
import { PRELUDE } from "./prelude.ts";
import { findUnknownMacros } from "./unknown-macros.ts";

export interface LoadOptions {
  /** Whether `enable_mls` is defined: the policy's multi-level part is used. */
  readonly mls?: boolean;
  /** Values of `mls_num_sens` and `mls_num_cats`; 16 and 256 if not given, as Xen builds. */
  readonly sensitivities?: number;
  readonly categories?: number;
  /** Further macros, as `m4 -D` would define them. */
  readonly defines?: Readonly<Record<string, string>>;
}

/** A file that was read. */
export interface LoadedFile {
  readonly path: string;
  readonly role: FileRole | "policy.conf";
}

/** A policy's text, and where it came from. `positions` is absent for a `policy.conf`. */
export interface PolicySource extends SourceInput {
  readonly positions?: PositionMap;
  readonly files: readonly LoadedFile[];
  /** Texts of the policy's `*.assert` files, which are no part of `text`. */
  readonly assertions: readonly MacroSource[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Statements that a whole policy must have, and the file that is expected to bring them. */
const REQUIRED: readonly (readonly [RegExp, string, string])[] = [
  [/^[ \t]*user\s/m, "a user", "users (statements `user NAME roles { ROLE };`)"],
  [/^[ \t]*sid[ \t]+\S+[ \t]+\S+:/m, "a context for the initial SIDs", "initial_sid_contexts"],
];

/**
 * Reads the policy at `path`. Problems are returned, not thrown; with an error among them, `text`
 * may be incomplete.
 */
export function loadPolicySource(path: string, options: LoadOptions = {}): PolicySource {
  const diagnostics: Diagnostic[] = [];
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.isDirectory()) return loadFolder(path, options, diagnostics);
  const report: Report = (code, message, file, hint) => {
    const span = { file, line: 1, column: 1, offset: 0, length: 0 };
    diagnostics.push({ severity: "error", code, message, span, ...(hint && { hint }) });
  };
  const text = readText(path, report, MAX_POLICY_BYTES);
  const files: LoadedFile[] = [{ path, role: "policy.conf" }];
  return { name: path, text: text ?? "", files, assertions: [], diagnostics };
}

function loadFolder(path: string, options: LoadOptions, diagnostics: Diagnostic[]): PolicySource {
  const folder = readPolicyFolder(path, diagnostics);
  const isPolicy = ({ role }: PolicyFile): boolean => role !== "assertions";
  const sources = folder.files.filter(isPolicy);
  const expansion = expandMacros(
    [...before(sources, "support"), PRELUDE, ...sources.slice(before(sources, "support").length)],
    { defines: definesOf(options, folder) },
  );
  diagnostics.push(...expansion.diagnostics);
  const startOf = (role: FileRole): number =>
    expansion.starts[before(sources, role).length + 1] ?? expansion.text.length;
  const parts = {
    modules: startOf("module"),
    users: startOf("users"),
    deviceContexts: startOf("device-contexts"),
  };
  const isReferenceStyle = sources.some(
    (file) => file.role === "module" && /\bpolicy_module\(/.test(file.text),
  );
  const { text, positions } = arrange(expansion, parts, isReferenceStyle);
  diagnostics.push(...findUnknownMacros(text, positions, expansion.macroNames));
  const hasFailed = diagnostics.some(({ severity }) => severity === "error");
  if (!hasFailed) diagnostics.push(...findMissing(path, text, sources));
  return {
    name: path,
    text,
    positions,
    files: folder.files.map(({ name, role }) => ({ path: name, role })),
    assertions: folder.files.filter((file) => !isPolicy(file)),
    diagnostics,
  };
}

/** The files that come before those of a role. */
function before(sources: readonly PolicyFile[], role: FileRole): readonly PolicyFile[] {
  const rank = FILE_ROLES.indexOf(role);
  return sources.filter((file) => FILE_ROLES.indexOf(file.role) < rank);
}

function definesOf(
  options: LoadOptions,
  folder: { modules: readonly string[]; settings: ReadonlyMap<string, string> },
): Record<string, string> {
  return {
    self_contained_policy: "",
    mls_num_sens: String(options.sensitivities ?? 16),
    mls_num_cats: String(options.categories ?? 256),
    mcs_num_cats: String(options.categories ?? 256),
    ...(options.mls && { enable_mls: "" }),
    ...Object.fromEntries(folder.modules.map((name) => [`${name}.te`, ""])),
    ...Object.fromEntries([...folder.settings].map(([name, value]) => [`${name}_conf`, value])),
    ...options.defines,
  };
}

function findMissing(path: string, text: string, sources: readonly PolicyFile[]): Diagnostic[] {
  const span = { file: path, line: 1, column: 1, offset: 0, length: 0 };
  const error = { severity: "error", code: "folder-missing", span } as const;
  if (!sources.some(({ role }) => role === "module")) {
    const message = "the folder holds no policy module (a file NAME.te)";
    return [{ ...error, message, hint: "name the folder that holds the policy's modules" }];
  }
  return REQUIRED.filter(([statement]) => !statement.test(text)).map(([, what, file]) => ({
    ...error,
    message: `no file of the policy declares ${what}`,
    hint: `it is expected in ${file}`,
  }));
}
