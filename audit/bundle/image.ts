// Signatures of bootable images and boot packs: beside FILE lies FILE.dsse.json, an in-toto
// statement in a DSSE envelope, made with the key of the bundle's kind (Ed25519, offline).

import { createPublicKey } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { jsonText } from "../evidence/text.ts";
import { sha256 } from "../trace/source.ts";
import { type Envelope, fingerprint, open, privateKey, publicPem, seal } from "./sign.ts";

/** A piece of an image that has a name, as boot/xenolith.pack has in an ISO. */
export interface Part {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

interface SignedPart extends Part {
  readonly sha256: string;
}

interface Statement {
  readonly subject: readonly { readonly name: string; readonly digest: { sha256: string } }[];
  readonly predicateType: string;
  readonly predicate: {
    readonly bytes: number;
    readonly parts: readonly SignedPart[];
    /** sha256 of the hypervisor that starts the image. */
    readonly hypervisor: string;
  };
}

const STATEMENT = "https://in-toto.io/Statement/v1";
const PREDICATE = "urn:xenolith:image:1";

/** Where the signature of a file is. */
export const signatureOf = (file: string): string => `${file}.dsse.json`;

const slice = (bytes: Uint8Array, { offset, bytes: length }: Part): Uint8Array =>
  bytes.subarray(offset, offset + length);

/**
 * Signs an image or a boot pack.
 * @param key PEM file of the private key; made, with its public half beside it, where there is none
 * @param hypervisor sha256 of the image of the hypervisor
 * @returns the fingerprint of the key
 */
export function signImage(
  file: string,
  key: string,
  hypervisor: string,
  parts: readonly Part[] = [],
): string {
  const bytes = readFileSync(file);
  const own = privateKey(key);
  const signed = parts.map((part) => ({ ...part, sha256: sha256(slice(bytes, part)) }));
  const statement = {
    _type: STATEMENT,
    subject: [{ name: basename(file), digest: { sha256: sha256(bytes) } }],
    predicateType: PREDICATE,
    predicate: { bytes: bytes.length, parts: signed, hypervisor },
  };
  writeFileSync(signatureOf(file), jsonText(seal(jsonText(statement), own)));
  return fingerprint(publicPem(own));
}

/** The statement about a file, or what is wrong with its signature. */
function statementOf(file: string, trusted: string): Statement | string {
  const path = signatureOf(file);
  try {
    const text = readFileSync(path, "utf8");
    const envelope = JSON.parse(text) as Envelope;
    if (jsonText(envelope) !== text) return `${path}: not as it was written`;
    const keyid = sha256(createPublicKey(trusted).export({ type: "spki", format: "der" }));
    const [first] = envelope.signatures;
    if (first !== undefined && first.keyid !== keyid && /^[0-9a-f]{64}$/.test(first.keyid)) {
      const advice = `the key that is trusted is ${fingerprint(trusted)}; name another with --key`;
      return `${path}: not signed by the key that is trusted; ${advice}`;
    }
    const statement = JSON.parse(open(envelope, trusted)) as Statement;
    if (statement.predicateType === PREDICATE) return statement;
    return `${path}: it signs something else than an image`;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\n.*/s, "") : "unreadable";
    return `${path}: ${reason}`;
  }
}

/** Where an image that is not the signed one differs, as far as its parts tell. */
function difference(bytes: Uint8Array, { bytes: size, parts }: Statement["predicate"]): string {
  if (bytes.length !== size) return `it has ${bytes.length} bytes, ${size} were signed`;
  const changed = parts.filter((part) => sha256(slice(bytes, part)) !== part.sha256);
  if (changed.length > 0) return `${changed.map(({ name }) => name).join(" and ")} changed`;
  return parts.length > 0 ? "its boot loader or file system changed" : "its bytes changed";
}

/** A file that has no signature, and what can be done. */
export const unsigned = (file: string): string =>
  `${file}: it is not signed (${signatureOf(file)} is missing)`;

/**
 * What is wrong with a file that shall be started; empty: it is what the key signed.
 * @param trusted PEM of the public key
 * @param hypervisor of the hypervisor that will start it, if that is not part of it
 */
export function verifyImage(file: string, trusted: string, hypervisor?: string): string[] {
  if (!existsSync(signatureOf(file))) return [unsigned(file)];
  const statement = statementOf(file, trusted);
  if (typeof statement === "string") return [statement];
  const bytes = readFileSync(file);
  const { subject, predicate } = statement;
  if (subject[0]?.digest.sha256 !== sha256(bytes)) {
    return [`${file}: not what was signed: ${difference(bytes, predicate)}`];
  }
  if (hypervisor === undefined || predicate.hypervisor === hypervisor) return [];
  return [`${file}: signed for another build of the hypervisor; build it again`];
}
