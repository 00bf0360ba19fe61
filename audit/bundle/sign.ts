// Signatures: a DSSE envelope around an in-toto statement, Ed25519, offline.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { sha256 } from "../trace/source.ts";

export const PAYLOAD_TYPE = "application/vnd.in-toto+json";

export interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** What DSSE signs: type and payload with their lengths (pre-authentication encoding). */
function encoded(payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(PAYLOAD_TYPE)} ${PAYLOAD_TYPE} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

const spki = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" });

/** Where the public half of a key is put that is made here, to be handed on. */
const publicFile = (file: string): string => `${file.replace(/[.]pem$/, "")}.pub.pem`;

/** The private key of a PEM file. Where there is none, one is made that its owner alone can read,
 *  and its public half is put beside it. */
export function privateKey(file: string): KeyObject {
  if (!existsSync(file)) {
    const { privateKey: key } = generateKeyPairSync("ed25519");
    writeFileSync(file, key.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    chmodSync(file, 0o600);
    writeFileSync(publicFile(file), publicPem(key));
  }
  return createPrivateKey(readFileSync(file));
}

export const publicPem = (key: KeyObject): string =>
  (key.type === "public" ? key : createPublicKey(key)).export({
    type: "spki",
    format: "pem",
  }) as string;

/** The public key of a PEM file, private or public. Throws Error if it holds none. */
export const trustedKey = (file: string): string => publicPem(createPublicKey(readFileSync(file)));

/** Names a key so that people can compare it. */
export const fingerprint = (pem: string): string => sha256(pem).slice(0, 16);

/** The envelope around a statement. */
export function seal(statement: string, key: KeyObject): Envelope {
  const payload = Buffer.from(statement);
  const signature = sign(null, encoded(payload), key).toString("base64");
  const keyid = sha256(spki(createPublicKey(key)));
  const signatures = [{ keyid, sig: signature }];
  return { payloadType: PAYLOAD_TYPE, payload: payload.toString("base64"), signatures };
}

/** The statement in an envelope. Throws Error if the signature is not the key's. */
export function open({ payloadType, payload, signatures }: Envelope, pem: string): string {
  const key = createPublicKey(pem);
  const bytes = Buffer.from(payload, "base64");
  const own = signatures.find(({ keyid }) => keyid === sha256(spki(key)));
  const isExact = bytes.toString("base64") === payload && payloadType === PAYLOAD_TYPE;
  const signature = Buffer.from(own?.sig ?? "", "base64");
  if (!isExact || signature.toString("base64") !== own?.sig) {
    throw new Error("the envelope is not one of this key");
  }
  if (!verify(null, encoded(bytes), key, signature)) throw new Error("the signature is wrong");
  return bytes.toString("utf8");
}
