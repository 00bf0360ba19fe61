// Compiles disaggregation/loader to build/loader.wasm: one page of memory, no imports, no start
// function. The image builder runs it in Node; a builder domain runs the same bytes.

import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What asc is called with; `--memoryBase` keeps its constants behind the loader's areas. */
const options = [
  "disaggregation/loader/index.ts",
  "--runtime=stub",
  "--use=abort=",
  "--initialMemory=1",
  "--maximumMemory=1",
  "--memoryBase=32768",
  "--enable=bulk-memory",
  "--optimizeLevel=3",
  "--shrinkLevel=1",
  "--noColors",
  `--baseDir=${root}`,
];

/** Compiles the loader and returns its bytes. Throws with asc's own message on an error. */
export async function compileLoader(): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array>();
  // Loaded only when it is needed: it is large, and most commands compile nothing.
  const { default: asc } = await import("assemblyscript/asc");
  const { error, stderr } = await asc.main([...options, "--outFile=loader.wasm"], {
    writeFile: (name: string, contents: Uint8Array | string) => {
      files.set(name, typeof contents === "string" ? Buffer.from(contents) : contents);
    },
  });
  const wasm = files.get("loader.wasm");
  if (error !== null || wasm === undefined) throw new Error(`loader: ${stderr.toString()}`);
  return wasm;
}

/** Writes build/loader.wasm, whole or not at all, and returns its bytes. */
export async function buildLoader(): Promise<Uint8Array> {
  const wasm = await compileLoader();
  mkdirSync(new URL("../build/", import.meta.url), { recursive: true });
  const unfinished = new URL(`../build/loader.wasm.${process.pid}`, import.meta.url);
  writeFileSync(unfinished, wasm);
  renameSync(unfinished, new URL("../build/loader.wasm", import.meta.url));
  return wasm;
}

if (process.argv[1]?.endsWith("scripts/loader.ts")) {
  const wasm = await buildLoader();
  console.log(`build/loader.wasm: ${wasm.length} bytes`);
}
