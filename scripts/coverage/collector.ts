// Loaded before everything else in each process of a coverage run (node --import). Where a program
// compiles the core, it gets the instrumented copy of it; what the copy's counters count goes to a
// file when the process ends. Programs need not know.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { VARIABLES } from "./variables.ts";

type Constructor = new (...parameters: unknown[]) => object;
interface Engine {
  Module: Constructor & {
    imports(module: object): { module: string }[];
    exports(module: object): { name: string }[];
  };
  Instance: Constructor;
}
interface Replacement {
  readonly original: Uint8Array;
  readonly copy: Uint8Array;
}
interface Counter {
  readonly exports: { readonly memory: { readonly buffer: ArrayBuffer } };
}

const DOORS = ["boot", "selectVcpu", "handleExit"];

/** Is it a core at all, though not the one that is counted? Said so that no test is left out in
 *  silence. */
function isCore(engine: Engine, module: object): boolean {
  const names = new Set(engine.Module.exports(module).map(({ name }) => name));
  return DOORS.every((name) => names.has(name));
}

/** Writes what was counted. */
function write(counter: Counter, folder: string): void {
  const words = new Uint32Array(counter.exports.memory.buffer);
  if (!words.some((count) => count > 0)) return;
  writeFileSync(join(folder, `${process.pid}-${threadId}.bin`), words);
}

/** Puts the copy in the place of the original wherever WebAssembly.Module is called; `other` is
 *  told  of each other core. */
function substitute(
  engine: Engine,
  replace: Replacement,
  counter: Counter,
  other: () => void,
): void {
  const { Module } = engine;
  engine.Module = new Proxy(Module, {
    construct(target, [bytes]) {
      if (bytes instanceof Uint8Array && Buffer.compare(bytes, replace.original) === 0) {
        return new target(replace.copy);
      }
      const module = new target(bytes);
      if (isCore(engine, module)) other();
      return module;
    },
  });
  engine.Instance = new Proxy(engine.Instance, {
    construct(target, [module, imports]) {
      const counted = Module.imports(module).some(({ module: name }) => name === "coverage");
      return new target(module, counted ? { coverage: counter.exports, ...imports } : imports);
    },
  });
}

function start(original: string, instrumented: string, counting: string, folder: string): void {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: Engine };
  const module = new WebAssembly.Module(readFileSync(counting));
  const counter = new WebAssembly.Instance(module, {}) as Counter;
  const replace = { original: readFileSync(original), copy: readFileSync(instrumented) };
  const other = () => writeFileSync(join(folder, `other-${process.pid}`), "");
  substitute(WebAssembly, replace, counter, other);
  process.on("exit", () => write(counter, folder));
  // Vitest ends its workers by a signal, which would lose what they and V8 have counted.
  if (threadId === 0) process.once("SIGTERM", () => process.exit(1));
}

const { original, instrumented, counter, counts } = VARIABLES;
const given = [original, instrumented, counter, counts].map((name) => process.env[name]);
if (given.every((value) => value !== undefined)) {
  start(...(given as [string, string, string, string]));
}
