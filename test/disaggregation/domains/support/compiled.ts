// The services as the build makes them, compiled for tests: once for each state of their sources.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { folder, root } from "../../../../scripts/artefacts.ts";
import { services } from "../../../../scripts/service-table.ts";
import { compileService } from "../../../../scripts/services.ts";
import { engine, type WasmModule } from "../../../../tcb/machine/sim/engine.ts";

/** A name for what the sources in some folders say now. */
function stateOf(folders: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of folders) {
    for (const name of readdirSync(join(root, path)).filter((file) => file.endsWith(".ts"))) {
      hash.update(name).update(readFileSync(join(root, path, name)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** Names the file of another build of a service, with a mistake in it, that is tested instead. */
export const plantedVariable = (name: string): string => `XENOLITH_PLANTED_${name.toUpperCase()}`;

/** The bytes of a service by name. */
export function serviceBytes(name: string): Uint8Array {
  const planted = process.env[plantedVariable(name)];
  if (planted !== undefined) return readFileSync(planted);
  const service = services.find((candidate) => candidate.name === name);
  if (service === undefined) throw new RangeError(`no service ${name}`);
  const shared = ["runtime", "control", "loader"].map((room) => `disaggregation/${room}`);
  const state = stateOf([`disaggregation/domains/${name}`, ...shared]);
  const cache = join(folder, "services", "tested");
  const wasm = join(cache, `${name}-${state}.wasm`);
  if (!existsSync(wasm)) {
    mkdirSync(cache, { recursive: true });
    const unfinished = join(cache, `${name}-${process.pid}.wasm`);
    compileService(service, unfinished);
    renameSync(unfinished, wasm);
  }
  return readFileSync(wasm);
}

/** The module of a service by name. */
export function compiledService(name: string): WasmModule {
  return new engine.Module(serviceBytes(name));
}
