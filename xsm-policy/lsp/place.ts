/** Places in files, as editors count them: lines and characters from zero. */

import type { CallSite, Span } from "../compiler/source.ts";

/** A position between two characters. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly character: number;
  readonly endLine: number;
  readonly endCharacter: number;
}

/** The place of a span of macro output. */
export function placeOfSpan({ file, line, column, endLine, endColumn, length }: Span): Place {
  return {
    file,
    line: line - 1,
    character: column - 1,
    endLine: (endLine ?? line) - 1,
    endCharacter: (endColumn ?? column + length) - 1,
  };
}

/** The place of a macro's name where it is called. */
export function placeOfCall({ macro, file, line, column }: CallSite): Place {
  return {
    file,
    line: line - 1,
    character: column - 1,
    endLine: line - 1,
    endCharacter: column - 1 + macro.length,
  };
}

/** Turns offsets of one text into places. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle] <= offset) low = middle + 1;
      else high = middle;
    }
    return { line: low - 1, character: offset - this.#starts[low - 1] };
  }

  offset({ line, character }: Position): number {
    return (this.#starts[line] ?? this.#starts[this.#starts.length - 1]) + character;
  }

  place(file: string, start: number, end: number): Place {
    const from = this.position(start);
    const to = this.position(end);
    return { file, ...from, endLine: to.line, endCharacter: to.character };
  }
}

/** Whether a position lies in a place, its end included. */
export function covers({ line, character, endLine, endCharacter }: Place, at: Position): boolean {
  if (at.line < line || at.line > endLine) return false;
  if (at.line === line && at.character < character) return false;
  return at.line !== endLine || at.character <= endCharacter;
}

/** Equal for the same place. */
export function placeKey({ file, line, character, endLine, endCharacter }: Place): string {
  return `${line}:${character}-${endLine}:${endCharacter} ${file}`;
}
