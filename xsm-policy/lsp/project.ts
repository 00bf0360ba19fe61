/** One policy that is being edited: reads it again when something changes. */

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "../compiler/diagnostic.ts";
import { type PolicyFolder, readPolicyFolder } from "../compiler/macro/folder.ts";
import { expectationFiles } from "../test/files.ts";
import { assemble, type OpenTexts } from "./assemble.ts";
import type { PolicyRoot } from "./discover.ts";
import type { SourceFile } from "./macro-index.ts";
import { Snapshot } from "./snapshot.ts";

export class Project {
  readonly root: PolicyRoot;
  #folder: { readonly read: PolicyFolder; readonly diagnostics: readonly Diagnostic[] } | undefined;
  #expected: readonly SourceFile[] | undefined;
  #snapshot: Snapshot | undefined;
  /** The last moment at which the policy compiled. */
  #lastWhole: Snapshot | undefined;
  #open: OpenTexts = new Map();

  constructor(root: PolicyRoot) {
    this.root = root;
  }

  /** The policy as it stands now, with the texts of open files; made when it is asked for. */
  get snapshot(): Snapshot {
    if (this.#snapshot === undefined) {
      this.#snapshot = this.withTexts(this.#open);
      if (this.#snapshot.compiled.policy !== undefined) this.#lastWhole = this.#snapshot;
    }
    return this.#snapshot;
  }

  /** Takes note of the texts in the editor. */
  update(open: OpenTexts): void {
    this.#open = open;
    this.#snapshot = undefined;
  }

  /** Reads the folder's files again when it is next asked. */
  forgetFiles(): void {
    this.#folder = undefined;
    this.#expected = undefined;
    this.#snapshot = undefined;
  }

  /** The policy as it would be with these texts. */
  withTexts(open: OpenTexts): Snapshot {
    return this.root.kind === "conf" ? this.#conf(open) : this.#modules(open);
  }

  #conf(open: OpenTexts): Snapshot {
    const { path } = this.root;
    const text = open.get(path) ?? (existsSync(path) ? readFileSync(path, "utf8") : "");
    const file = { name: path, text };
    const files = [{ path, role: "policy.conf" }] as const;
    const all = [file, ...this.#expectations(open)];
    const source = { ...file, files, assertions: [], diagnostics: [] };
    return new Snapshot(source, all, this.#lastWhole);
  }

  #modules(open: OpenTexts): Snapshot {
    const { path } = this.root;
    if (this.#folder === undefined) {
      const diagnostics: Diagnostic[] = [];
      this.#folder = { read: readPolicyFolder(path, diagnostics), diagnostics };
    }
    const { read, diagnostics } = this.#folder;
    const source = assemble(path, read, open);
    const files = read.files.map(({ name, text }) => ({ name, text: open.get(name) ?? text }));
    const all = { ...source, diagnostics: [...diagnostics, ...source.diagnostics] };
    return new Snapshot(all, [...files, ...this.#expectations(open)], this.#lastWhole);
  }

  /** The files of expectations, which name what the policy declares. */
  #expectations(open: OpenTexts): SourceFile[] {
    const { path } = this.root;
    this.#expected ??= (existsSync(path) ? expectationFiles(path) : []).map((file) => {
      const name = resolve(file);
      return { name, text: readFileSync(name, "utf8") };
    });
    return this.#expected.map(({ name, text }) => ({ name, text: open.get(name) ?? text }));
  }
}
