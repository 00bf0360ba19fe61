/** A folder of modules to one text, with what stands in the editor in place of what is on disk. */

import type { Diagnostic } from "../compiler/diagnostic.ts";
import { arrange } from "../compiler/macro/arrange.ts";
import { expandMacros } from "../compiler/macro/expand.ts";
import {
  FILE_ROLES,
  type FileRole,
  type PolicyFile,
  type PolicyFolder,
} from "../compiler/macro/folder.ts";
import type { PolicySource } from "../compiler/macro/load.ts";
import { PRELUDE } from "../compiler/macro/prelude.ts";
import { findUnknownMacros } from "../compiler/macro/unknown-macros.ts";

/** Texts of open files, by path. */
export type OpenTexts = ReadonlyMap<string, string>;

/** What the tables of levels are built with, as Xen builds. */
const LEVELS = { mls_num_sens: "16", mls_num_cats: "256", mcs_num_cats: "256" };

/** Assembles a folder that has been read; `loadPolicySource` does the same from the disk alone. */
export function assemble(root: string, folder: PolicyFolder, open: OpenTexts): PolicySource {
  const files = folder.files.map((file) => ({ ...file, text: open.get(file.name) ?? file.text }));
  const sources = files.filter(({ role }) => role !== "assertions");
  const support = before(sources, "support").length;
  const expansion = expandMacros(
    [...sources.slice(0, support), PRELUDE, ...sources.slice(support)],
    {
      defines: definesOf(folder),
    },
  );
  const diagnostics: Diagnostic[] = [...expansion.diagnostics];
  const startOf = (role: FileRole): number =>
    expansion.starts[before(sources, role).length + 1] ?? expansion.text.length;
  const parts = {
    modules: startOf("module"),
    users: startOf("users"),
    deviceContexts: startOf("device-contexts"),
  };
  const isReferenceStyle = sources.some(
    ({ role, text }) => role === "module" && /\bpolicy_module\(/.test(text),
  );
  const { text, positions } = arrange(expansion, parts, isReferenceStyle);
  diagnostics.push(...findUnknownMacros(text, positions, expansion.macroNames));
  return {
    name: root,
    text,
    positions,
    files: files.map(({ name, role }) => ({ path: name, role })),
    assertions: files.filter(({ role }) => role === "assertions"),
    diagnostics,
  };
}

function before(sources: readonly PolicyFile[], role: FileRole): readonly PolicyFile[] {
  const rank = FILE_ROLES.indexOf(role);
  return sources.filter((file) => FILE_ROLES.indexOf(file.role) < rank);
}

function definesOf({ modules, settings }: PolicyFolder): Record<string, string> {
  return {
    self_contained_policy: "",
    ...LEVELS,
    ...Object.fromEntries(modules.map((name) => [`${name}.te`, ""])),
    ...Object.fromEntries([...settings].map(([name, value]) => [`${name}_conf`, value])),
  };
}
