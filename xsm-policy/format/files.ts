/** Which files of a folder are policy source. */

import { readdirSync, statSync } from "node:fs";
import path from "node:path";

const EXTENSIONS = new Set([".te", ".if", ".spt", ".cons", ".assert"]);

const NAMES = new Set([
  "access_vectors",
  "constraints",
  "device_contexts",
  "global_booleans",
  "global_tunables",
  "initial_sid_contexts",
  "initial_sids",
  "mcs",
  "mls",
  "policy.conf",
  "policy_capabilities",
  "security_classes",
  "users",
]);

/**
 * The files to format for a path: the path itself if it is a file, else the policy sources below.
 * @throws the file system's error if the path cannot be read
 */
export function sourceFiles(target: string): string[] {
  if (!statSync(target).isDirectory()) return [target];
  return readdirSync(target, { withFileTypes: true })
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const name = path.join(target, entry.name);
      if (entry.isDirectory()) return entry.name.startsWith(".") ? [] : sourceFiles(name);
      const isSource = NAMES.has(entry.name) || EXTENSIONS.has(path.extname(entry.name));
      return entry.isFile() && isSource ? [name] : [];
    });
}
