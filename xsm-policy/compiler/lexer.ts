/** Splits policy text into tokens, one at a time and without a copy of a repeated name. */

import { TOKEN_LENGTH_LIMIT_CHARACTERS } from "./limits.ts";
import { asciiBytes, HASH_START, hashStep, type NameTable } from "./names.ts";
import type { SourceText } from "./source.ts";
import {
  KEYWORD_NAME_COUNT,
  KEYWORDS,
  type Keyword,
  OPERATOR_WORDS,
  Token,
  type TokenKind,
} from "./tokens.ts";

/** Kinds of characters; the first three are bits: one test tells what a name goes on with. */
const LETTER = 1;
const DIGIT = 2;
const UNDERSCORE = 4;
const NAME = LETTER | DIGIT | UNDERSCORE;
const SPACE = 8;
const COMMENT = 16;
/** From here on: a token of one character, by its kind. */
const FIRST_SINGLE = 32;

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const MINUS = 45;
const DOT = 46;
const SLASH = 47;

/** Tokens of one character. */
const SINGLES: readonly (readonly [string, TokenKind])[] = [
  [";", Token.Semicolon],
  [":", Token.Colon],
  [",", Token.Comma],
  ["{", Token.OpenBrace],
  ["}", Token.CloseBrace],
  ["(", Token.OpenParenthesis],
  [")", Token.CloseParenthesis],
  ["-", Token.Minus],
  ["~", Token.Tilde],
  ["*", Token.Star],
  ["^", Token.Xor],
];

const CHARACTER_CLASS = buildCharacterClasses();
const OPERATOR_OF_KEYWORD = KEYWORDS.map((word) => OPERATOR_WORDS[word] ?? Token.Keyword);

/** What the lexer cannot read: reported by the parser where it meets the token. */
export interface LexicalProblem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** The token that `next` moved to stands in `kind`, `id`, `keyword`, `start` and `end`. */
export class Lexer {
  kind: TokenKind = Token.End;
  /** Name number of an identifier or a keyword. */
  id = -1;
  keyword: Keyword | undefined;
  start = 0;
  end = 0;
  /** End of the token before this one. */
  previousEnd = 0;
  /** Set for an `Invalid` token. */
  problem: LexicalProblem | undefined;
  readonly source: SourceText;
  readonly names: NameTable;
  readonly #text: string;
  /** The text, one byte a character: an array is read several times faster than a string. */
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(source: SourceText, names: NameTable) {
    this.source = source;
    this.names = names;
    this.#text = source.text;
    this.#bytes = asciiBytes(source.text);
  }

  /** The text of the current token. */
  get text(): string {
    return this.#text.slice(this.start, this.end);
  }

  /** Moves to the next token; at the end of the text it stays on `End`. */
  next(): void {
    const bytes = this.#bytes;
    this.previousEnd = this.end;
    let at = this.#at;
    let kind = at < bytes.length ? CHARACTER_CLASS[bytes[at]] : 0;
    while (kind === SPACE || kind === COMMENT) {
      at = kind === COMMENT ? this.#skipComment(at) : at + 1;
      kind = at < bytes.length ? CHARACTER_CLASS[bytes[at]] : 0;
    }
    this.start = at;
    if (kind === LETTER) this.#name(at);
    else if (kind >= FIRST_SINGLE) this.#finish((kind - FIRST_SINGLE) as TokenKind, at + 1);
    else if (at >= bytes.length) this.#finish(Token.End, at);
    else this.#other(at, bytes[at]);
  }

  #finish(kind: TokenKind, end: number): void {
    this.kind = kind;
    this.keyword = undefined;
    this.end = end;
    this.#at = end;
  }

  #name(start: number): void {
    const bytes = this.#bytes;
    let hash = HASH_START;
    let at = start;
    while (at < bytes.length) {
      const byte = bytes[at];
      if (!isNameByte(byte)) {
        // A '-' is part of a name when it is glued to one; a '.' when a name goes on after it.
        if (byte !== MINUS && !(byte === DOT && this.#isNamePart(at + 1))) break;
      }
      hash = hashStep(hash, byte);
      at++;
    }
    if (at - start > TOKEN_LENGTH_LIMIT_CHARACTERS) {
      this.#tooLong("name", at);
      return;
    }
    this.#finish(Token.Identifier, at);
    this.id = this.names.internBytes(bytes, start, at, hash, this.#text);
    if (this.id < KEYWORD_NAME_COUNT) this.#becomeKeyword();
  }

  #becomeKeyword(): void {
    const number = this.id % KEYWORDS.length;
    this.kind = OPERATOR_OF_KEYWORD[number];
    this.keyword = KEYWORDS[number];
  }

  #isNamePart(at: number): boolean {
    const byte = this.#bytes[at];
    return byte === MINUS || (byte !== undefined && isNameByte(byte));
  }

  #other(at: number, byte: number): void {
    if (CHARACTER_CLASS[byte] === DIGIT) this.#number(at);
    else if (byte === QUOTE) this.#quoted(at);
    else if (byte === SLASH) this.#path(at);
    else this.#operator(at);
  }

  /** Decimal or 0x hexadecimal; letters glued to it make it no number at all. */
  #number(start: number): void {
    const text = this.#text;
    let at = start;
    while (at < text.length && isAlphanumeric(this.#bytes[at])) at++;
    if (at - start > TOKEN_LENGTH_LIMIT_CHARACTERS) {
      this.#tooLong("number", at);
      return;
    }
    if (/^(?:\d+|0x[0-9a-fA-F]+)$/.test(text.slice(start, at))) {
      this.#finish(Token.Number, at);
      return;
    }
    this.#invalid(at, {
      code: "bad-number",
      message: `'${text.slice(start, Math.min(at, start + 40))}' is neither a number nor a name`,
      hint: "numbers are decimal or 0x hexadecimal; names begin with a letter",
    });
  }

  #quoted(start: number): void {
    const text = this.#text;
    let at = start + 1;
    while (at < text.length && text.charCodeAt(at) !== QUOTE && text.charCodeAt(at) !== NEWLINE)
      at++;
    if (at - start > TOKEN_LENGTH_LIMIT_CHARACTERS) {
      this.#tooLong("quoted text", at);
    } else if (text.charCodeAt(at) !== QUOTE) {
      this.#invalid(at, {
        code: "open-quote",
        message: "a quote is not closed on its line",
        hint: 'close it with "',
      });
    } else {
      this.#finish(
        text.charCodeAt(start + 1) === SLASH ? Token.QuotedPath : Token.QuotedName,
        at + 1,
      );
    }
  }

  #path(start: number): void {
    const bytes = this.#bytes;
    let at = start;
    while (at < bytes.length && CHARACTER_CLASS[bytes[at]] !== SPACE && bytes[at] !== RETURN) at++;
    if (at - start > TOKEN_LENGTH_LIMIT_CHARACTERS) this.#tooLong("path", at);
    else this.#finish(Token.Path, at);
  }

  #operator(at: number): void {
    const unit = this.#text.charCodeAt(at);
    const next = this.#text.charCodeAt(at + 1);
    const character = String.fromCharCode(unit);
    if (character === "=" && next === unit) this.#finish(Token.Equal, at + 2);
    else if (character === "&" && next === unit) this.#finish(Token.And, at + 2);
    else if (character === "|" && next === unit) this.#finish(Token.Or, at + 2);
    else if (character === "!" && next === 61) this.#finish(Token.NotEqual, at + 2);
    else if (character === "!") this.#finish(Token.Not, at + 1);
    else this.#unknownCharacter(at, unit);
  }

  /** A run of characters outside the language is one problem, however long it is. */
  #unknownCharacter(start: number, unit: number): void {
    const text = this.#text;
    let at = start + 1;
    while (at < text.length && isUnknown(this.#bytes[at])) at++;
    const code = unit.toString(16).toUpperCase().padStart(4, "0");
    const shown = unit > 32 && unit < 127 ? `'${String.fromCharCode(unit)}'` : `U+${code}`;
    this.#invalid(at, {
      code: "bad-character",
      message: `${shown} is not a character of the policy language`,
      ...(unit === 13
        ? { hint: "the file has Windows line ends: convert them to plain ones" }
        : {}),
    });
  }

  #tooLong(what: string, end: number): void {
    this.#invalid(end, {
      code: "token-too-long",
      message: `a ${what} of ${end - this.start} characters is too long`,
      hint: `at most ${TOKEN_LENGTH_LIMIT_CHARACTERS} characters are taken`,
    });
  }

  #invalid(end: number, problem: LexicalProblem): void {
    this.#finish(Token.Invalid, end);
    this.problem = problem;
  }

  /** Skips a comment; a `#line` directive moves the reported position. */
  #skipComment(start: number): number {
    const newline = this.#text.indexOf("\n", start);
    const end = newline === -1 ? this.#text.length : newline;
    if (this.#text.startsWith("#line ", start) && end - start < TOKEN_LENGTH_LIMIT_CHARACTERS) {
      const match = /^#line (\d{1,9})(?: "([^"]*)")?/.exec(this.#text.slice(start, end));
      if (match !== null) this.source.addLineMark(start, end + 1, Number(match[1]), match[2]);
    }
    return end;
  }
}

function buildCharacterClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  for (let unit = 0; unit < 26; unit++) classes[65 + unit] = classes[97 + unit] = LETTER;
  for (let unit = 48; unit < 58; unit++) classes[unit] = DIGIT;
  for (const unit of [9, NEWLINE, 12, 32]) classes[unit] = SPACE;
  classes["_".charCodeAt(0)] = UNDERSCORE;
  classes["#".charCodeAt(0)] = COMMENT;
  for (const [character, kind] of SINGLES) {
    classes[character.charCodeAt(0)] = FIRST_SINGLE + kind;
  }
  return classes;
}

/** A letter, a digit or '_'. */
function isNameByte(byte: number): boolean {
  const kind = CHARACTER_CLASS[byte];
  return (kind & NAME) !== 0 && kind < FIRST_SINGLE;
}

function isAlphanumeric(byte: number): boolean {
  return CHARACTER_CLASS[byte] === LETTER || CHARACTER_CLASS[byte] === DIGIT;
}

/** Whether a character begins nothing that the language has. */
function isUnknown(byte: number): boolean {
  return CHARACTER_CLASS[byte] === 0 && !'"/=!&|'.includes(String.fromCharCode(byte));
}
