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

const COMPILE = [
  "-std=gnu11 -O2 -finline-functions -fipa-cp-clone -ffreestanding -fno-pic -fno-pie -mno-red-zone -mgeneral-regs-only",
  "-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none",
  "-fno-strict-aliasing -fno-jump-tables -ffunction-sections -fdata-sections",
  "-flto=1 -flto-partition=one -frandom-seed=xenolith -nostdinc",
]
  .join(" ")
  .split(" ");
const WARN = "-Wall -Wextra -Wno-unused-parameter -Werror".split(" ");
const LINK = [
  "-nostdlib -static -Wl,--gc-sections,--build-id=none,-z,max-page-size=4096",
  "-Wl,-z,noexecstack,--fatal-warnings,--no-warn-rwx-segments,-T,link.ld",
]
  .join(" ")
  .split(" ");

/** wasm2c's output behind the part of its prelude that stays. */
function withOwnPrelude(source: string): string {
  const start = source.search(/^static .*\(w2c_core\*/m);
  if (start < 0) throw new BuildError("wasm2c wrote no function of the core");
  return `#include "core.h"\n${integerPrelude(source.slice(0, start))}\n${shape(source.slice(start))}`;
}

/** Functions of the core that gcc must not fold into their callers: what is not on the everyday
 *  path of an exit would cost that path its registers. */
const APART = [
  "select/look",
  "inject/inject",
  "exit/exitRare",
  "hypercall/exitHypercall",
  "cpuid/exitCpuid",
  "exit/exitInterrupt",
  "exit/exitHlt",
  "msr/exitMsr",
  "io/exitIo",
  "event_channel/eventChannelOp",
  "sched_op/schedOp",
  "vcpu_op/vcpuOp",
  "grant_table/grantTableOp",
  "memory_op/memoryOp",
  "hvm/hvmOp",
  "version/features",
  "version/extraVersion",
  "version/capabilities",
  "version/zeros",
  "hypercall/consoleIo",
  "hypercall/multicall",
  "hypercall/keepArguments",
  "hypercall/setTimerOp",
  "control_op/controlOp",
  "cpuid/answerHypervisor",
  "xsm/recordDenial",
  "p2m/translateSmall",
];

/** And the everyday path itself, which is one piece. */
const TOGETHER = [
  "exit/count",
  "hypercall/call",
  "hypercall/dispatch",
  "version/versionOp",
  "cpuid/answer",
  "p2m/translate",
  "guest/level",
];

function mark(source: string, names: readonly string[], attribute: string): string {
  return names.reduce((text, name) => {
    const symbol = `w2c_core_tcb/core/${name}`.replaceAll("/", "0x2F");
    const prototype = new RegExp(`^(static \\w+ ${symbol}\\(.*;)$`, "m");
    return text.replace(prototype, `${attribute} $1`);
  }, source);
}

/** Tells gcc what belongs together. */
function shape(source: string): string {
  const apart = mark(source, APART, "__attribute__((noinline))");
  return mark(apart, TOGETHER, "inline __attribute__((always_inline))");
}

function translate(wasm: string, folder: string): void {
  run(process.execPath, [wasm2c, wasm, "-n", "core", "-o", "core.c"], folder);
  const path = join(folder, "core.c");
  writeFileSync(path, withOwnPrelude(readFileSync(path, "utf8")));
  writeFileSync(join(folder, "layout.h"), layoutHeader());
}

/** Translates `wasm` (absolute path) and links it with the machine layer into `elf`. Intermediate
 *  files go to `folder`. Same bytes whatever the folders are called. */
export function linkImage(wasm: string, elf: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  mkdirSync(dirname(elf), { recursive: true });
  translate(wasm, folder);
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
