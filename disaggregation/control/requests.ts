// What a client can ask for, typed.

import { type ControlClient, Refusal } from "./client.ts";
import * as wire from "./wire.ts";

const domainStates = ["free", "building", "running", "paused", "shutdown", "dying"] as const;
export type DomainState = (typeof domainStates)[number];

export interface DomainInfo {
  readonly domain: number;
  readonly name: string;
  readonly state: DomainState;
  /** Xen's SHUTDOWN_ number, of a domain that has ended. */
  readonly shutdownReason: number;
  /** Number of its label in the policy's table. */
  readonly label: number;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly mostMemoryMib: number;
  /** Time that its vCPUs ran. */
  readonly cpuSeconds: number;
  readonly weight: number;
  /** Times that the policy refused it something. */
  readonly denials: number;
}

export interface VcpuInfo {
  readonly vcpu: number;
  readonly state: "free" | "offline" | "runnable" | "blocked" | "halted";
  /** It has the CPU now. */
  readonly running: boolean;
  readonly runningSeconds: number;
  readonly waitingSeconds: number;
  readonly blockedSeconds: number;
}

export interface SystemInfo {
  readonly uptimeSeconds: number;
  /** Xen's version whose interfaces guests are offered. */
  readonly xenVersion: string;
}

const vcpuStates = ["free", "offline", "runnable", "blocked", "halted"] as const;
const FRAMES_A_MIB = 256;
const RUNSTATE_RUNNING = 0;
const seconds = (nanoseconds: bigint): number => Number(nanoseconds) / 1e9;

function* rows(data: Buffer, bytes: number): Generator<Buffer> {
  for (let at = 0; at + bytes <= data.length; at += bytes) yield data.subarray(at, at + bytes);
}

/** A row of the answer to LIST: words a to g of command 22 (docs/boot-pack.md). */
function domainInfo(row: Buffer): DomainInfo {
  return {
    domain: row.readUInt32LE(0),
    name: row.subarray(40, 64).toString("latin1").split("\0")[0]!,
    state: domainStates[row.readUInt8(8)] ?? "free",
    shutdownReason: row.readUInt8(9),
    label: row.readUInt8(10),
    vcpus: row.readUInt8(11),
    memoryMib: row.readUInt32LE(12) / FRAMES_A_MIB,
    mostMemoryMib: row.readUInt32LE(24) / FRAMES_A_MIB,
    cpuSeconds: seconds(row.readBigUInt64LE(16)),
    weight: row.readUInt32LE(28),
    denials: Number(row.readBigUInt64LE(32)),
  };
}

/** The domains that the toolstack may know of. */
export async function listDomains(client: ControlClient): Promise<DomainInfo[]> {
  const data = await client.read(wire.OPERATION_LIST);
  return [...rows(data, wire.DOMAIN_ROW_BYTES)].map(domainInfo);
}

function vcpuInfo(row: Buffer): VcpuInfo {
  return {
    vcpu: row.readUInt32LE(0),
    state: vcpuStates[row.readUInt8(8)] ?? "free",
    running: row.readUInt8(9) === RUNSTATE_RUNNING,
    runningSeconds: seconds(row.readBigUInt64LE(16)),
    waitingSeconds: seconds(row.readBigUInt64LE(24)),
    blockedSeconds: seconds(row.readBigUInt64LE(32)),
  };
}

export async function listVcpus(client: ControlClient, domain: number): Promise<VcpuInfo[]> {
  const data = await client.read(wire.OPERATION_VCPUS, domain);
  return [...rows(data, wire.VCPU_ROW_BYTES)].map(vcpuInfo);
}

export async function systemInfo(client: ControlClient): Promise<SystemInfo> {
  const data = await client.read(wire.OPERATION_SYSTEM);
  const version = data.readUInt32LE(8);
  return {
    uptimeSeconds: seconds(data.readBigUInt64LE(0)),
    xenVersion: `${version >>> 16}.${version & 0xffff}`,
  };
}

export const pauseDomain = (client: ControlClient, domain: number): Promise<Buffer> =>
  client.request(wire.OPERATION_PAUSE, domain);
export const unpauseDomain = (client: ControlClient, domain: number): Promise<Buffer> =>
  client.request(wire.OPERATION_UNPAUSE, domain);
/** Ends the toolstack: the machine goes off when the last guest has ended. */
export const endSystem = (client: ControlClient): Promise<Buffer> =>
  client.request(wire.OPERATION_END);
export const destroyDomain = (client: ControlClient, domain: number): Promise<Buffer> =>
  client.request(wire.OPERATION_DESTROY, domain);

// ---- xenstore -----------------------------------------------------------------------------------

const storeType = {
  directory: 1,
  read: 2,
  getPermissions: 3,
  introduce: 8,
  write: 11,
  remove: 13,
  setPermissions: 14,
} as const;

/** The text of a request: each word with a NUL behind it. */
const words = (...texts: readonly string[]): Buffer =>
  Buffer.from(texts.map((text) => `${text}\0`).join(""), "latin1");

function askStore(client: ControlClient, type: number, body: Buffer): Promise<Buffer> {
  return client.request(wire.OPERATION_STORE, type, body);
}

function readStore(client: ControlClient, type: number, path: string): Promise<Buffer> {
  return client.read(wire.OPERATION_STORE, type, words(path));
}

const isMissing = (error: unknown): boolean =>
  error instanceof Refusal && error.detail === "ENOENT";

/** The names below a node; undefined: there is no such node. */
export async function storeDirectory(
  client: ControlClient,
  path: string,
): Promise<string[] | undefined> {
  try {
    const body = await readStore(client, storeType.directory, path);
    const names = body.toString("latin1").split("\0");
    return names.filter((name) => name !== "");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A node's value; undefined: there is no such node. */
export async function storeRead(client: ControlClient, path: string): Promise<string | undefined> {
  try {
    return (await readStore(client, storeType.read, path)).toString("latin1");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Writes a node; `permissions` as xenstore writes them: n1, r2 (the owner's first). */
export async function storeWrite(
  client: ControlClient,
  path: string,
  value: string,
  permissions: readonly string[] = [],
): Promise<void> {
  const body = Buffer.concat([words(path), Buffer.from(value, "latin1")]);
  await askStore(client, storeType.write, body);
  if (permissions.length === 0) return;
  await askStore(client, storeType.setPermissions, words(path, ...permissions));
}

/** Tells xenstore of a domain that offers it a port and a ring. */
export async function storeIntroduce(
  client: ControlClient,
  domain: number,
  port: number,
): Promise<void> {
  await askStore(client, storeType.introduce, words(String(domain), "0", String(port)));
}

/** Asks a guest to shut down, as xl does. */
export async function requestShutdown(
  client: ControlClient,
  domain: number,
  reason: "poweroff" | "reboot",
): Promise<void> {
  await storeWrite(client, `/local/domain/${domain}/control/shutdown`, reason);
}

// ---- consoles -----------------------------------------------------------------------------------

export const attachConsole = (client: ControlClient, domain: number): Promise<Buffer> =>
  client.request(wire.OPERATION_ATTACH, domain);
export const detachConsole = (client: ControlClient): Promise<Buffer> =>
  client.request(wire.OPERATION_DETACH);
export const typeAtConsole = (client: ControlClient, text: Uint8Array): Promise<Buffer> =>
  client.request(wire.OPERATION_INPUT, 0, text);
