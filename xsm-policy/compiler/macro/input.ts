/** The stack of texts that are still to be read: a file, and on it the results of macro calls. */

import {
  nextOriginIndex,
  type Origin,
  originOf,
  type TextBuilder,
  type TracedText,
} from "./text.ts";

/** A text that is being read. */
interface Block {
  readonly piece: TracedText;
  at: number;
  /** Index of an origin at or before `at`. */
  origin: number;
}

/** The end of input, as a character code. */
export const END = -1;

const LETTER = 1;
const DIGIT = 2;
const QUOTE = 3;
const COMMENT = 4;
const PUNCTUATION = 5;

export const OPEN_QUOTE = 0x60;
export const CLOSE_QUOTE = 0x27;
export const COMMENT_START = 0x23;
export const OPEN = 0x28;
export const CLOSE = 0x29;
export const COMMA = 0x2c;
export const NEWLINE = 0x0a;

/** What each ASCII character means to the macro processor; 0 is plain text. */
const CLASSES = classes();

function classes(): Uint8Array {
  const table = new Uint8Array(128);
  for (const letter of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") {
    table[letter.charCodeAt(0)] = LETTER;
  }
  for (const digit of "0123456789") table[digit.charCodeAt(0)] = DIGIT;
  table[OPEN_QUOTE] = QUOTE;
  table[COMMENT_START] = COMMENT;
  for (const code of [OPEN, CLOSE, COMMA]) table[code] = PUNCTUATION;
  return table;
}

function classOf(code: number): number {
  return code >= 0 && code < 128 ? CLASSES[code] : 0;
}

/** Whether a macro name can start with this character. */
export function isLetter(code: number): boolean {
  return classOf(code) === LETTER;
}

function isWordPart(code: number): boolean {
  const kind = classOf(code);
  return kind === LETTER || kind === DIGIT;
}

/** Space as the C library sees it: what is dropped before an argument. */
function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** Reads characters from the topmost text that has some left. */
export class MacroInput {
  readonly #blocks: Block[] = [];

  push(piece: TracedText): void {
    if (piece.text !== "") this.#blocks.push({ piece, at: 0, origin: 0 });
  }

  /** The next character's code, or END. */
  peek(): number {
    const block = this.#top();
    return block === undefined ? END : block.piece.text.charCodeAt(block.at);
  }

  /** The origin of the next character; undefined at the end. */
  origin(): Origin | undefined {
    const block = this.#top();
    if (block === undefined) return undefined;
    block.origin = nextOriginIndex(block.piece, block.at, block.origin);
    return originOf(block.piece, block.at, block.origin);
  }

  /** Drops the next character. */
  skip(): void {
    const block = this.#top();
    if (block !== undefined) block.at++;
  }

  /** Drops white space. */
  skipSpace(): void {
    while (isSpace(this.peek())) this.skip();
  }

  /** Moves up to `count` characters of the topmost text to `out`. */
  take(out: TextBuilder, count: number): void {
    const block = this.#top();
    if (block === undefined || count === 0) return;
    block.origin = nextOriginIndex(block.piece, block.at, block.origin);
    out.append(block.piece, block.at, block.at + count, block.origin);
    block.at += count;
  }

  /** Moves a word, which may run on from the result of a call into the text after it. */
  takeWord(out: TextBuilder): void {
    for (let block = this.#top(); block !== undefined; block = this.#top()) {
      const end = wordEnd(block.piece.text, block.at);
      if (end === block.at) return;
      this.take(out, end - block.at);
    }
  }

  /**
   * Moves the text up to `stop`, and it too, or as much as there is.
   * @returns whether `stop` was found
   */
  takeThrough(out: TextBuilder, stop: number): boolean {
    const character = String.fromCharCode(stop);
    for (let block = this.#top(); block !== undefined; block = this.#top()) {
      const found = block.piece.text.indexOf(character, block.at);
      this.take(out, (found === -1 ? block.piece.text.length : found + 1) - block.at);
      if (found !== -1) return true;
    }
    return false;
  }

  /**
   * Moves quoted text without its outer quotes, the first of which has been dropped.
   * @returns whether the closing quote was found
   */
  takeQuoted(out: TextBuilder): boolean {
    let depth = 1;
    for (let block = this.#top(); block !== undefined; block = this.#top()) {
      const { text } = block.piece;
      let at = block.at;
      for (; at < text.length && depth > 0; at++) {
        const code = text.charCodeAt(at);
        if (code === OPEN_QUOTE) depth++;
        else if (code === CLOSE_QUOTE) depth--;
      }
      this.take(out, at - block.at - (depth === 0 ? 1 : 0));
      if (depth > 0) continue;
      this.skip();
      return true;
    }
    return false;
  }

  /**
   * How many characters from here on, in the topmost text, are certain to stand for themselves:
   * no macro's name, quote or comment, and no parenthesis or comma if those count.
   */
  plainLength(isMacro: (word: string) => boolean, punctuationCounts: boolean): number {
    const block = this.#top();
    if (block === undefined) return 0;
    const { text } = block.piece;
    const isLast = this.#blocks.length === 1;
    let at = block.at;
    while (at < text.length) {
      const kind = classOf(text.charCodeAt(at));
      if (kind === QUOTE || kind === COMMENT) break;
      if (kind === PUNCTUATION && punctuationCounts) break;
      if (kind !== LETTER) {
        at++;
        continue;
      }
      const end = wordEnd(text, at);
      if ((end === text.length && !isLast) || isMacro(text.slice(at, end))) break;
      at = end;
    }
    return at - block.at;
  }

  #top(): Block | undefined {
    for (;;) {
      const block = this.#blocks.at(-1);
      if (block === undefined || block.at < block.piece.text.length) return block;
      this.#blocks.pop();
    }
  }
}

function wordEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && isWordPart(text.charCodeAt(end))) end++;
  return end;
}
