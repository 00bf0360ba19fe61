/** What the readers of assertions and of expectations share: tokens, sets, errors with a place. */

import type { Diagnostic } from "../compiler/diagnostic.ts";
import { SourceText, type Span } from "../compiler/source.ts";
import type { AssertedName, AssertedSet } from "./assertion.ts";
import { scanAssertions, type Token } from "./scan.ts";

/** How deep braces may be nested. */
const MAX_NESTING = 64;

/** How many errors of a file are reported. */
const MAX_ERRORS = 20;

/** Ends a statement; the diagnostic has been recorded. */
class StatementError extends Error {}

/** What a syntax error of a language says beside what was expected. */
interface SyntaxHelp {
  readonly code: string;
  readonly hint: string;
}

/** Reads statements that end with a semicolon. One with an error is reported and left out; reading
 *  goes on after its semicolon. */
export abstract class StatementParser<Statement> {
  readonly source: SourceText;
  readonly diagnostics: Diagnostic[] = [];
  protected readonly text: string;
  readonly #tokens: readonly Token[];
  readonly #help: SyntaxHelp;
  #at = 0;

  constructor(file: { name: string; text: string }, help: SyntaxHelp) {
    this.source = new SourceText(file);
    this.text = file.text;
    this.#tokens = scanAssertions(file.text);
    this.#help = help;
  }

  protected abstract statement(): Statement;

  /** All statements without an error, in order. */
  statements(): Statement[] {
    const read: Statement[] = [];
    while (this.next.kind !== "end" && this.diagnostics.length < MAX_ERRORS) {
      try {
        read.push(this.statement());
      } catch (error) {
        if (!(error instanceof StatementError)) throw error;
        this.#skipStatement();
      }
    }
    return read;
  }

  protected get next(): Token {
    return this.#tokens[this.#at];
  }

  #skipStatement(): void {
    while (this.next.kind !== "end" && !this.accept(";")) this.#at++;
  }

  /** Goes on with the first token that begins at `offset` or behind it. */
  protected goTo(offset: number): void {
    while (this.next.offset < offset) this.#at++;
  }

  protected set(): AssertedSet {
    const first = this.next;
    const complement = this.accept("~");
    const names: AssertedName[] = [];
    const star = !complement && this.accept("*");
    if (!star && this.accept("{")) this.#members(names, 1);
    else if (!star) names.push(this.name(false));
    return { names, star, complement, span: this.spanFrom(first) };
  }

  /** The members of a set in braces, after the opening one. */
  #members(names: AssertedName[], depth: number): void {
    if (depth > MAX_NESTING) this.fail(`no more than ${MAX_NESTING} nested braces`);
    do {
      if (this.accept("{")) this.#members(names, depth + 1);
      else names.push(this.name(this.accept("-")));
    } while (!this.accept("}"));
  }

  protected name(excluded: boolean): AssertedName {
    const token = this.next;
    if (token.kind !== "name") this.fail("a name");
    this.#at++;
    return { text: token.text, excluded, span: this.spanFrom(token) };
  }

  protected accept(text: string): boolean {
    if (this.next.text !== text || this.next.kind === "end") return false;
    this.#at++;
    return true;
  }

  protected expect(text: string): void {
    if (!this.accept(text)) this.fail(`'${text}'`);
  }

  protected fail(expected: string): never {
    const token = this.next;
    const found = token.kind === "end" ? "the end of the file" : `'${token.text.slice(0, 40)}'`;
    this.diagnostics.push({
      severity: "error",
      message: `expected ${expected}, found ${found}`,
      span: this.source.span(token.offset, token.offset + token.text.length),
      ...this.#help,
    });
    throw new StatementError(expected);
  }

  protected spanFrom(first: Token): Span {
    const last = this.#tokens[Math.max(this.#at - 1, 0)];
    return this.source.span(first.offset, last.offset + last.text.length);
  }
}
