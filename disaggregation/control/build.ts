// Creating a domain on a running system: contents that the builder lacks are streamed to it, it
// makes the domain, and xenstore and the consoles are told before it starts.

import { createHash } from "node:crypto";
import { storeConfiguration } from "../appliance/store-nodes.ts";
import { type ControlClient, Refusal } from "./client.ts";
import { destroyDomain, storeIntroduce, storeWrite } from "./requests.ts";
import * as wire from "./wire.ts";

/** A guest as the builder is asked for it. */
export interface GuestRequest {
  readonly name: string;
  /** As an ELF file. */
  readonly kernel: Uint8Array;
  readonly ramdisk: Uint8Array | undefined;
  readonly commandLine: string;
  /** Multiples of 2 MiB. */
  readonly memoryMib: number;
  readonly mostMemoryMib: number;
  readonly vcpus: number;
  readonly weight: number;
  readonly xsave: boolean;
  /** A label of the policy in force; empty for the usual one. */
  readonly label: string;
}

export interface CreatedDomain {
  readonly domain: number;
  readonly storePort: number;
  readonly consolePort: number;
}

export interface CreateSteps {
  /** Told of contents that have to be streamed. */
  readonly onStream?: (what: string, sent: number, bytes: number) => void;
  /** Keys of devices and the like, written before the domain is started. */
  readonly beforeStart?: (domain: number) => Promise<void>;
  readonly paused?: boolean;
}

const ENOENT = -2;
/** Bytes of one DATA request: with the request's header it fits the page to the builder. */
const PART_BYTES = 2048;

const hashOf = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

/** Has the builder a file with this hash? */
async function isThere(client: ControlClient, hash: Uint8Array): Promise<boolean> {
  try {
    await client.request(wire.OPERATION_HAVE, 0, hash);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.result === ENOENT) return false;
    throw error;
  }
}

/** Makes sure that the builder has a file's bytes. True: they had to be streamed. */
export async function ensureContent(
  client: ControlClient,
  bytes: Uint8Array,
  onSent: (sent: number) => void = () => {},
): Promise<boolean> {
  const hash = hashOf(bytes);
  if (await isThere(client, hash)) return false;
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(bytes.length));
  await client.request(wire.OPERATION_OFFER, 0, Buffer.concat([hash, size]));
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    await client.request(wire.OPERATION_DATA, 0, bytes.subarray(at, at + PART_BYTES));
    onSent(Math.min(at + PART_BYTES, bytes.length));
  }
  return true;
}

function createData(guest: GuestRequest): Buffer {
  const label = Buffer.from(guest.label, "latin1");
  const fixed = Buffer.alloc(wire.CREATE_TEXTS);
  fixed.write(guest.name, wire.CREATE_NAME, wire.CREATE_NAME_BYTES - 1, "latin1");
  fixed.writeUInt32LE(guest.vcpus, wire.CREATE_VCPUS);
  fixed.writeUInt32LE(guest.memoryMib, wire.CREATE_MEMORY_MIB);
  fixed.writeUInt32LE(guest.mostMemoryMib, wire.CREATE_MOST_MIB);
  fixed.writeUInt32LE(guest.weight, wire.CREATE_WEIGHT);
  fixed.writeUInt32LE(guest.xsave ? wire.CREATE_FLAG_XSAVE : 0, wire.CREATE_FLAGS);
  fixed.writeUInt32LE(label.length, wire.CREATE_LABEL_BYTES);
  fixed.set(hashOf(guest.kernel), wire.CREATE_KERNEL);
  if (guest.ramdisk !== undefined) fixed.set(hashOf(guest.ramdisk), wire.CREATE_RAMDISK);
  return Buffer.concat([fixed, label, Buffer.from(guest.commandLine, "latin1")]);
}

/** Makes the domain, which does not run yet. */
export async function makeDomain(
  client: ControlClient,
  guest: GuestRequest,
): Promise<CreatedDomain> {
  const answer = await client.request(wire.OPERATION_CREATE, 0, createData(guest));
  return {
    domain: answer.readUInt32LE(0),
    storePort: answer.readUInt32LE(4),
    consolePort: answer.readUInt32LE(8),
  };
}

export const startDomain = (client: ControlClient, domain: number): Promise<Buffer> =>
  client.request(wire.OPERATION_START, domain);

/** Writes a domain's own part of xenstore, as the image builder has it for those of the start. */
async function writeNodes(
  client: ControlClient,
  guest: GuestRequest,
  { domain, storePort }: CreatedDomain,
): Promise<void> {
  const ports = { store: undefined, console: undefined };
  const { name, memoryMib, vcpus } = guest;
  const text = storeConfiguration([
    { domain, name, memoryMib, vcpus, isService: false, isPrivileged: false, ports, devices: [] },
  ]);
  const home = `/local/domain/${domain}`;
  for (const line of text.split("\n")) {
    const [kind, path = "", permissions = "", ...value] = line.split(" ");
    if (kind !== "node" || !`${path}/`.startsWith(`${home}/`)) continue;
    await storeWrite(client, path, value.join(" "), permissions.split(","));
  }
  await storeIntroduce(client, domain, storePort);
}

/** Tells the console service of a domain. */
async function addConsole(
  client: ControlClient,
  name: string,
  { domain, consolePort }: CreatedDomain,
): Promise<void> {
  const port = Buffer.alloc(4);
  port.writeUInt32LE(consolePort);
  const data = Buffer.concat([port, Buffer.from(name, "latin1")]);
  await client.request(wire.OPERATION_ADD_CONSOLE, domain, data);
}

/** Creates a guest and starts it. What fails half way is destroyed. Throws Refusal or Problem. */
export async function createGuest(
  client: ControlClient,
  guest: GuestRequest,
  steps: CreateSteps = {},
): Promise<CreatedDomain> {
  const { onStream = () => {}, beforeStart = async () => {}, paused = false } = steps;
  const { kernel, ramdisk } = guest;
  await ensureContent(client, kernel, (sent) => onStream("kernel", sent, kernel.length));
  if (ramdisk !== undefined) {
    await ensureContent(client, ramdisk, (sent) => onStream("ramdisk", sent, ramdisk.length));
  }
  const created = await makeDomain(client, guest);
  try {
    if (created.storePort !== 0) await writeNodes(client, guest, created);
    if (created.consolePort !== 0) await addConsole(client, guest.name, created);
    await beforeStart(created.domain);
    if (!paused) await startDomain(client, created.domain);
  } catch (error) {
    await destroyDomain(client, created.domain);
    throw error;
  }
  return created;
}
