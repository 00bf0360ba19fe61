/** Reads files of assertions; README.md has their language. */

import type { Diagnostic } from "../compiler/diagnostic.ts";
import type { Span } from "../compiler/source.ts";
import type { AssertedAccess, AssertedSet, Assertion } from "./assertion.ts";
import type { Token } from "./scan.ts";
import { StatementParser } from "./statement-parser.ts";

export interface ParsedAssertions {
  readonly assertions: readonly Assertion[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads one file. Each statement with an error is reported and left out; reading goes on after its
 * semicolon.
 */
export function parseAssertions(source: { name: string; text: string }): ParsedAssertions {
  const parser = new AssertionParser(source);
  return { assertions: parser.statements(), diagnostics: parser.diagnostics };
}

class AssertionParser extends StatementParser<Assertion> {
  constructor(source: { name: string; text: string }) {
    super(source, {
      code: "assertion-syntax",
      hint: "an assertion is `neverallow A B:class permission;` or `neverflow A -> B;`",
    });
  }

  protected statement(): Assertion {
    const first = this.next;
    const goal = first.comment;
    if (this.accept("neverallow")) {
      const sources = this.set();
      const access = this.#access();
      return { kind: "neverallow", goal, sources, ...access, span: this.#finish(first) };
    }
    if (this.accept("neverboth")) {
      const sources = this.set();
      const one = this.#access();
      this.expect("and");
      const second = this.#access();
      const span = this.#finish(first);
      return { kind: "neverboth", goal, sources, first: one, second, span };
    }
    if (this.accept("neverflow")) {
      const from = this.set();
      this.expect("->");
      const to = this.set();
      let through: AssertedSet | undefined;
      if (this.accept("except")) {
        this.expect("through");
        through = this.set();
      }
      return { kind: "neverflow", goal, from, to, through, span: this.#finish(first) };
    }
    return this.fail("neverallow, neverflow or neverboth");
  }

  #access(): AssertedAccess {
    const targets = this.set();
    this.expect(":");
    const classes = this.set();
    return { targets, classes, permissions: this.set() };
  }

  #finish(first: Token): Span {
    this.expect(";");
    return this.spanFrom(first);
  }
}
