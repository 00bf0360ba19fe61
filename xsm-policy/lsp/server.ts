/** The language server: documents in, diagnostics out, and answers to what editors ask. */

import {
  type Connection,
  createConnection,
  type InitializeResult,
  LSPErrorCodes,
  MarkupKind,
  ProposedFeatures,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver/node.js";
import { TextDocument } from "vscode-languageserver-textdocument";
import { formatPolicy } from "../format/format.ts";
import { FormatError } from "../format/scan.ts";
import { completionsAt } from "./completion.ts";
import { definitionsAt, fileOnDisk, referencesAt } from "./definition.ts";
import { hoverAt } from "./hover.ts";
import type { Place, Position } from "./place.ts";
import type { Project } from "./project.ts";
import { completionItemOf, diagnosticOf, locationOf, pathOf, rangeOf, uriOf } from "./protocol.ts";
import { RenameError, renameAt, renameTarget } from "./rename.ts";
import { Workspace } from "./workspace.ts";

/** A run of the linter that takes longer waits until the editor is quiet. */
const LINT_BUDGET_MS = 20;

/** A check that takes longer waits too: of a large policy, not every key stroke is checked. */
const CHECK_BUDGET_MS = 100;

/** How long an editor must be quiet for what has to wait. */
const QUIET_MS = 250;

/** Serves an editor over standard input and output, until it ends the session. */
export function serve(): void {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  new Server(connection).listen();
}

const CAPABILITIES: InitializeResult = {
  capabilities: {
    textDocumentSync: {
      openClose: true,
      change: TextDocumentSyncKind.Incremental,
      save: true,
    },
    hoverProvider: true,
    definitionProvider: true,
    referencesProvider: true,
    renameProvider: { prepareProvider: true },
    documentFormattingProvider: true,
    completionProvider: { triggerCharacters: [":", "{"] },
  },
  serverInfo: { name: "xenolith policy" },
};

/** A document of the editor that belongs to a policy. */
interface Asked {
  readonly project: Project;
  readonly file: string;
}

class Server {
  readonly #connection: Connection;
  readonly #documents = new TextDocuments(TextDocument);
  readonly #workspace = new Workspace();
  /** Documents that have diagnostics in the editor. */
  readonly #marked = new Set<string>();
  #isScheduled = false;
  #checkTime = 0;
  #lintTime = 0;
  #quiet: NodeJS.Timeout | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  listen(): void {
    const connection = this.#connection;
    connection.onInitialize(() => CAPABILITIES);
    this.#documents.onDidChangeContent(({ document }) => this.#changed(document));
    this.#documents.onDidClose(({ document }) => this.#closed(document));
    this.#documents.onDidSave(() => this.#saved());
    connection.onDidChangeWatchedFiles(() => this.#saved());
    connection.onHover(({ textDocument, position }) => this.#hover(textDocument.uri, position));
    connection.onDefinition(({ textDocument, position }) =>
      this.#places(textDocument.uri, ({ project, file }) =>
        definitionsAt(project.snapshot, file, position),
      ),
    );
    connection.onReferences(({ textDocument, position, context }) =>
      this.#places(textDocument.uri, ({ project, file }) =>
        referencesAt(project.snapshot, file, position, context.includeDeclaration),
      ),
    );
    connection.onPrepareRename(({ textDocument, position }) =>
      this.#renaming(textDocument.uri, ({ project, file }) =>
        rangeOf(renameTarget(project.snapshot, file, position)),
      ),
    );
    connection.onRenameRequest(({ textDocument, position, newName }) =>
      this.#renaming(textDocument.uri, (asked) => this.#rename(asked, position, newName)),
    );
    connection.onCompletion(({ textDocument, position }) => {
      const asked = this.#asked(textDocument.uri);
      if (asked === undefined) return [];
      return completionsAt(asked.project.snapshot, asked.file, position).map(completionItemOf);
    });
    connection.onDocumentFormatting(({ textDocument }) => this.#format(textDocument.uri));
    this.#documents.listen(connection);
    connection.listen();
  }

  #changed(document: TextDocument): void {
    const file = pathOf(document.uri);
    if (file === undefined) return;
    this.#workspace.change(file, document.getText());
    this.#schedule();
  }

  #closed(document: TextDocument): void {
    const file = pathOf(document.uri);
    if (file === undefined) return;
    this.#workspace.close(file);
    this.#schedule();
  }

  #saved(): void {
    this.#workspace.forgetFiles();
    this.#schedule();
  }

  /** Checks after all that has already arrived was taken in: one check for a burst of changes. */
  #schedule(): void {
    if (this.#checkTime > CHECK_BUDGET_MS) {
      this.#whenQuiet(() => this.#check());
      return;
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#check();
    });
  }

  #whenQuiet(act: () => void): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(act, QUIET_MS);
  }

  #check(): void {
    const start = performance.now();
    const isQuick = this.#lintTime <= LINT_BUDGET_MS;
    this.#publish(isQuick);
    this.#checkTime = performance.now() - start;
    if (isQuick) clearTimeout(this.#quiet);
    else this.#whenQuiet(() => this.#publish(true));
  }

  /** Tells the editor what is found; a fault of ours is told too, and must not end the session. */
  #publish(withLint: boolean): void {
    try {
      if (withLint) this.#lint();
      this.#sendProblems();
    } catch (failure) {
      this.#connection.console.error(`the policy could not be checked: ${failure}`);
    }
  }

  #lint(): void {
    const start = performance.now();
    this.#workspace.lint();
    this.#lintTime = performance.now() - start;
  }

  #sendProblems(): void {
    const problems = this.#workspace.problems();
    const found = new Set<string>();
    for (const [file, list] of problems) {
      const onDisk = fileOnDisk(file);
      if (onDisk === undefined) continue;
      const uri = uriOf(onDisk);
      found.add(uri);
      this.#send(uri, list.map(diagnosticOf));
    }
    // What is open is answered each time, so that an editor knows that it was checked.
    const open = this.#documents.all().map(({ uri }) => uri);
    for (const uri of new Set([...open, ...this.#marked])) if (!found.has(uri)) this.#send(uri, []);
    this.#marked.clear();
    for (const uri of found) this.#marked.add(uri);
  }

  #send(uri: string, diagnostics: ReturnType<typeof diagnosticOf>[]): void {
    const version = this.#documents.get(uri)?.version;
    const params = { uri, diagnostics, ...(version === undefined ? {} : { version }) };
    void this.#connection.sendDiagnostics(params);
  }

  #asked(uri: string): Asked | undefined {
    const file = pathOf(uri);
    const project = file === undefined ? undefined : this.#workspace.projectOf(file);
    return file === undefined || project === undefined ? undefined : { project, file };
  }

  #hover(uri: string, position: Position) {
    const asked = this.#asked(uri);
    const hover = asked && hoverAt(asked.project.snapshot, asked.file, position);
    if (hover === undefined) return null;
    const contents = { kind: MarkupKind.Markdown, value: hover.markdown };
    return { contents, range: rangeOf(hover.place) };
  }

  #places(uri: string, find: (asked: Asked) => Place[]) {
    const asked = this.#asked(uri);
    if (asked === undefined) return [];
    return find(asked).flatMap((place) => locationOf(place) ?? []);
  }

  /** A rename that is refused is an error that the editor shows. */
  #renaming<Result>(uri: string, act: (asked: Asked) => Result): Result | null {
    const asked = this.#asked(uri);
    if (asked === undefined) return null;
    try {
      return act(asked);
    } catch (failure) {
      if (!(failure instanceof RenameError)) throw failure;
      throw new ResponseError(LSPErrorCodes.RequestFailed, failure.message);
    }
  }

  #rename({ project, file }: Asked, position: Position, name: string): WorkspaceEdit {
    const changes: Record<string, TextEdit[]> = {};
    for (const { place, text } of renameAt(project, file, position, name, this.#workspace.open)) {
      const uri = uriOf(place.file);
      changes[uri] ??= [];
      changes[uri].push({ range: rangeOf(place), newText: text });
    }
    return { changes };
  }

  /** A document that cannot be formatted stays as it is; the diagnostics say why. */
  #format(uri: string): TextEdit[] {
    const document = this.#documents.get(uri);
    if (document === undefined || this.#asked(uri) === undefined) return [];
    const text = document.getText();
    try {
      const formatted = formatPolicy(text);
      if (formatted === text) return [];
      const range = { start: document.positionAt(0), end: document.positionAt(text.length) };
      return [{ range, newText: formatted }];
    } catch (failure) {
      if (!(failure instanceof FormatError)) throw failure;
      return [];
    }
  }
}
