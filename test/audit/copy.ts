// A copy of the tree in which something can be broken, and the audit run there.

import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const COPIED = [
  "audit",
  "bin",
  "disaggregation/appliance",
  "fuzz",
  "proofs",
  "scripts",
  "spec",
  "tcb",
  "test",
  "xsm-policy",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "SECURITY.md",
  "build/core.wasm",
  "build/core.wasm.map",
  "build/core.wat",
  "build/xenolith.elf",
] as const;

export interface Gap {
  readonly id: string;
  readonly need: string;
  readonly state: string;
  readonly message: string;
  readonly place: { readonly file: string; readonly line: number; readonly column: number };
}

export class TreeCopy {
  /** Runs its TypeScript. */
  readonly program = join(root, "node_modules/.bin/tsx");
  readonly folder = mkdtempSync(join(tmpdir(), "xenolith-tree-"));
  readonly #before = new Map<string, string | undefined>();

  constructor() {
    mkdirSync(join(this.folder, "build"));
    for (const path of COPIED) {
      if (!existsSync(join(root, path))) continue;
      cpSync(join(root, path), join(this.folder, path), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
  }

  #keep(file: string): string {
    const path = join(this.folder, file);
    if (!this.#before.has(file)) this.#before.set(file, readFileSync(path, "utf8"));
    return path;
  }

  /** Replaces a text that stands in a file once or more often; throws if it does not. */
  replace(file: string, right: string | RegExp, wrong: string): void {
    const path = this.#keep(file);
    const before = readFileSync(path, "utf8");
    const after = before.replace(right, () => wrong);
    if (after === before) throw new Error(`${file} does not have ${right}`);
    writeFileSync(path, after);
  }

  /** Replaces a text for good: `restore` does not undo it. */
  rewrite(file: string, right: RegExp, text: string): void {
    writeFileSync(
      join(this.folder, file),
      this.read(file).replace(right, () => text),
    );
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  remove(file: string): void {
    rmSync(this.#keep(file));
  }

  /** As it was before the first change. */
  restore(): void {
    for (const [file, text] of this.#before) writeFileSync(join(this.folder, file), text ?? "");
    this.#before.clear();
  }

  /** What `xenolith audit check` finds. */
  check(): { readonly status: number; readonly gaps: readonly Gap[]; readonly text: string } {
    const words = ["bin/main.ts", "audit", "check", "--json"];
    const options = { cwd: this.folder, encoding: "utf8", maxBuffer: 1 << 28 } as const;
    const ran = spawnSync(this.program, words, options);
    const text = `${ran.stdout}${ran.stderr}`;
    const gaps = ran.stdout.startsWith("{") ? (JSON.parse(ran.stdout).gaps as Gap[]) : [];
    return { status: ran.status ?? -1, gaps, text };
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true });
  }
}
