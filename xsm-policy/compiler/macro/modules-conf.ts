/** The list of modules that a policy uses. */

import path from "node:path";
import type { PolicyFile, Report } from "./folder.ts";

export interface EnabledModules {
  /** Modules in use, in the order of the list. */
  readonly on: readonly string[];
  /** Modules that the list turns off. */
  readonly off: ReadonlySet<string>;
  /**
   * Whether interfaces of modules that are off are still defined. So it is in reference policies,
   * where a call of one may stand in an optional block.
   */
  readonly keepsInterfaces: boolean;
}

const LINE = /^[ \t]*([a-zA-Z]\w*)[ \t]*=[ \t]*(\S+)/;
const ON = new Set(["on", "base", "module"]);

/**
 * Reads `modules.conf`: lines `name = on`, or `base` or `module` in the manner of reference
 * policies; any other value means off. Without a list all modules are used, by name.
 * @param lower modules of the folder that this one extends
 */
export function readModuleList(
  list: { readonly name: string; readonly text: string | undefined },
  files: readonly PolicyFile[],
  lower: ReadonlySet<string>,
  report: Report,
): EnabledModules {
  const found = new Map<string, string>();
  for (const { name, role } of files) {
    if (role !== "module") continue;
    const module = path.parse(name).name;
    const before = found.get(module);
    if (before !== undefined) {
      report("folder-modules", `module ${module} has two files: ${before} and ${name}`, name);
    }
    found.set(module, name);
  }
  const { name, text } = list;
  if (text === undefined) return { on: [...found.keys()], off: new Set(), keepsInterfaces: false };
  const isKnown = (module: string): boolean => found.has(module) || lower.has(module);
  return readLines(text, isKnown, (module) => {
    const message = `module ${module} is on, but there is no file ${module}.te`;
    report("folder-modules", message, name, "add the file, or turn the module off");
  });
}

function readLines(
  text: string,
  isKnown: (module: string) => boolean,
  reportUnknown: (module: string) => void,
): EnabledModules {
  const on: string[] = [];
  const off = new Set<string>();
  let keepsInterfaces = false;
  for (const line of text.split("\n")) {
    const [, module, value] = LINE.exec(line) ?? [];
    if (module === undefined) continue;
    keepsInterfaces ||= value === "base" || value === "module";
    if (!ON.has(value)) off.add(module);
    else if (isKnown(module)) on.push(module);
    else reportUnknown(module);
  }
  return { on, off, keepsInterfaces };
}
