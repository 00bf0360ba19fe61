// core.wasm -> xenolith.elf: wasm2c, then gcc and ld with the machine layer.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { linearBytes } from "../tcb/core/layout.ts";
import { MEMORY_RANGES, VCPUS } from "../tcb/core/limits.ts";
import { layoutHeader } from "./columns.ts";
import { BuildError, run } from "./command.ts";
import { integerPrelude } from "./prelude.ts";

const require = createRequire(import.meta.url);
const wasm2c = require.resolve("wabt/bin/wasm2c");
const machineFolder = fileURLToPath(new URL("../tcb/machine/svm", import.meta.url));

const MACHINE_SOURCES = ["boot.S", "access.c", "clock.c", "console.c", "cpu.c", "state.c"];

export const COMPILE = [
  "-std=gnu11 -O2 -finline-functions -fipa-cp-clone --param=ipa-cp-eval-threshold=30",
  "-ffreestanding -fno-pic -fno-pie -mno-red-zone -mgeneral-regs-only",
  "-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none",
  "-fno-strict-aliasing -fno-jump-tables -ffunction-sections -fdata-sections",
  "-flto=1 -flto-partition=one -frandom-seed=xenolith -nostdinc",
]
  .join(" ")
  .split(" ");
export const WARN = "-Wall -Wextra -Wno-unused-parameter -Werror".split(" ");
export const LINK = [
  "-nostdlib -static -Wl,--gc-sections,--build-id=none,-z,max-page-size=4096",
  "-Wl,-z,noexecstack,--fatal-warnings,--no-warn-rwx-segments,-T,link.ld",
]
  .join(" ")
  .split(" ");

/** wasm2c's output behind the part of its prelude that stays. */
function withOwnPrelude(source: string, marks: Marks): string {
  const start = source.search(/^static .*\(w2c_core\*/m);
  if (start < 0) throw new BuildError("wasm2c wrote no function of the core");
  const prelude = integerPrelude(source.slice(0, start));
  return `#include "core.h"\n${prelude}\n${shape(source.slice(start), marks)}`;
}

/** What gcc is told of a core's functions, by their names (file/function). */
export interface Marks {
  /** Not folded into their callers. */
  readonly apart: readonly string[];
  /** Always folded. */
  readonly together: readonly string[];
}

/** What is not on the everyday path of an exit would cost that path its registers; the path itself
 *  is one piece. */
export const coreMarks: Marks = {
  apart: [
    "select/look",
    "inject/inject",
    "exit/exitRare",
    "hypercall/exitHypercall",
    "cpuid/exitCpuid",
    "exit/exitHlt",
    "io/exitIo",
    "event_channel/send",
    "event_channel/structuredOp",
    "sched_op/schedOp",
    "vcpu_op/vcpuOp",
    "grant_table/grantTableOp",
    "memory_op/memoryOp",
    "hvm/hvmOp",
    "version/zeros",
    "hypercall/multicall",
    "control_op/controlOp",
    "xsm/recordDenial",
  ],
  together: [
    "exit/count",
    "hypercall/dispatch",
    "version/versionOp",
    "cpuid/answer",
    "p2m/translateBelow",
    "guest/level",
    "guest/walk",
    "guest/isLongMode",
    "gpr/skip",
    "xsm/decide",
  ],
};

function prototypeOf(name: string): RegExp {
  const symbol = `w2c_core_tcb/core/${name}`.replaceAll("/", "0x2F");
  return new RegExp(`^(static \\w+ ${symbol}\\(.*;)$`, "m");
}

function mark(source: string, names: readonly string[], attribute: string): string {
  const stale = names.filter((name) => !prototypeOf(name).test(source));
  if (stale.length > 0) {
    throw new BuildError(
      `scripts/native.ts marks functions that core.wasm does not have: ${stale.join(", ")}`,
    );
  }
  return names.reduce((text, name) => text.replace(prototypeOf(name), `${attribute} $1`), source);
}

function shape(source: string, { apart, together }: Marks): string {
  const divided = mark(source, apart, "__attribute__((noinline))");
  return mark(divided, together, "inline __attribute__((always_inline))");
}

/** Writes core.c and core.h in `folder`: the module in C, behind the prelude that was reviewed. */
export function translate(wasm: string, folder: string, marks: Marks): void {
  run(process.execPath, [wasm2c, wasm, "-n", "core", "-o", "core.c"], folder);
  const path = join(folder, "core.c");
  writeFileSync(path, withOwnPrelude(readFileSync(path, "utf8"), marks));
}

/** Translates `wasm` (absolute path) and links it with the machine layer into `elf`. Intermediate
 *  files go to `folder`. Same bytes whatever the folders are called. Throws BuildError, also when
 *  `marks` names a function that the core does not have. */
export function linkImage(wasm: string, elf: string, folder: string, marks?: Marks): void {
  mkdirSync(folder, { recursive: true });
  mkdirSync(dirname(elf), { recursive: true });
  translate(wasm, folder, marks ?? { apart: [], together: [] });
  writeFileSync(join(folder, "layout.h"), layoutHeader());
  const headers = run("gcc", ["-print-file-name=include"], folder).trim();
  const map = [`-ffile-prefix-map=${machineFolder}=svm`, `-ffile-prefix-map=${folder}=core`];
  const where = [
    "-isystem",
    headers,
    `-I${machineFolder}`,
    "-I.",
    `-DVCPUS=${VCPUS}`,
    `-DMEMORY_RANGES=${MEMORY_RANGES}`,
  ];
  const common = [...COMPILE, ...map, ...where, "-include", "layout.h"];
  run("gcc", [...common, "-w", "-c", "core.c", "-o", "core.o"], folder);
  for (const name of MACHINE_SOURCES) {
    const flags = name.endsWith(".S") ? [] : WARN;
    const source = join(machineFolder, name);
    run("gcc", [...common, ...flags, "-c", source, "-o", name.replace(/\.[cS]$/, ".o")], folder);
  }
  const script = join(machineFolder, "link.ld");
  const size = `-DLINEAR_BYTES=${linearBytes}`;
  const preprocess = ["-E", "-P", "-x", "assembler-with-cpp", `-I${machineFolder}`, size, script];
  run("gcc", [...preprocess, "-o", "link.ld"], folder);
  const objects = ["core.o", ...MACHINE_SOURCES.map((name) => name.replace(/\.[cS]$/, ".o"))];
  run("gcc", [...COMPILE, ...objects, ...LINK, "-o", "xenolith.debug.elf"], folder);
  writeFileSync(join(folder, "symbols.txt"), run("nm", ["-n", "xenolith.debug.elf"], folder));
  run("strip", ["--strip-all", "-o", elf, "xenolith.debug.elf"], folder);
}
