/** The macros that every folder of modules can use. */

import { readFileSync } from "node:fs";
import path from "node:path";
import type { MacroSource } from "./expand.ts";

/** Read before a policy's own support files, which may define its macros anew. */
export const PRELUDE: MacroSource = {
  name: "(built in)/prelude.spt",
  text: readFileSync(path.join(import.meta.dirname, "prelude.spt"), "utf8"),
};
