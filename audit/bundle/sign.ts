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

/** The private key of a PEM file; one is made, readable by its owner only, where there is none. */
export function privateKey(file: string): KeyObject {
  if (!existsSync(file)) {
    const { privateKey: key } = generateKeyPairSync("ed25519");
    writeFileSync(file, key.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    chmodSync(file, 0o600);
  }
  return createPrivateKey(readFileSync(file));
}

export const publicPem = (key: KeyObject): string =>
  (key.type === "public" ? key : createPublicKey(key)).export({
    type: "spki",
    format: "pem",
  }) as string;

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
