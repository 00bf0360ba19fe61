/** Reads files of expectations; README.md has their language. */

import type { AssertedName, AssertedSet } from "../assertions/assertion.ts";
import { scanAssertions, type Token } from "../assertions/scan.ts";
import type { Diagnostic } from "../compiler/diagnostic.ts";
import { SourceText, type Span } from "../compiler/source.ts";
import type { BooleanSetting, Expectation, WrittenContext } from "./expectation.ts";

export interface ParsedExpectations {
  readonly expectations: readonly Expectation[];
  readonly diagnostics: readonly Diagnostic[];
  readonly source: SourceText;
}

/** How deep braces may be nested. */
const MAX_NESTING = 64;

/** How many errors of a file are reported. */
const MAX_ERRORS = 20;

const CONTEXT = /[A-Za-z][\w.-]*:[A-Za-z][\w.-]*:[A-Za-z][\w.]*(?:-(?!>)[\w.]+)*(?::[\w.,:-]+)?/y;

const KINDS = ["allow", "deny", "flow", "noflow"] as const;

/** Reads one file. A statement with an error is reported and left out. */
export function parseExpectations(file: { name: string; text: string }): ParsedExpectations {
  return new ExpectationParser(file).parse();
}

/** Ends a statement; the diagnostic has been recorded. */
class StatementError extends Error {}

class ExpectationParser {
  readonly #source: SourceText;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #diagnostics: Diagnostic[] = [];
  #at = 0;

  constructor(file: { name: string; text: string }) {
    this.#source = new SourceText(file);
    this.#text = file.text;
    this.#tokens = scanAssertions(file.text);
  }

  parse(): ParsedExpectations {
    const expectations: Expectation[] = [];
    while (this.#next.kind !== "end" && this.#diagnostics.length < MAX_ERRORS) {
      try {
        expectations.push(this.#statement());
      } catch (error) {
        if (!(error instanceof StatementError)) throw error;
        this.#skipStatement();
      }
    }
    return { expectations, diagnostics: this.#diagnostics, source: this.#source };
  }

  get #next(): Token {
    return this.#tokens[this.#at];
  }

  #statement(): Expectation {
    const first = this.#next;
    this.#expect("expect");
    const kind = KINDS.find((word) => this.#accept(word));
    if (kind === undefined) return this.#fail("allow, deny, flow or noflow");
    if (kind === "flow" || kind === "noflow") {
      const from = this.#set();
      this.#expect("->");
      const to = this.#set();
      const through = this.#accept("except") ? this.#through() : undefined;
      return { kind, from, to, through, ...this.#finish(first) };
    }
    const source = this.#context() ?? this.#set();
    const targetContext = this.#context();
    const targets = targetContext === undefined ? this.#set() : this.#nothing();
    const access = { targets, classes: this.#set(), permissions: this.#set() };
    return { kind, source, access, targetContext, ...this.#finish(first) };
  }

  #through(): AssertedSet {
    this.#expect("through");
    return this.#set();
  }

  /** What all statements end with. */
  #finish(first: Token): Pick<Expectation, "span" | "text" | "reason" | "when"> {
    const when: BooleanSetting[] = [];
    if (this.#accept("when")) {
      do when.push(this.#setting());
      while (this.#accept("and"));
    }
    this.#expect(";");
    const span = this.#spanFrom(first);
    const written = this.#text.slice(span.offset, span.offset + span.length);
    const text = written.replace(/#.*/g, "").replace(/\s+/g, " ").trim();
    return { span, text, reason: first.comment, when };
  }

  #setting(): BooleanSetting {
    const value = !this.#accept("not");
    const { text, span } = this.#name(false);
    return { name: text, value, span };
  }

  /** `user:role:type[:range]`, written without white space. */
  #context(): WrittenContext | undefined {
    const first = this.#next;
    CONTEXT.lastIndex = first.offset;
    const found = CONTEXT.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    while (this.#next.offset < first.offset + found.length) this.#at++;
    return { text: found, span: this.#source.span(first.offset, first.offset + found.length) };
  }

  /** The set of nothing, at the present place. */
  #nothing(): AssertedSet {
    const { offset } = this.#next;
    const span = this.#source.span(offset, offset);
    return { names: [], star: false, complement: false, span };
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

  #skipStatement(): void {
    while (this.#next.kind !== "end" && !this.#accept(";")) this.#at++;
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
      code: "expectation-syntax",
      message: `expected ${expected}, found ${found}`,
      span: this.#source.span(token.offset, token.offset + token.text.length),
      hint: "write `expect allow A B class permission;` or `expect noflow A -> B;`",
    });
    throw new StatementError(expected);
  }

  #spanFrom(first: Token): Span {
    const last = this.#tokens[Math.max(this.#at - 1, 0)];
    return this.#source.span(first.offset, last.offset + last.text.length);
  }
}
