// What the builder needs to know of a compiled policy (XENOXSM1): that it is whole, and its labels.

import { createHash } from "node:crypto";
import { problemHere } from "./config-syntax.ts";
import { didYouMean, type Placed } from "./config-values.ts";
import { Problem } from "./problem.ts";

const MAGIC = "XENOXSM1";
const HEADER_BYTES = 64;
const HASH_AT = 32;
const NAME_BYTES = 64;
const CLASSES = 16;
const MOST_LABELS = 128;

/** A policy table and the index of each of its labels. */
export interface Policy {
  readonly bytes: Uint8Array;
  readonly labels: ReadonlyMap<string, number>;
}

const tableBytes = (labels: number): number =>
  HEADER_BYTES + 64 + 128 + labels * 128 + labels * 128 * CLASSES * 4 + labels * NAME_BYTES;

/** Checks a policy table and reads its labels. `name` is for errors. Throws a Problem. */
export function readPolicy(bytes: Uint8Array, name: string): Policy {
  const damaged = (why: string): Problem =>
    new Problem(`${name}: ${why}; compile the policy again`);
  if (bytes.length < HEADER_BYTES || Buffer.from(bytes.subarray(0, 8)).toString() !== MAGIC) {
    throw damaged("no compiled policy (XENOXSM1)");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(12, true);
  if (view.getUint32(8, true) !== 1) throw damaged("a policy of another version");
  if (count === 0 || count > MOST_LABELS) throw damaged(`${count} labels`);
  if (view.getUint32(24, true) !== bytes.length || bytes.length !== tableBytes(count)) {
    throw damaged("the policy was cut off, or something follows it");
  }
  const hash = createHash("sha256").update(bytes.subarray(HEADER_BYTES)).digest();
  if (!hash.equals(bytes.subarray(HASH_AT, HASH_AT + 32))) throw damaged("its hash is wrong");
  const names = Array.from({ length: count }, (_, label) => {
    const at = bytes.length - (count - label) * NAME_BYTES;
    return Buffer.from(bytes.subarray(at, at + NAME_BYTES))
      .toString("latin1")
      .replace(/\0.*$/s, "");
  });
  return { bytes, labels: new Map(names.map((label, index) => [label, index])) };
}

/** Labels that a guest without `seclabel` gets, if the policy has one of them. */
const usualLabels = ["system_u:system_r:guest_t", "system_u:system_r:domU_t"];

/** What a guest that runs alone gets before them. */
const ALONE_LABEL = "system_u:system_r:alone_t";

/** The index of a guest's label. Throws a Problem when the policy has no such label. */
export function labelOf(
  policy: Policy,
  label: Placed<string> | undefined,
  guest: string,
  alone = false,
): number {
  if (label !== undefined) {
    const index = policy.labels.get(label.value);
    if (index !== undefined) return index;
    const hint = didYouMean(label.value, policy.labels.keys());
    throw problemHere(label, `the policy has no label "${label.value}"${hint}`);
  }
  for (const usual of alone ? [ALONE_LABEL, ...usualLabels] : usualLabels) {
    const index = policy.labels.get(usual);
    if (index !== undefined) return index;
  }
  const known = [...policy.labels.keys()].join(", ");
  throw new Problem(
    `${guest}: seclabel is missing, and the policy has no usual one; it has ${known}`,
  );
}
