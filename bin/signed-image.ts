// Images and boot packs are signed when they are built and verified before they are started.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Part, signImage, unsigned, verifyImage } from "../audit/bundle/image.ts";
import { trustedKey } from "../audit/bundle/sign.ts";
import { Problem } from "../disaggregation/appliance/problem.ts";
import { hypervisorImage } from "./artefacts.ts";

/** The key that signs, and is trusted, where none is named: this machine's own. */
const OWN_KEY = join(fileURLToPath(new URL("../build", import.meta.url)), "image-key.pem");

const hashOf = (file: string): string =>
  createHash("sha256").update(readFileSync(file)).digest("hex");

/** Where a file lies in an image, under the name that it has there. */
function partOf(image: Buffer, name: string, content: Uint8Array): Part[] {
  const offset = image.indexOf(content);
  return offset < 0 ? [] : [{ name, offset, bytes: content.length }];
}

/** Signs a bootable image that holds a pack. Gives the fingerprint of the key. */
export function signIso(file: string, pack: Uint8Array, key = OWN_KEY): string {
  const image = readFileSync(file);
  const elf = hypervisorImage();
  const parts = [
    ...partOf(image, "boot/xenolith.elf", readFileSync(elf)),
    ...partOf(image, "boot/xenolith.pack", pack),
  ];
  return signImage(file, key, hashOf(elf), parts);
}

/** Signs a boot pack. Gives the fingerprint of the key. */
export const signPack = (file: string, key = OWN_KEY): string =>
  signImage(file, key, hashOf(hypervisorImage()));

export interface Trust {
  /** PEM file of the key that must have signed. */
  readonly key?: string;
  /** Started whoever made it: the user answers for that. */
  readonly unsigned?: boolean;
}

function keyOf(file: string, { key }: Trust): string {
  const advice = `"xenolith build" signs, --key PUBLIC.pem names whom to trust, --unsigned trusts all`;
  if (key === undefined && !existsSync(OWN_KEY)) {
    throw new Problem(`${file}: no key is trusted on this machine yet; ${advice}`);
  }
  try {
    return trustedKey(key ?? OWN_KEY);
  } catch {
    throw new Problem(`${key ?? OWN_KEY}: no key can be read there; a PEM file is wanted`);
  }
}

/** Throws a Problem unless a file is what a trusted key signed. `isPack`: the hypervisor that
 *  starts it is the one in build/, and must be the one that it was signed for. */
export function demandSignature(file: string, isPack: boolean, trust: Trust): void {
  if (trust.unsigned === true) {
    process.stderr.write(`${file}: started without a look at its signature (--unsigned)\n`);
    return;
  }
  const elf = isPack ? hashOf(hypervisorImage()) : undefined;
  const [problem] = verifyImage(file, keyOf(file, trust), elf);
  if (problem === undefined) return;
  const advice =
    problem === unsigned(file) ? '; "xenolith build" signs, --unsigned starts it all the same' : "";
  throw new Problem(`${problem}${advice}`);
}
