// Is a bundle what was signed? Every difference is named.

import { createPublicKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { jsonText } from "../evidence/text.ts";
import { sha256 } from "../trace/source.ts";
import { ATTESTATION, type Files, listFiles, PUBLIC_KEY, type Subject } from "./files.ts";
import { type Envelope, open } from "./sign.ts";

/** The first line of what an error says: parsers quote what they could not read. */
const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/\n.*/s, "") : "unreadable";

/** The key of a bundle, or why there is none. */
function keyOf(folder: string, trusted: string | undefined): { pem: string; problem?: string } {
  const text = readFileSync(join(folder, PUBLIC_KEY), "utf8");
  try {
    const pem = createPublicKey(text).export({ type: "spki", format: "pem" }) as string;
    if (pem !== text) return { pem, problem: `${PUBLIC_KEY}: not as it was written` };
    if (trusted === undefined || trusted === pem) return { pem };
    return { pem: trusted, problem: `${PUBLIC_KEY}: another key than the one that is trusted` };
  } catch (error) {
    return { pem: trusted ?? "", problem: `${PUBLIC_KEY}: ${reasonOf(error)}` };
  }
}

function subjects(folder: string, pem: string): readonly Subject[] | string {
  try {
    const text = readFileSync(join(folder, ATTESTATION), "utf8");
    const envelope = JSON.parse(text) as Envelope;
    if (jsonText(envelope) !== text) return `${ATTESTATION}: not as it was written`;
    return (JSON.parse(open(envelope, pem)) as { subject: Subject[] }).subject;
  } catch (error) {
    return `${ATTESTATION}: ${reasonOf(error)}`;
  }
}

function compare(folder: string, signed: readonly Subject[]): string[] {
  const wanted = new Map(signed.map(({ name, digest }) => [name, digest.sha256]));
  const present = listFiles(folder).filter((path) => path !== ATTESTATION && path !== PUBLIC_KEY);
  const found = present.flatMap((path) => {
    const digest = wanted.get(path);
    if (digest === undefined) return [`${path}: was not signed`];
    const own = sha256(readFileSync(join(folder, path)));
    return own === digest ? [] : [`${path}: has changed since it was signed`];
  });
  const have = new Set(present);
  const gone = [...wanted.keys()].filter((path) => !have.has(path));
  return [...found, ...gone.map((path) => `${path}: is missing`)];
}

/**
 * What is wrong with a bundle, a line for each file; empty: nothing.
 * @param trusted PEM of the key that must have signed; without it the bundle's own is taken
 */
export function verifyBundle(folder: string, trusted?: string): string[] {
  for (const name of [PUBLIC_KEY, ATTESTATION]) {
    if (!existsSync(join(folder, name))) return [`${name}: is missing`];
  }
  const { pem, problem } = keyOf(folder, trusted);
  const problems = problem === undefined ? [] : [problem];
  const signed = subjects(folder, pem);
  if (typeof signed === "string") {
    // A key that became another key cannot be told from a signature that became another.
    return [...problems, signed, `${PUBLIC_KEY}: is not the key of this signature`];
  }
  return [...problems, ...compare(folder, signed)];
}

/** What differs between the evidence of a bundle and that of this tree. */
export function compareEvidence(folder: string, fresh: Files): string[] {
  const present = listFiles(folder).filter((path) => path.startsWith("evidence/"));
  const gone = present.filter((path) => !fresh.has(path));
  const differing = [...fresh].flatMap(([path, content]) => {
    if (!present.includes(path)) return [`${path}: this tree gives it, the bundle lacks it`];
    const same = Buffer.from(content).equals(readFileSync(join(folder, path)));
    return same ? [] : [`${path}: this tree gives other bytes`];
  });
  return [...differing, ...gone.map((path) => `${path}: this tree does not give it`)];
}
