/** A client and a folder that it edits, for the tests of one file. */

import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { Diagnostic, Position } from "vscode-languageserver/node.js";
import { Client, find, uriOf } from "./client.ts";
import { FILES, writePolicy } from "./folder.ts";

export class Session {
  /** Anew for each file of tests. */
  client!: Client;
  /** Anew for each test. */
  root = "";

  /** Starts a server for all tests of a file, and writes a folder for each. */
  constructor() {
    beforeAll(async () => {
      this.client = new Client();
      await this.client.start();
    });
    afterAll(async () => {
      expect(await this.client.stop()).toBe(0);
      expect(this.client.errors).toBe("");
    });
    beforeEach(() => {
      this.root = writePolicy();
    });
    afterEach(() => rmSync(this.root, { recursive: true }));
  }

  fileOf(name: string): string {
    return path.join(this.root, name);
  }

  /** Opens a file of the folder. */
  open(name: string, text = FILES[name]): Promise<Diagnostic[]> {
    return this.client.open(this.fileOf(name), text);
  }

  /** A document, and a position `offset` characters into an occurrence of `mark`. */
  where(
    name: string,
    mark: string,
    offset = 0,
    count = 1,
  ): { textDocument: { uri: string }; position: Position } {
    const textDocument = { uri: uriOf(this.fileOf(name)) };
    return { textDocument, position: find(FILES[name], mark, offset, count) };
  }
}
