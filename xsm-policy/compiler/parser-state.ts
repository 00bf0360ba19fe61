/** What every parse function shares: the current token, name sets, errors and recovery. */

import type { Name, NameSet } from "./ast.ts";
import type { Lexer } from "./lexer.ts";
import { NESTING_LIMIT_LEVELS } from "./limits.ts";
import { grown, SetColumns } from "./set-columns.ts";
import type { DiagnosticSink } from "./sink.ts";
import type { SourceText } from "./source.ts";
import { describeToken, Token, type TokenKind } from "./tokens.ts";

/** Thrown after a syntax error has been reported; the statement loop catches it and goes on. */
export class SyntaxFailure extends Error {}

const FAILURE = new SyntaxFailure();

/** Characters of text for each member of a name set, as a first guess at the columns' sizes. */
const CHARACTERS_PER_MEMBER = 12;
const CHARACTERS_PER_SET = 16;

/** Longest columns to begin with: a guess must not cost memory that a short text never needs. */
const FIRST_COLUMN_LIMIT = 1 << 22;

export class ParserState {
  readonly lexer: Lexer;
  readonly source: SourceText;
  readonly sink: DiagnosticSink;
  readonly sets: SetColumns;
  nameIds: Int32Array;
  nameStarts: Int32Array;
  memberCount = 0;
  #depth = 0;

  constructor(lexer: Lexer, sink: DiagnosticSink) {
    this.lexer = lexer;
    this.source = lexer.source;
    this.sink = sink;
    const { length } = lexer.source.text;
    const guess = (unit: number) => Math.min(FIRST_COLUMN_LIMIT, Math.ceil(length / unit) + 64);
    this.sets = new SetColumns(guess(CHARACTERS_PER_SET));
    this.nameIds = new Int32Array(guess(CHARACTERS_PER_MEMBER));
    this.nameStarts = new Int32Array(guess(CHARACTERS_PER_MEMBER));
  }

  /** Reports at the current token (or the given place) and abandons the statement. */
  fail(code: string, message: string, hint?: string, start?: number, end?: number): never {
    const from = start ?? this.lexer.start;
    const span = this.source.span(from, end ?? (start === undefined ? this.lexer.end : from + 1));
    this.sink.error({ code, message, span, ...(hint === undefined ? {} : { hint }) });
    throw FAILURE;
  }

  /** Fails because the current token is not what the grammar wants. */
  unexpected(wanted: string, hint?: string): never {
    const { lexer } = this;
    if (lexer.kind === Token.Invalid && lexer.problem !== undefined) {
      const { code, message, hint: advice } = lexer.problem;
      return this.fail(code, message, advice);
    }
    if (lexer.kind === Token.End) {
      return this.fail("unexpected-end", `the file ends where ${wanted} should follow`, hint);
    }
    const found = lexer.text.length > 60 ? `${lexer.text.slice(0, 60)}...` : lexer.text;
    return this.fail("syntax", `expected ${wanted}, found '${found}'`, hint);
  }

  /** Whether the current token is of a kind. */
  at(kind: TokenKind): boolean {
    return this.lexer.kind === kind;
  }

  /** Takes a token of a kind, or fails. */
  expect(kind: TokenKind, hint?: string): void {
    if (this.lexer.kind !== kind) this.unexpected(describeToken(kind), hint);
    this.lexer.next();
  }

  /** Takes the current token if it is of a kind. */
  accept(kind: TokenKind): boolean {
    if (this.lexer.kind !== kind) return false;
    this.lexer.next();
    return true;
  }

  /** Takes the `;` at the end of a statement and returns where it ended. */
  semicolon(): number {
    if (this.lexer.kind !== Token.Semicolon) {
      if (this.lexer.kind === Token.Invalid) this.unexpected("';'");
      const at = this.lexer.previousEnd;
      this.fail("missing-semicolon", "expected ';' at the end of this statement", undefined, at);
    }
    const { end } = this.lexer;
    this.lexer.next();
    return end;
  }

  /** Runs `parse` one nesting level deeper; fails beyond the limit. */
  nested<T>(parse: () => T): T {
    this.enter();
    try {
      return parse();
    } finally {
      this.leave();
    }
  }

  enter(): void {
    if (this.#depth === NESTING_LIMIT_LEVELS) {
      this.fail("too-deep", `nested more than ${NESTING_LIMIT_LEVELS} levels deep`);
    }
    this.#depth++;
  }

  leave(): void {
    this.#depth--;
  }

  /** Forgets nesting levels that a failure left open. */
  resetDepth(depth: number): void {
    this.#depth = depth;
  }

  get depth(): number {
    return this.#depth;
  }

  /** Takes one identifier; `what` names it in a message, such as "a type". */
  name(what: string): Name {
    const { lexer } = this;
    if (lexer.kind !== Token.Identifier) this.#noName(what);
    const name = { start: lexer.start, end: lexer.end, id: lexer.id };
    lexer.next();
    return name;
  }

  #noName(what: string): never {
    const { lexer } = this;
    if (lexer.keyword !== undefined) {
      return this.fail(
        "reserved-word",
        `expected ${what}, but '${lexer.text}' is a word of the policy language`,
        "use another name: reserved words cannot be names",
      );
    }
    return this.unexpected(what);
  }

  /** `names`: a name, a set in braces, `*`, `~` with either, or `a - b`. */
  nameSet(what: string): NameSet {
    return this.sets.at(this.columnSet(what));
  }

  /** The same, left in the columns; gives the set's number. */
  columnSet(what: string): number {
    const { lexer } = this;
    const { start } = lexer;
    const first = this.memberCount;
    if (lexer.kind === Token.Identifier) {
      this.#addMember(false);
      if (this.at(Token.Minus)) {
        lexer.next();
        this.#excludedMember(what);
      }
      return this.#set(start, first, false, false);
    }
    if (this.accept(Token.Star)) return this.#set(start, first, true, false);
    const complement = this.accept(Token.Tilde);
    if (this.at(Token.OpenBrace)) this.#braces(what, true);
    else if (this.at(Token.Identifier)) this.#addMember(false);
    else this.#noName(`${what} or a set of them`);
    return this.#set(start, first, false, complement);
  }

  /** A flat set: `{ a b }`, and where `bare` is set, also one name alone. */
  flatSet(what: string, bare: boolean): NameSet {
    const { lexer } = this;
    const { start } = lexer;
    const first = this.memberCount;
    if (bare && lexer.kind === Token.Identifier) this.#addMember(false);
    else if (lexer.kind === Token.OpenBrace) this.#braces(what, false);
    else this.unexpected(bare ? `${what} or '{'` : "'{'");
    return this.sets.at(this.#set(start, first, false, false));
  }

  /** `a, b, c` */
  commaNames(what: string): NameSet {
    const { start } = this.lexer;
    const first = this.memberCount;
    do {
      if (this.lexer.kind !== Token.Identifier) this.#noName(what);
      this.#addMember(false);
    } while (this.accept(Token.Comma));
    return this.sets.at(this.#set(start, first, false, false));
  }

  #set(start: number, first: number, star: boolean, complement: boolean): number {
    const count = this.memberCount - first;
    return this.sets.add(start, this.lexer.previousEnd, first, count, star, complement);
  }

  /** `{ a -b { c } }`, flattened as the language defines it. */
  #braces(what: string, rich: boolean): void {
    const { lexer } = this;
    this.enter();
    lexer.next();
    if (lexer.kind === Token.CloseBrace) this.fail("empty-set", "a set cannot be empty");
    while (!this.at(Token.CloseBrace)) {
      if (this.at(Token.Identifier)) this.#addMember(false);
      else if (rich && this.at(Token.OpenBrace)) this.#braces(what, true);
      else if (rich && this.accept(Token.Minus)) this.#excludedMember(what);
      else this.#badMember(what);
    }
    lexer.next();
    this.leave();
  }

  #excludedMember(what: string): void {
    if (this.lexer.kind === Token.OpenBrace) {
      this.fail("exclude-set", "a whole set cannot be excluded", "write '-' before each name");
    }
    if (this.lexer.kind !== Token.Identifier) this.#noName(`${what} after '-'`);
    this.#addMember(true);
  }

  #badMember(what: string): never {
    const { kind } = this.lexer;
    if (kind === Token.Star || kind === Token.Tilde) {
      const found = kind === Token.Star ? "*" : "~";
      return this.fail(
        "set-operator",
        `'${found}' cannot stand inside braces`,
        "put it before '{'",
      );
    }
    return this.#noName(`${what} or '}'`);
  }

  #addMember(excluded: boolean): void {
    const { lexer } = this;
    if (this.memberCount === this.nameIds.length) this.#grow();
    this.nameIds[this.memberCount] = excluded ? ~lexer.id : lexer.id;
    this.nameStarts[this.memberCount] = lexer.start;
    this.memberCount++;
    lexer.next();
  }

  #grow(): void {
    this.nameIds = grown(this.nameIds);
    this.nameStarts = grown(this.nameStarts);
  }
}
