// The core as it stands on disk: its sources, and what its binary is to look like.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type EncodedSourceMap, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { columns, linearBytes } from "../core/layout.ts";
import type { Expectation } from "./binary/check.ts";
import type { SourceFile } from "./source/compiler.ts";
import { CORE_FOLDER, MACHINE_FILE, TYPESCRIPT_ONLY } from "./source/exceptions.ts";
import { declaredImports } from "./source/machine.ts";

const folder = new URL("../core/", import.meta.url);

/** Where the build puts the core. */
export const CORE_BINARY = fileURLToPath(new URL("../../build/core.wasm", import.meta.url));

/** Budgets of rules 25 and 26. */
const CODE_BYTES_MAX = 65536;
const STACK_LOCALS_MAX = 512;

/** The sources of the core, in the order of their names. */
export function coreFiles(): SourceFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => ({
      path: CORE_FOLDER + name,
      text: readFileSync(new URL(name, folder), "utf8"),
    }))
    .filter(({ path }) => !TYPESCRIPT_ONLY.includes(path));
}

/** Places in the sources, from a source map beside `binary`; without one, no place is known. */
function placeIn(binary: string): Expectation["place"] {
  const map = `${binary}.map`;
  if (!existsSync(map)) return undefined;
  // The compiler's sourceRoot is left out, so that sources are named as in the project.
  const text = JSON.parse(readFileSync(map, "utf8")) as EncodedSourceMap;
  const trace = new TraceMap({ ...text, sourceRoot: "" });
  return (offset) => {
    const { source, line, column } = originalPositionFor(trace, { line: 1, column: offset });
    return source === null ? undefined : { file: source, line, column: column + 1 };
  };
}

/** What the binary at `path` is to have: machine.ts's imports, layout.ts's memory. */
export function coreExpectation(path: string = CORE_BINARY): Expectation {
  const machine = coreFiles().find((file) => file.path === MACHINE_FILE);
  const place = placeIn(path);
  return {
    file: path.slice(path.lastIndexOf("/") + 1),
    linearBytes,
    firstColumn: Math.min(...columns.map(({ base }) => base)),
    codeBytesMax: CODE_BYTES_MAX,
    stackLocalsMax: STACK_LOCALS_MAX,
    imports: machine === undefined ? [] : declaredImports(machine),
    ...(place === undefined ? {} : { place }),
  };
}
