// A guest's disks and network interfaces, as its file names them in the syntax of
// xl-disk-configuration(5) and xl-network-configuration(5), as far as our back ends serve them.

import { dirname, resolve } from "node:path";
import { problemHere, type Settings } from "./config-syntax.ts";
import { didYouMean, type Placed, texts } from "./config-values.ts";

/** A disk: a file that comes with the block service, or zeroed memory of so many MiB. */
export interface DiskConfig {
  readonly target: Placed<string> | { readonly scratchMib: number };
  /** xvda, and its number in xenstore. */
  readonly device: string;
  readonly number: number;
  readonly writable: boolean;
}

export interface InterfaceConfig {
  readonly mac: string;
  /** Group of the switch whose members hear each other. */
  readonly bridge: string;
  /** The only IPv4 addresses that it may speak from. */
  readonly addresses: readonly string[];
}

export interface Devices {
  readonly disks: readonly DiskConfig[];
  readonly interfaces: readonly InterfaceConfig[];
}

const DISK_ORDER = ["target", "format", "vdev", "access"] as const;
const diskKeys = new Set<string>(DISK_ORDER);
const interfaceKeys = new Set(["mac", "bridge", "ip"]);
const MOST_SCRATCH_MIB = 4096;
const USUAL_BRIDGE = "xenbr0";
/** Xen's own range of addresses, which xl draws from too. */
const MAC_PREFIX = "00:16:3e";

/** "a, b=c" as words with and without a key. */
function parts(written: Placed<string>, order: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  let position = 0;
  for (const part of written.value.split(",").map((text) => text.trim())) {
    const sign = part.indexOf("=");
    const key = sign < 0 ? order[position++] : part.slice(0, sign).trim();
    const value = sign < 0 ? part : part.slice(sign + 1).trim();
    if (key === undefined) throw problemHere(written, `what is "${part}"? Write KEY=VALUE`);
    if (found.has(key)) throw problemHere(written, `${key} is given twice`);
    if (value !== "") found.set(key, value);
  }
  return found;
}

function checkKeys(written: Placed<string>, found: Map<string, string>, known: Set<string>): void {
  for (const key of found.keys()) {
    if (known.has(key)) continue;
    const hint = didYouMean(key, known);
    throw problemHere(written, `the key ${key} is not supported${hint}`);
  }
}

/** Xen's number of a disk (docs/man/xen-vbd-interface.7). */
function diskNumber(written: Placed<string>, device: string): number {
  const found = /^xvd([a-z])([1-9]|1[0-5])?$/.exec(device);
  if (found === null) {
    throw problemHere(written, `vdev is xvda to xvdz, or a partition of one, not "${device}"`);
  }
  const disk = found[1]!.charCodeAt(0) - "a".charCodeAt(0);
  const partition = Number(found[2] ?? 0);
  return disk < 16 ? 202 * 256 + disk * 16 + partition : 2 ** 28 + disk * 256 + partition;
}

function diskTarget(written: Placed<string>, target: string | undefined, file: string) {
  if (target === undefined) throw problemHere(written, "the disk has no target");
  const scratch = /^scratch:([1-9][0-9]*)$/.exec(target);
  if (scratch === null) return { ...written, value: resolve(dirname(file), target) };
  const scratchMib = Number(scratch[1]);
  if (scratchMib <= MOST_SCRATCH_MIB) return { scratchMib };
  throw problemHere(written, `a scratch disk has at most ${MOST_SCRATCH_MIB} MiB`);
}

function parseDisk(written: Placed<string>, file: string): DiskConfig {
  const found = parts(written, DISK_ORDER);
  checkKeys(written, found, diskKeys);
  const format = found.get("format") ?? "raw";
  if (format !== "raw") throw problemHere(written, `format is raw, not "${format}"`);
  const access = found.get("access") ?? "rw";
  if (!["r", "ro", "w", "rw"].includes(access)) {
    throw problemHere(written, `access is r, ro, w or rw, not "${access}"`);
  }
  const device = found.get("vdev") ?? "";
  return {
    target: diskTarget(written, found.get("target"), file),
    device,
    number: diskNumber(written, device),
    writable: access.includes("w"),
  };
}

/** An address that is the same at every build: from the guest's name and the interface's number. */
function usualMac(name: string, index: number): string {
  let hash = 0x811c9dc5;
  for (const letter of `${name} ${index}`) {
    hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  }
  const bytes = [hash >>> 16, hash >>> 8, hash].map((byte) => byte & 0xff);
  return [MAC_PREFIX, ...bytes.map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

function parseInterface(written: Placed<string>, name: string, index: number): InterfaceConfig {
  const found = parts(written, []);
  checkKeys(written, found, interfaceKeys);
  const mac = (found.get("mac") ?? usualMac(name, index)).toLowerCase();
  if (!/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(mac)) {
    throw problemHere(written, `mac is six bytes of one station, not "${mac}"`);
  }
  const bridge = found.get("bridge") ?? USUAL_BRIDGE;
  if (!/^[A-Za-z0-9_-]{1,15}$/.test(bridge)) {
    throw problemHere(written, `bridge is a name of at most 15 letters, not "${bridge}"`);
  }
  const addresses = (found.get("ip") ?? "").split(/\s+/).filter((address) => address !== "");
  const wrong = addresses.find((address) => !/^\d{1,3}(\.\d{1,3}){3}$/.test(address));
  if (wrong !== undefined) throw problemHere(written, `"${wrong}" is no IPv4 address`);
  return { mac, bridge, addresses };
}

/** Reads `disk` and `vif`. Throws a Problem. */
export function readDevices(settings: Settings, name: string, file: string): Devices {
  const disks = (texts(settings, "disk") ?? []).map((written) => parseDisk(written, file));
  const vifs = texts(settings, "vif") ?? [];
  const twice = disks.find(({ number }, index) => {
    return disks.findIndex((other) => other.number === number) !== index;
  });
  if (twice !== undefined) {
    throw problemHere(settings.get("disk")!, `two disks are called ${twice.device}`);
  }
  return {
    disks,
    interfaces: vifs.map((written, index) => parseInterface(written, name, index)),
  };
}
