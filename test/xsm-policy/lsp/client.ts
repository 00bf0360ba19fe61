/** A language client, as an editor has one: starts the server and speaks the protocol with it. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  createProtocolConnection,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DidSaveTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  type Range,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node.js";

const XENOLITH = path.join(import.meta.dirname, "../../../bin/xenolith");

/** A server in a process of its own, and what it has said. */
export class Client {
  readonly connection: ProtocolConnection;
  readonly #process: ChildProcessWithoutNullStreams;
  #published: PublishDiagnosticsParams[] = [];
  readonly #versions = new Map<string, number>();
  #waiting: (() => void)[] = [];
  capabilities: InitializeResult["capabilities"] = {};
  errors = "";

  constructor() {
    this.#process = spawn(process.execPath, [XENOLITH, "policy", "lsp", "--stdio"]);
    this.#process.stderr.on("data", (text) => {
      this.errors += String(text);
    });
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.#process.stdout),
      new StreamMessageWriter(this.#process.stdin),
    );
    this.connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.#published.push(params);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.connection.listen();
  }

  async start(): Promise<void> {
    const { capabilities } = await this.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
    });
    this.capabilities = capabilities;
    await this.connection.sendNotification(InitializedNotification.type, {});
  }

  /** Ends the session as the protocol says; gives the server's exit code. */
  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.#process.on("exit", resolve));
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    const status = await ended;
    this.connection.dispose();
    return status;
  }

  /** Opens a document and gives what is found in it. */
  async open(file: string, text: string): Promise<Diagnostic[]> {
    const uri = uriOf(file);
    this.#versions.set(uri, 1);
    // What was said of an earlier opening has the same version numbers.
    this.#published = this.#published.filter((each) => each.uri !== uri);
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: "selinux-policy", version: 1, text },
    });
    return this.diagnostics(file);
  }

  /** Changes one range of a document and gives what is found in it then. */
  async change(file: string, range: Range, text: string): Promise<Diagnostic[]> {
    const uri = uriOf(file);
    const version = (this.#versions.get(uri) ?? 0) + 1;
    this.#versions.set(uri, version);
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version },
      contentChanges: [{ range, text }],
    });
    return this.diagnostics(file);
  }

  async save(file: string): Promise<void> {
    const textDocument = { uri: uriOf(file) };
    await this.connection.sendNotification(DidSaveTextDocumentNotification.type, { textDocument });
  }

  async close(file: string): Promise<void> {
    const textDocument = { uri: uriOf(file) };
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument });
  }

  /** The first that the server says of a document's present version. */
  async diagnostics(file: string): Promise<Diagnostic[]> {
    const uri = uriOf(file);
    const version = this.#versions.get(uri);
    const found = await this.wait((each) => each.uri === uri && each.version === version);
    return found.diagnostics;
  }

  /** The last that was said of a document, whether it is open or not. */
  lastOf(file: string): Diagnostic[] | undefined {
    const uri = uriOf(file);
    return this.#published.findLast((each) => each.uri === uri)?.diagnostics;
  }

  /** What is found in a document's present version that is as wanted, once there is some. */
  async until(file: string, isWanted: (found: Diagnostic) => boolean): Promise<Diagnostic[]> {
    const uri = uriOf(file);
    const version = this.#versions.get(uri);
    const said = await this.wait(
      (each) => each.uri === uri && each.version === version && each.diagnostics.some(isWanted),
    );
    return said.diagnostics.filter(isWanted);
  }

  /** Waits for something that the server publishes. */
  async wait(
    isWanted: (params: PublishDiagnosticsParams) => boolean,
  ): Promise<PublishDiagnosticsParams> {
    for (;;) {
      const found = this.#published.find(isWanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

export function uriOf(file: string): string {
  return pathToFileURL(file).href;
}

/** The position of the `count`th occurrence of `mark` in a text, `offset` characters on. */
export function find(text: string, mark: string, offset = 0, count = 1): Position {
  let at = -1;
  for (let left = count; left > 0; left--) at = text.indexOf(mark, at + 1);
  if (at === -1) throw new Error(`there is no ${mark}`);
  const before = text.slice(0, at + offset);
  return {
    line: before.split("\n").length - 1,
    character: at + offset - before.lastIndexOf("\n") - 1,
  };
}

/** An empty range. */
export function at(position: Position): Range {
  return { start: position, end: position };
}
