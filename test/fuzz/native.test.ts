// The core's C form as a process: catches a translation, or a build of it, that does something else
// than the WebAssembly; and an oracle that would not notice. Skips unless the core is built.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NativeOracle } from "../../fuzz/native/oracle.ts";
import { Chance, generate } from "../../fuzz/program/generate.ts";
import { decode } from "../../fuzz/program/program.ts";
import { makeWorld } from "../../fuzz/world/world.ts";
import { hostedCore, type Plant } from "../../scripts/hosted.ts";
import { root } from "../acceptance/cli.ts";

const wasm = join(root, "build/core.wasm");
const isThere = existsSync(wasm) && existsSync("/usr/bin/gcc");
const PATIENCE = 600_000;
const PROGRAMS = 200;

/** What the oracle says first of some programs by chance. */
function firstWord(plant?: Plant): string | undefined {
  const program = hostedCore(wasm, plant);
  let oracle: NativeOracle | undefined;
  const world = makeWorld(new Uint8Array(readFileSync(wasm)), (machine) => {
    oracle = new NativeOracle(machine, program);
    return oracle;
  });
  const chance = new Chance(3);
  try {
    for (let count = 0; count < PROGRAMS; count++) {
      const failure = world.run(decode(generate(chance)));
      world.reset();
      world.machine.forget();
      if (failure !== undefined) return `${failure.oracle}: ${failure.says}`;
    }
    return undefined;
  } finally {
    oracle?.close();
  }
}

test.skipIf(!isThere)(
  "the native build takes every step as the WebAssembly does (skipped unless built)",
  () => expect(firstWord()).toBeUndefined(),
  PATIENCE,
);

test.skipIf(!isThere)(
  "a build that counts trailing zeros of half a word is found (skipped unless built)",
  () => {
    const right = "#define I64_CTZ(x) ((x) ? __builtin_ctzll(x) : 64)";
    const wrong = "#define I64_CTZ(x) ((x) ? __builtin_ctz(x) : 64)";
    expect(firstWord({ right, wrong })).toMatch(/^native: The native build differs/);
  },
  PATIENCE,
);
