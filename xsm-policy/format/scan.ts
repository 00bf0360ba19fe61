/** Splits policy source, macros and all, into tokens that lose nothing but white space. */

export type TokenKind =
  | "word"
  | "mark"
  /** From `#`, or from `dnl`, to the end of the line. */
  | "comment"
  /** A quoted text that stands on one line; nothing in it is touched. */
  | "quoted"
  /** The quotes around a text of several lines, which is formatted like any other. */
  | "open-quote"
  | "close-quote";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** White space between the token and the one before it on its line. */
  readonly space: string;
  /** Newlines before the token. */
  readonly newlines: number;
}

/** A source that cannot be formatted, and where. */
export class FormatError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

const WORD = /[^\s{}(),;:#`'"~*!=&|^<>]+/y;
const IN_QUOTES_WORD = /(?:\$#|[^\s{}(),;:#`'"~*!=&|^<>$]|\$(?!#))+/y;
const MARK = /==|!=|&&|\|\||[^\s]/y;
const STRING = /"[^"\n]*"/y;
const LINE_REST = /[^\n]*/y;
/** Inside quotes a quote counts even in a comment. */
const UNQUOTED_REST = /[^\n`']*/y;
const SPACE = /\s*/y;

/**
 * Scans a source.
 * @throws FormatError if a quote is not closed
 */
export function scan(text: string): Token[] {
  return new Scanner(text).run();
}

class Scanner {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  /** Offsets of the open quotes of several lines. */
  readonly #quotes: number[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Token[] {
    for (;;) {
      const space = this.#match(SPACE);
      if (this.#at === this.#text.length) break;
      const newlines = space.split("\n").length - 1;
      const sameLine = newlines === 0 ? space : "";
      const [kind, text] = this.#token();
      this.#tokens.push({ kind, text, space: sameLine, newlines });
    }
    const open = this.#quotes.at(-1);
    if (open !== undefined) throw this.#unclosed(open);
    return this.#tokens;
  }

  #token(): [TokenKind, string] {
    const character = this.#text[this.#at];
    const isQuoted = this.#quotes.length > 0;
    if (character === "#") return ["comment", this.#comment(isQuoted)];
    if (character === "`") return this.#openQuote();
    if (character === "'" && isQuoted) {
      this.#quotes.pop();
      this.#at++;
      return ["close-quote", "'"];
    }
    const string = this.#match(STRING);
    if (string !== "") return ["word", string];
    const start = this.#at;
    const word = this.#match(isQuoted ? IN_QUOTES_WORD : WORD);
    if (word === "") return ["mark", this.#match(MARK)];
    if (word !== "dnl") return ["word", word];
    this.#at = start;
    return ["comment", this.#comment(isQuoted)];
  }

  #comment(isQuoted: boolean): string {
    return this.#match(isQuoted ? UNQUOTED_REST : LINE_REST).trimEnd();
  }

  #openQuote(): [TokenKind, string] {
    const end = this.#closing(this.#at);
    const quoted = this.#text.slice(this.#at, end);
    if (!quoted.includes("\n")) {
      this.#at = end;
      return ["quoted", quoted];
    }
    this.#quotes.push(this.#at);
    this.#at++;
    return ["open-quote", "`"];
  }

  /** The offset after the quote that closes the one at `open`. */
  #closing(open: number): number {
    let depth = 0;
    for (let at = open; at < this.#text.length; at++) {
      if (this.#text[at] === "`") depth++;
      if (this.#text[at] === "'" && --depth === 0) return at + 1;
    }
    throw this.#unclosed(open);
  }

  #unclosed(offset: number): FormatError {
    const line = this.#text.slice(0, offset).split("\n").length;
    return new FormatError("the quote ` is not closed", line);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }
}
