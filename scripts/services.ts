// disaggregation/domains/NAME -> build/services/NAME.{wasm,elf}: the compiler of the core, wasm2c,
// and the metal part of the runtime instead of the machine layer.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as places from "../disaggregation/runtime/places.ts";
import { folder, root } from "./artefacts.ts";
import { BuildError, run } from "./command.ts";
import { compileCore } from "./core.ts";
import { COMPILE, LINK, translate, WARN } from "./native.ts";
import { type Service, servicePath, services } from "./service-table.ts";

const metalFolder = fileURLToPath(new URL("../disaggregation/runtime/metal", import.meta.url));
const machineFolder = fileURLToPath(new URL("../tcb/machine/svm", import.meta.url));
const SOURCES = ["entry.S", "pages.c", "start.c", "xen.c"];

const entryOf = ({ name }: Service): string => `disaggregation/domains/${name}/main.ts`;

export { servicePath, services };

/** Services whose source is there. */
export function presentServices(): Service[] {
  return services.filter((service) => existsSync(join(root, entryOf(service))));
}

/** The core's wasm-rt.h says "core" when it stops; a service stops for itself. */
function writeHeaders(where: string): void {
  const runtime = readFileSync(join(machineFolder, "wasm-rt.h"), "utf8");
  writeFileSync(join(where, "wasm-rt.h"), runtime.replace("in the core:", "in the service:"));
  const memory = readFileSync(join(metalFolder, "memory.h"), "utf8");
  writeFileSync(join(where, "memory.h"), memory);
  const lines = Object.entries(places).map(([name, value]) => `#define ${name} ${value}u\n`);
  writeFileSync(join(where, "places.h"), lines.join(""));
}

/** Compiles a service to `wasm` (absolute path). Throws BuildError. */
export function compileService(service: Service, wasm: string): void {
  mkdirSync(join(wasm, ".."), { recursive: true });
  const { linearBytes, memoryBase } = service;
  compileCore({ root, entry: entryOf(service), linearBytes, memoryBase, output: wasm });
}

/** Links `wasm` with the runtime's metal part into `elf`; intermediate files go to `where`. Tests give
 *  further flags (metal/xen.c: DEFECT_AFTER). */
export function linkService(
  service: Service,
  wasm: string,
  elf: string,
  where: string,
  flags: readonly string[] = [],
): void {
  mkdirSync(where, { recursive: true });
  translate(wasm, where, { apart: [], together: [] });
  writeHeaders(where);
  const headers = run("gcc", ["-print-file-name=include"], where).trim();
  const map = [`-ffile-prefix-map=${metalFolder}=metal`, `-ffile-prefix-map=${where}=service`];
  const size = `-DLINEAR_BYTES=${service.linearBytes}`;
  const common = [
    ...COMPILE,
    ...map,
    "-isystem",
    headers,
    "-I.",
    `-I${metalFolder}`,
    size,
    ...flags,
  ];
  run("gcc", [...common, "-w", "-c", "core.c", "-o", "core.o"], where);
  const objects = SOURCES.map((name) => {
    const object = name.replace(/\.[cS]$/, ".o");
    const warnings = name.endsWith(".S") ? [] : WARN;
    run("gcc", [...common, ...warnings, "-c", join(metalFolder, name), "-o", object], where);
    return object;
  });
  const script = join(metalFolder, "link.ld");
  const preprocess = ["-E", "-P", "-x", "assembler-with-cpp", `-I${metalFolder}`, size, script];
  run("gcc", [...preprocess, "-o", "link.ld"], where);
  run("gcc", [...COMPILE, "core.o", ...objects, ...LINK, "-o", "service.debug.elf"], where);
  run("strip", ["--strip-all", "-o", elf, "service.debug.elf"], where);
}

/** Builds every service that is there; returns the paths of what was made, under build/. */
export function buildServices(): string[] {
  return presentServices().flatMap((service) => {
    const wasm = servicePath(service.name, "wasm");
    const elf = servicePath(service.name, "elf");
    compileService(service, wasm);
    linkService(service, wasm, elf, join(folder, "services", "objects", service.name));
    return [`services/${service.name}.wasm`, `services/${service.name}.elf`];
  });
}

if (process.argv[1]?.endsWith("scripts/services.ts")) {
  try {
    process.stdout.write(
      buildServices()
        .map((path) => `build/${path}\n`)
        .join(""),
    );
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`services: ${error.message}\n`);
    process.exitCode = 1;
  }
}
