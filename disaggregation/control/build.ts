// Creating a domain on a running system: contents that the builder lacks are streamed to it, and
// the toolstack is given the recipe by which it makes the domain.

import { createHash } from "node:crypto";
import { type ControlClient, Refusal } from "./client.ts";
import { type GuestRecipe, recipeText } from "./recipe.ts";
import * as wire from "./wire.ts";

/** A file of a guest. */
export interface Content {
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** Makes what the builder's store wants of it, where that is not the file itself: an ELF file of
   *  a bzImage. What came with the builder is found under the file's own hash as well. */
  readonly unpack?: () => Promise<Uint8Array>;
}

/** A guest, with its files. */
export type GuestRequest = Omit<GuestRecipe, "kernel" | "ramdisk"> & {
  readonly kernel: Content;
  readonly ramdisk: Content | undefined;
};

export interface CreatedDomain {
  readonly domain: number;
  readonly storePort: number;
  readonly consolePort: number;
}

export interface CreateSteps {
  /** Told of contents that have to be streamed. */
  readonly onStream?: (what: string, sent: number, bytes: number) => void;
  readonly paused?: boolean;
  /** How long the making may take. */
  readonly milliseconds?: number;
}

const ENOENT = -2;
/** Bytes of one DATA request: with the request's header it fits the page to the builder. */
const PART_BYTES = 2048;
/** Bytes of one RECIPE request. */
const TEXT_PART_BYTES = 2048;
/** A large domain on a machine that has much else to do. */
const CREATE_MILLISECONDS = 300_000;

const hashOf = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

/** Has the builder a file with this hash? */
async function isThere(client: ControlClient, hash: Uint8Array): Promise<boolean> {
  try {
    await client.read(wire.OPERATION_HAVE, 0, hash);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.result === ENOENT) return false;
    throw error;
  }
}

async function stream(
  client: ControlClient,
  bytes: Uint8Array,
  hash: Uint8Array,
  onSent: (sent: number, bytes: number) => void,
): Promise<void> {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(bytes.length));
  await client.request(wire.OPERATION_OFFER, 0, Buffer.concat([hash, size]));
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    await client.request(wire.OPERATION_DATA, 0, bytes.subarray(at, at + PART_BYTES));
    onSent(Math.min(at + PART_BYTES, bytes.length), bytes.length);
  }
}

/** Makes sure that the builder has a file; the hash that it has it under. */
export async function ensureContent(
  client: ControlClient,
  content: Content,
  onSent: (sent: number, bytes: number) => void = () => {},
): Promise<Uint8Array> {
  const given = hashOf(content.bytes);
  if (await isThere(client, given)) return given;
  const bytes = (await content.unpack?.()) ?? content.bytes;
  const hash = bytes === content.bytes ? given : hashOf(bytes);
  if (hash !== given && (await isThere(client, hash))) return hash;
  await stream(client, bytes, hash, onSent);
  return hash;
}

/** Has the toolstack make a domain by a recipe. Throws a Refusal: nothing is left of it then. */
export async function makeDomain(
  client: ControlClient,
  recipe: GuestRecipe,
  { paused = false, milliseconds = CREATE_MILLISECONDS }: CreateSteps = {},
): Promise<CreatedDomain> {
  const text = Buffer.from(recipeText(recipe), "latin1");
  for (let at = 0; at < text.length; at += TEXT_PART_BYTES) {
    await client.request(wire.OPERATION_RECIPE, at, text.subarray(at, at + TEXT_PART_BYTES));
  }
  const flags = paused ? wire.CREATE_PAUSED : 0;
  const answer = await client.request(wire.OPERATION_CREATE, flags, new Uint8Array(), milliseconds);
  return {
    domain: answer.readUInt32LE(0),
    storePort: answer.readUInt32LE(4),
    consolePort: answer.readUInt32LE(8),
  };
}

export const startDomain = (client: ControlClient, domain: number): Promise<Buffer> =>
  client.request(wire.OPERATION_START, domain);

/** Creates a guest and starts it. Throws Refusal or Problem. */
export async function createGuest(
  client: ControlClient,
  guest: GuestRequest,
  steps: CreateSteps = {},
): Promise<CreatedDomain> {
  const { onStream = () => {} } = steps;
  const ensure = (what: string, content: Content): Promise<Uint8Array> =>
    ensureContent(client, content, (sent, bytes) => onStream(what, sent, bytes));
  const kernel = await ensure("kernel", guest.kernel);
  const ramdisk = guest.ramdisk && (await ensure("ramdisk", guest.ramdisk));
  return makeDomain(client, { ...guest, kernel, ramdisk }, steps);
}
