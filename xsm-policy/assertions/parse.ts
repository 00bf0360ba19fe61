/** Reads files of assertions; README.md has their language. */

import type { Diagnostic } from "../compiler/diagnostic.ts";
import { SourceText, type Span } from "../compiler/source.ts";
import type { AssertedAccess, AssertedName, AssertedSet, Assertion } from "./assertion.ts";
import { scanAssertions, type Token } from "./scan.ts";

export interface ParsedAssertions {
  readonly assertions: readonly Assertion[];
  readonly diagnostics: readonly Diagnostic[];
}

/** How deep braces may be nested. */
const MAX_NESTING = 64;

/** How many errors of a file are reported. */
const MAX_ERRORS = 20;

/**
 * Reads one file. Each statement with an error is reported and left out; reading goes on after its
 * semicolon.
 */
export function parseAssertions(source: { name: string; text: string }): ParsedAssertions {
  return new AssertionParser(source).parse();
}

/** Ends a statement; the diagnostic has been recorded. */
class StatementError extends Error {}

class AssertionParser {
  readonly #source: SourceText;
  readonly #tokens: readonly Token[];
  readonly #assertions: Assertion[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  #at = 0;

  constructor(source: { name: string; text: string }) {
    this.#source = new SourceText(source);
    this.#tokens = scanAssertions(source.text);
  }

  parse(): ParsedAssertions {
    while (this.#next.kind !== "end" && this.#diagnostics.length < MAX_ERRORS) {
      try {
        this.#assertions.push(this.#statement());
      } catch (error) {
        if (!(error instanceof StatementError)) throw error;
        this.#skipStatement();
      }
    }
    return { assertions: this.#assertions, diagnostics: this.#diagnostics };
  }

  get #next(): Token {
    return this.#tokens[this.#at];
  }

  #statement(): Assertion {
    const first = this.#next;
    const goal = first.comment;
    if (this.#accept("neverallow")) {
      const sources = this.#set();
      const access = this.#access();
      return { kind: "neverallow", goal, sources, ...access, span: this.#finish(first) };
    }
    if (this.#accept("neverboth")) {
      const sources = this.#set();
      const one = this.#access();
      this.#expect("and");
      const second = this.#access();
      const span = this.#finish(first);
      return { kind: "neverboth", goal, sources, first: one, second, span };
    }
    if (this.#accept("neverflow")) {
      const from = this.#set();
      this.#expect("->");
      const to = this.#set();
      let through: AssertedSet | undefined;
      if (this.#accept("except")) {
        this.#expect("through");
        through = this.#set();
      }
      return { kind: "neverflow", goal, from, to, through, span: this.#finish(first) };
    }
    return this.#fail("neverallow, neverflow or neverboth");
  }

  #access(): AssertedAccess {
    const targets = this.#set();
    this.#expect(":");
    const classes = this.#set();
    return { targets, classes, permissions: this.#set() };
  }

  #set(): AssertedSet {
    const first = this.#next;
    const complement = this.#accept("~");
    const names: AssertedName[] = [];
    const star = !complement && this.#accept("*");
    if (!star && this.#accept("{")) this.#members(names, 1);
    else if (!star) names.push(this.#name(false));
    return { names, star, complement, span: this.#spanFrom(first) };
  }

  /** The members of a set in braces, after the opening one. */
  #members(names: AssertedName[], depth: number): void {
    if (depth > MAX_NESTING) this.#fail(`no more than ${MAX_NESTING} nested braces`);
    do {
      if (this.#accept("{")) this.#members(names, depth + 1);
      else names.push(this.#name(this.#accept("-")));
    } while (!this.#accept("}"));
  }

  #name(excluded: boolean): AssertedName {
    const token = this.#next;
    if (token.kind !== "name") this.#fail("a name");
    this.#at++;
    return { text: token.text, excluded, span: this.#spanFrom(token) };
  }

  #finish(first: Token): Span {
    this.#expect(";");
    return this.#spanFrom(first);
  }

  #accept(text: string): boolean {
    if (this.#next.text !== text || this.#next.kind === "end") return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#fail(`'${text}'`);
  }

  #fail(expected: string): never {
    const token = this.#next;
    const found = token.kind === "end" ? "the end of the file" : `'${token.text.slice(0, 40)}'`;
    this.#diagnostics.push({
      severity: "error",
      code: "assertion-syntax",
      message: `expected ${expected}, found ${found}`,
      span: this.#source.span(token.offset, token.offset + token.text.length),
      hint: "an assertion is `neverallow A B:class permission;` or `neverflow A -> B;`",
    });
    throw new StatementError(expected);
  }

  #skipStatement(): void {
    while (this.#next.kind !== "end" && !this.#accept(";")) this.#at++;
  }

  #spanFrom(first: Token): Span {
    const last = this.#tokens[Math.max(this.#at - 1, 0)];
    return this.#source.span(first.offset, last.offset + last.text.length);
  }
}
