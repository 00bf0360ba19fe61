// Ports of a switch for tests: addresses, and front ends that are attached and have buffers.

import { compiledService } from "../support/compiled.ts";
import { NetworkFront } from "../support/network-front.ts";
import { System } from "../support/system.ts";

const wasm = compiledService("network");

/** The own address of each port. */
export const MAC = [
  "00:16:3e:00:00:05",
  "00:16:3e:00:00:06",
  "00:16:3e:00:00:07",
  "00:16:3e:00:00:08",
] as const;
export const EVERYBODY = "ff:ff:ff:ff:ff:ff";

export interface PortOptions {
  readonly keys?: Readonly<Record<string, string>>;
  readonly features?: Readonly<Record<string, string>>;
  readonly buffers?: number;
}

export const newSystem = (config = ""): System => {
  return new System(wasm, { config, spareBytes: 64 * 1024 });
};

/** Attaches port `index` (of domain 5 + index, address MAC[index]). */
export function addPort(system: System, index: number, options: PortOptions = {}): NetworkFront {
  const front = new NetworkFront(system, system.addDomain(5 + index));
  Object.assign(front.features, options.features);
  front.create({ mac: MAC[index]!, ...options.keys });
  front.connect();
  front.post(options.buffers ?? 64);
  return front;
}
