// The service domains that the build makes, and where it puts them. Apart from services.ts, so that
// a command that only reads them loads no compiler.

import { join } from "node:path";
import { folder } from "./artefacts.ts";

export interface Service {
  readonly name: string;
  /** Bytes of linear memory: a multiple of 64 KiB. */
  readonly linearBytes: number;
  /** Where its data begins, if something else lies before it (the loader's areas). */
  readonly memoryBase?: number;
  /** What its domain is given: a multiple of 2 MiB, with room for the image (below 1.25 MiB), for
   *  linear memory, and for 64 KiB of what comes with it. */
  readonly memoryMib: number;
}

const KIB = 1024;

/** Every service; its entry module is disaggregation/domains/NAME/main.ts. */
export const services: readonly Service[] = [
  { name: "xenstore", linearBytes: 7680 * KIB, memoryMib: 10 },
  { name: "console", linearBytes: 1280 * KIB, memoryMib: 4 },
  { name: "block", linearBytes: 512 * KIB, memoryMib: 2 },
  { name: "network", linearBytes: 1024 * KIB, memoryMib: 4 },
  { name: "builder", linearBytes: 512 * KIB, memoryBase: 32 * KIB, memoryMib: 2 },
  { name: "toolstack", linearBytes: 1024 * KIB, memoryMib: 4 },
  { name: "keeper", linearBytes: 64 * KIB, memoryMib: 2 },
];

/** Path of what the build makes of a service. */
export function servicePath(name: string, kind: "wasm" | "elf"): string {
  return join(folder, "services", `${name}.${kind}`);
}
