/** Where the characters of expanded text come from: files, and the macro calls on the way. */

import type { CallSite, Position } from "../source.ts";
import { MAX_CHAIN_LENGTH } from "./limits.ts";

/** A file that was read, under the name that messages show. */
export class MacroFile {
  readonly name: string;
  readonly text: string;
  #lineStarts: number[] | undefined;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  /** Line and column, both from 1, of an offset. */
  place(offset: number): { line: number; column: number } {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle] <= offset) low = middle + 1;
      else high = middle;
    }
    return { line: low, column: offset - starts[low - 1] + 1 };
  }

  /** The text of a line, without its end; undefined past the last line. */
  line(number: number): string | undefined {
    const starts = this.#starts();
    if (number < 1 || number > starts.length) return undefined;
    const end = number < starts.length ? starts[number] - 1 : this.text.length;
    return this.text.slice(starts[number - 1], end);
  }

  #starts(): number[] {
    if (this.#lineStarts === undefined) {
      const starts = [0];
      for (let at = this.text.indexOf("\n"); at !== -1; at = this.text.indexOf("\n", at + 1)) {
        starts.push(at + 1);
      }
      this.#lineStarts = starts;
    }
    return this.#lineStarts;
  }
}

/** The frame of text that no macro made. */
export const NO_FRAME = 0;

/** Marks a frame that joins two others and is no call itself. */
const JOINT = "";

/**
 * The calls that were made, as columns. A frame is one call: the macro, the place of its name, and
 * the frame that the name stood in. A joint frame stands for text that passed through calls of
 * its own (`inner`) before a further call (`outer`) took it in.
 */
export class FrameTable {
  readonly #macros: string[] = [JOINT];
  /** File of a call; `inner` of a joint. */
  readonly #files: number[] = [0];
  /** Offset of a call; `outer` of a joint. */
  readonly #offsets: number[] = [0];
  readonly #parents: number[] = [NO_FRAME];
  readonly #depths: number[] = [0];

  /** Adds a call and returns its frame. */
  call(macro: string, file: number, offset: number, parent: number): number {
    return this.#add(macro, file, offset, parent, this.#depths[parent] + 1);
  }

  /** The frame of text that stood in `inner` and now stands in the expansion of call `outer`. */
  join(inner: number, outer: number): number {
    if (inner === NO_FRAME || inner === this.#parents[outer]) return outer;
    return this.#add(
      JOINT,
      inner,
      outer,
      NO_FRAME,
      Math.max(this.#depths[inner], this.#depths[outer]),
    );
  }

  /**
   * Like `join`, for text of a macro's body that was itself made by calls: keeps the first calls,
   * which say who wrote it, and the last, which say who uses it. Without that, a macro that grows
   * by redefinition would carry each step.
   */
  rejoin(inner: number, outer: number): number {
    return this.join(this.#isJoint(inner) ? this.#files[inner] : inner, outer);
  }

  /** How many calls lead to a frame, joints not counted. */
  depth(frame: number): number {
    return this.#depths[frame];
  }

  /** The calls of a frame, innermost first; a call that repeats itself is named once. */
  chain(frame: number, files: readonly MacroFile[]): CallSite[] {
    const chain: CallSite[] = [];
    this.#walk(frame, NO_FRAME, files, chain);
    return chain;
  }

  #walk(from: number, until: number, files: readonly MacroFile[], chain: CallSite[]): void {
    let frame = from;
    while (frame !== NO_FRAME && frame !== until && chain.length < MAX_CHAIN_LENGTH) {
      if (this.#isJoint(frame)) {
        const outer = this.#offsets[frame];
        this.#walk(this.#files[frame], this.#parents[outer], files, chain);
        frame = outer;
        continue;
      }
      const file = files[this.#files[frame]];
      const site = { file: file.name, ...file.place(this.#offsets[frame]) };
      const last = chain.at(-1);
      const macro = this.#macros[frame];
      const repeats = last?.macro === macro && last.file === site.file && last.line === site.line;
      if (!repeats) chain.push({ macro, ...site });
      frame = this.#parents[frame];
    }
  }

  #isJoint(frame: number): boolean {
    return frame !== NO_FRAME && this.#macros[frame] === JOINT;
  }

  #add(macro: string, file: number, offset: number, parent: number, depth: number): number {
    this.#macros.push(macro);
    this.#files.push(file);
    this.#offsets.push(offset);
    this.#parents.push(parent);
    return this.#depths.push(depth) - 1;
  }
}

/** The position of a character: where it is written, and the calls that brought it here. */
export function positionOf(
  files: readonly MacroFile[],
  frames: FrameTable,
  file: number,
  offset: number,
  frame: number,
): Position {
  const written = files[file];
  const place = written.place(Math.min(offset, written.text.length));
  const chain = frames.chain(frame, files);
  return { file: written.name, ...place, ...(chain.length > 0 ? { chain } : {}) };
}
