// A campaign's folder: inputs that reached something new, and findings. Each file is written whole
// and then renamed, so that a campaign that is killed loses nothing.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Failure, keyOf } from "../targets/target.ts";

export interface Finding extends Failure {
  /** From the key: the same finding has the same id everywhere. */
  readonly id: string;
  readonly target: string;
  /** The input, in hexadecimal, and for people. */
  readonly bytes: string;
  readonly text: string;
  /** Hash of the core that it was found in. */
  readonly core: string;
  /** What somebody decided about it. */
  readonly verdict: "new" | "confirmed" | "known" | "invalid";
}

const ID_DIGITS = 12;

export function hashOf(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The id of a finding. */
export function idOf(failure: Failure): string {
  return hashOf(keyOf(failure)).slice(0, ID_DIGITS);
}

const NAME_DIGITS = 32;

/** The name of an input, from its bytes. */
export function inputName(bytes: Uint8Array): string {
  return hashOf(bytes).slice(0, NAME_DIGITS);
}

export class Store {
  readonly folder: string;
  readonly #inputs: string;
  readonly #findings: string;

  constructor(folder: string) {
    this.folder = folder;
    this.#inputs = join(folder, "inputs");
    this.#findings = join(folder, "findings");
    mkdirSync(this.#inputs, { recursive: true });
    mkdirSync(this.#findings, { recursive: true });
  }

  #write(folder: string, name: string, content: Uint8Array | string): void {
    const partial = join(this.folder, `.${name}.${process.pid}`);
    writeFileSync(partial, content);
    renameSync(partial, join(folder, name));
  }

  inputNames(): string[] {
    return readdirSync(this.#inputs).sort();
  }

  input(name: string): Uint8Array {
    return new Uint8Array(readFileSync(join(this.#inputs, name)));
  }

  inputs(): Uint8Array[] {
    return this.inputNames().map((name) => this.input(name));
  }

  /** Adds an input under the hash of its bytes; true: it was not there. */
  addInput(bytes: Uint8Array): boolean {
    const name = inputName(bytes);
    if (existsSync(join(this.#inputs, name))) return false;
    this.#write(this.#inputs, name, bytes);
    return true;
  }

  removeInput(name: string): void {
    rmSync(join(this.#inputs, name), { force: true });
  }

  findings(): Finding[] {
    const names = readdirSync(this.#findings).filter((name) => name.endsWith(".json"));
    return names.sort().map((name) => {
      return JSON.parse(readFileSync(join(this.#findings, name), "utf8")) as Finding;
    });
  }

  /** The finding of that id, or whose id begins so. */
  finding(id: string): Finding | undefined {
    const found = this.findings().filter((one) => one.id.startsWith(id));
    return found.length === 1 ? found[0] : undefined;
  }

  hasFinding(id: string): boolean {
    return existsSync(join(this.#findings, `${id}.json`));
  }

  /** Keeps a finding; of two with the same id the one with the shorter input. */
  addFinding(finding: Finding): void {
    const known = this.hasFinding(finding.id) ? this.finding(finding.id) : undefined;
    if (known !== undefined && known.bytes.length < finding.bytes.length) return;
    this.putFinding(finding);
  }

  /** Keeps a finding as it is. */
  putFinding(finding: Finding): void {
    this.#write(this.#findings, `${finding.id}.json`, `${JSON.stringify(finding, null, 2)}\n`);
  }
}
