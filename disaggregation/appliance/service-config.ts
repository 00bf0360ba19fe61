// A service's part of an appliance: what its file (type = "service") says beside a guest's keys.

import { dirname, resolve } from "node:path";
import { problemHere, type Settings } from "./config-syntax.ts";
import { didYouMean, type Placed, text, texts } from "./config-values.ts";
import { Problem } from "./problem.ts";

/** Services that there are, in the order in which their domains are numbered, and the type that
 *  the shipped policy has for each. */
export const serviceTypes = {
  xenstore: "xenstore_t",
  console: "console_t",
  block: "block_driver_t",
  network: "network_driver_t",
  builder: "builder_t",
  toolstack: "toolstack_t",
  keeper: "keeper_t",
} as const;
export type ServiceName = keyof typeof serviceTypes;
export const serviceNames = Object.keys(serviceTypes) as ServiceName[];

/** I/O ports, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export interface ServiceConfig {
  readonly service: ServiceName;
  /** A file whose lines follow the generated configuration; absolute path. */
  readonly config: Placed<string> | undefined;
  /** Files that come with it, each at a page of its own; absolute paths. */
  readonly files: readonly Placed<string>[];
  readonly ports: readonly PortRange[];
}

/** Keys of a service's file; all others are a guest's. */
export const serviceKeys: ReadonlySet<string> = new Set([
  "name",
  "type",
  "service",
  "memory",
  "seclabel",
  "cpu_weight",
  "config",
  "files",
  "ioports",
]);
const MOST_PORT = 0xffff;
/** Ports that one command of the boot pack gives. */
const MOST_PORTS = 64;

/** As xl writes them: hexadecimal, "2f8" or "2f8-2ff". */
function portRange(written: Placed<string>): PortRange {
  const found = /^([0-9a-f]{1,4})(?:-([0-9a-f]{1,4}))?$/i.exec(written.value);
  const first = Number.parseInt(found?.[1] ?? "", 16);
  const last = Number.parseInt(found?.[2] ?? found?.[1] ?? "", 16);
  if (first <= last && last <= MOST_PORT && last - first < MOST_PORTS) return { first, last };
  const form = `hexadecimal, "3f8" or "3f8-3ff", at most ${MOST_PORTS} ports`;
  throw problemHere(written, `ioports are ${form}, not "${written.value}"`);
}

/** Reads the keys of a service. Throws a Problem. */
export function readServiceConfig(settings: Settings, file: string): ServiceConfig {
  for (const setting of settings.values()) {
    if (serviceKeys.has(setting.name)) continue;
    const hint = didYouMean(setting.name, serviceKeys);
    throw problemHere(setting, `a service has no key "${setting.name}"${hint}`);
  }
  const service = text(settings, "service");
  if (service === undefined) throw new Problem(`${file}: service is missing (its name)`);
  const known = serviceNames.find((name) => name === service.value);
  if (known === undefined) {
    const hint = didYouMean(service.value, serviceNames);
    throw problemHere(service, `there is no service "${service.value}"${hint}`);
  }
  const absolute = (path: Placed<string>): Placed<string> => {
    return { ...path, value: resolve(dirname(file), path.value) };
  };
  const config = text(settings, "config");
  return {
    service: known,
    config: config && absolute(config),
    files: (texts(settings, "files") ?? []).map(absolute),
    ports: (texts(settings, "ioports") ?? []).map(portRange),
  };
}
