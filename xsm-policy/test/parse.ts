/** Reads files of expectations; README.md has their language. */

import type { AssertedSet } from "../assertions/assertion.ts";
import type { Token } from "../assertions/scan.ts";
import { StatementParser } from "../assertions/statement-parser.ts";
import type { Diagnostic } from "../compiler/diagnostic.ts";
import type { SourceText } from "../compiler/source.ts";
import type { BooleanSetting, Expectation, WrittenContext } from "./expectation.ts";

export interface ParsedExpectations {
  readonly expectations: readonly Expectation[];
  readonly diagnostics: readonly Diagnostic[];
  readonly source: SourceText;
}

const CONTEXT = /[A-Za-z][\w.-]*:[A-Za-z][\w.-]*:[A-Za-z][\w.]*(?:-(?!>)[\w.]+)*(?::[\w.,:-]+)?/y;

const KINDS = ["allow", "deny", "flow", "noflow"] as const;

/** Reads one file. A statement with an error is reported and left out. */
export function parseExpectations(file: { name: string; text: string }): ParsedExpectations {
  const parser = new ExpectationParser(file);
  const expectations = parser.statements();
  return { expectations, diagnostics: parser.diagnostics, source: parser.source };
}

class ExpectationParser extends StatementParser<Expectation> {
  constructor(file: { name: string; text: string }) {
    super(file, {
      code: "expectation-syntax",
      hint: "write `expect allow A B class permission;` or `expect noflow A -> B;`",
    });
  }

  protected statement(): Expectation {
    const first = this.next;
    this.expect("expect");
    const kind = KINDS.find((word) => this.accept(word));
    if (kind === undefined) return this.fail("allow, deny, flow or noflow");
    if (kind === "flow" || kind === "noflow") {
      const from = this.set();
      this.expect("->");
      const to = this.set();
      const through = this.accept("except") ? this.#through() : undefined;
      return { kind, from, to, through, ...this.#finish(first) };
    }
    const source = this.#context() ?? this.set();
    const targetContext = this.#context();
    const targets = targetContext === undefined ? this.set() : this.#nothing();
    const access = { targets, classes: this.set(), permissions: this.set() };
    return { kind, source, access, targetContext, ...this.#finish(first) };
  }

  #through(): AssertedSet {
    this.expect("through");
    return this.set();
  }

  /** What all statements end with. */
  #finish(first: Token): Pick<Expectation, "span" | "text" | "reason" | "when"> {
    const when: BooleanSetting[] = [];
    if (this.accept("when")) {
      do when.push(this.#setting());
      while (this.accept("and"));
    }
    this.expect(";");
    const span = this.spanFrom(first);
    const written = this.text.slice(span.offset, span.offset + span.length);
    const text = written.replace(/#.*/g, "").replace(/\s+/g, " ").trim();
    return { span, text, reason: first.comment, when };
  }

  #setting(): BooleanSetting {
    const value = !this.accept("not");
    const { text, span } = this.name(false);
    return { name: text, value, span };
  }

  /** `user:role:type[:range]`, written without white space. */
  #context(): WrittenContext | undefined {
    const first = this.next;
    CONTEXT.lastIndex = first.offset;
    const found = CONTEXT.exec(this.text)?.[0];
    if (found === undefined) return undefined;
    this.goTo(first.offset + found.length);
    return { text: found, span: this.source.span(first.offset, first.offset + found.length) };
  }

  /** The set of nothing, at the present place. */
  #nothing(): AssertedSet {
    const { offset } = this.next;
    const span = this.source.span(offset, offset);
    return { names: [], star: false, complement: false, span };
  }
}
