/** Text in which each character knows its origin. */

import type { MacroLimits } from "./limits.ts";

/** Numbers per origin: start in the text, file, offset in the file, frame. */
export const ORIGIN_WIDTH = 4;

/**
 * A text and its origins, flat: from `origins[i]` on, characters come from file `origins[i + 1]`,
 * offset `origins[i + 2]` onward, in frame `origins[i + 3]`. The first origin starts at 0; an
 * empty text may have none.
 */
export interface TracedText {
  readonly text: string;
  readonly origins: readonly number[];
}

/** One character's origin. */
export interface Origin {
  readonly file: number;
  readonly offset: number;
  readonly frame: number;
}

export const EMPTY_TEXT: TracedText = { text: "", origins: [] };

/** A whole file as traced text. */
export function textOfFile(file: number, text: string): TracedText {
  return { text, origins: [0, file, 0, 0] };
}

/** Index of the origin that covers `at`. */
export function originIndex({ origins }: TracedText, at: number): number {
  let low = 1;
  let high = origins.length / ORIGIN_WIDTH;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (origins[middle * ORIGIN_WIDTH] <= at) low = middle + 1;
    else high = middle;
  }
  return (low - 1) * ORIGIN_WIDTH;
}

/** Index of the origin that covers `at`, looked for from `start`, which lies not far before. */
export function nextOriginIndex({ origins }: TracedText, at: number, start: number): number {
  let index = start;
  while (index + ORIGIN_WIDTH < origins.length && origins[index + ORIGIN_WIDTH] <= at) {
    index += ORIGIN_WIDTH;
  }
  return index;
}

/** The origin of one character; `index` is that of its origin. */
export function originOf(text: TracedText, at: number, index = originIndex(text, at)): Origin {
  const { origins } = text;
  return {
    file: origins[index + 1],
    offset: origins[index + 2] + at - origins[index],
    frame: origins[index + 3],
  };
}

/** A text has grown beyond its limits. */
export class TextLimitError extends Error {}

/** Collects traced text piece by piece; each append may throw TextLimitError. */
export class TextBuilder {
  #text = "";
  /** What was appended last and not yet copied, so that neighbours are copied in one piece. */
  #pending = { text: "", from: 0, to: 0 };
  readonly #origins: number[] = [];
  readonly #limits: Pick<MacroLimits, "textCharacters" | "textOrigins">;

  constructor(limits: Pick<MacroLimits, "textCharacters" | "textOrigins">) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#text.length + this.#pending.to - this.#pending.from;
  }

  /**
   * Appends characters [from, to) of `piece`.
   * @param first the origin index of `from`
   * @param frame gives the frame of the appended characters from their own; kept when absent
   */
  append(
    piece: TracedText,
    from: number,
    to: number,
    first = originIndex(piece, from),
    frame?: (own: number) => number,
  ): void {
    const { origins } = piece;
    this.#reserve(to - from);
    let index = first;
    for (let at = from; at < to; index += ORIGIN_WIDTH) {
      const next = index + ORIGIN_WIDTH < origins.length ? origins[index + ORIGIN_WIDTH] : to;
      const offset = origins[index + 2] + at - origins[index];
      const own = origins[index + 3];
      this.#mark(origins[index + 1], offset, frame === undefined ? own : frame(own), at - from);
      at = Math.max(at, Math.min(next, to));
    }
    const pending = this.#pending;
    if (pending.text === piece.text && pending.to === from) pending.to = to;
    else {
      this.#copyPending();
      this.#pending = { text: piece.text, from, to };
    }
  }

  /** Appends all of `piece`. */
  appendAll(piece: TracedText): void {
    this.append(piece, 0, piece.text.length);
  }

  /** Appends text that a builtin made, as if it were written at `origin`. */
  appendMade(text: string, origin: Origin): void {
    if (text === "") return;
    this.#reserve(text.length);
    this.#mark(origin.file, origin.offset, origin.frame, 0);
    this.#copyPending();
    this.#text += text;
  }

  finish(): TracedText {
    this.#copyPending();
    return { text: this.#text, origins: this.#origins };
  }

  #copyPending(): void {
    const { text, from, to } = this.#pending;
    if (to > from) this.#text += text.slice(from, to);
    this.#pending = { text: "", from: 0, to: 0 };
  }

  #reserve(characters: number): void {
    const { textCharacters, textOrigins } = this.#limits;
    if (
      this.length + characters > textCharacters ||
      this.#origins.length > textOrigins * ORIGIN_WIDTH
    ) {
      throw new TextLimitError("a text is too long");
    }
  }

  /** Notes that the character `ahead` of the present end has this origin. */
  #mark(file: number, offset: number, frame: number, ahead: number): void {
    const origins = this.#origins;
    const at = this.length + ahead;
    const last = origins.length - ORIGIN_WIDTH;
    const continues =
      last >= 0 &&
      origins[last + 1] === file &&
      origins[last + 3] === frame &&
      origins[last + 2] + at - origins[last] === offset;
    if (!continues) origins.push(at, file, offset, frame);
  }
}
