/** Where things stand in policy text: spans, position maps, and the lines to show for them. */

/** One macro call on the way from a file's top level to a piece of expanded text. */
export interface CallSite {
  readonly macro: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A place a person can go to. Lines and columns count from 1; columns count UTF-16 units. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The macro calls that lead here, innermost first; absent for text that stands as written. */
  readonly chain?: readonly CallSite[];
}

/** A stretch of text; `offset` and `length` count in the (expanded) text that was parsed. */
export interface Span extends Position {
  readonly endLine?: number;
  readonly endColumn?: number;
  readonly offset: number;
  readonly length: number;
}

/** Maps an offset of expanded text to the place it was written. */
export interface PositionMap {
  locate(offset: number): Position;
  /** The original line's text, for excerpts; undefined where it is not known. */
  lineText?(file: string, line: number): string | undefined;
}

/** What the compiler reads: one text, and for macro output the map back to what was written. */
export interface SourceInput {
  /** Name shown in diagnostics, as a rule the path given by the user. */
  readonly name: string;
  readonly text: string;
  readonly positions?: PositionMap;
}

/** A `#line` directive: from `offset` on, lines count from `line`, in `file`. */
interface LineMark {
  readonly offset: number;
  readonly physicalLine: number;
  readonly line: number;
  readonly file: string;
}

/** A text with its line index; turns offsets into spans on demand, so that nodes stay small. */
export class SourceText {
  readonly name: string;
  readonly text: string;
  readonly positions: PositionMap | undefined;
  readonly #marks: LineMark[] = [];
  #lineStarts: Int32Array | undefined;

  constructor(input: SourceInput) {
    this.name = input.name;
    this.text = input.text;
    this.positions = input.positions;
  }

  /**
   * Records a `#line` directive; must be called in text order. Ignored where a position map
   * speaks for the text, because the map knows more.
   * @param start offset of the directive
   * @param offset first offset after the directive's own line
   */
  addLineMark(start: number, offset: number, line: number, file: string | undefined): void {
    if (this.positions !== undefined) return;
    const previous = this.#marks.at(-1);
    // Nothing stands between two directives in a row: the first says nothing.
    if (previous?.offset === start) this.#marks.pop();
    this.#marks.push({
      offset,
      physicalLine: this.#physicalLine(offset),
      line,
      file: file ?? previous?.file ?? this.name,
    });
  }

  /** The span of text [start, end), with line, column and macro chain. */
  span(start: number, end: number): Span {
    const from = this.position(start);
    const to = this.position(Math.max(start, end - 1));
    const sameFile = to.file === from.file && to.line >= from.line;
    return {
      ...from,
      ...(sameFile ? { endLine: to.line, endColumn: to.column + 1 } : {}),
      offset: start,
      length: Math.max(0, end - start),
    };
  }

  /** File, line and column of an offset, by the position map or the `#line` directives. */
  position(offset: number): Position {
    if (this.positions !== undefined) return this.positions.locate(offset);
    const physicalLine = this.#physicalLine(offset);
    const column = offset - this.#starts()[physicalLine - 1] + 1;
    const mark = this.#markAt(offset);
    if (mark === undefined) return { file: this.name, line: physicalLine, column };
    return { file: mark.file, line: mark.line + physicalLine - mark.physicalLine, column };
  }

  /** The line of text to show for a span, and the column in it; undefined where unknown. */
  excerpt(span: Span): { text: string; column: number } | undefined {
    if (this.positions !== undefined) {
      const text = this.positions.lineText?.(span.file, span.line);
      return text === undefined ? undefined : { text, column: span.column };
    }
    const starts = this.#starts();
    const line = this.#physicalLine(span.offset);
    const from = starts[line - 1];
    const to = line < starts.length ? starts[line] - 1 : this.text.length;
    return { text: this.text.slice(from, to), column: span.offset - from + 1 };
  }

  #starts(): Int32Array {
    this.#lineStarts ??= indexLines(this.text);
    return this.#lineStarts;
  }

  #physicalLine(offset: number): number {
    return upperBound(this.#starts(), offset);
  }

  #markAt(offset: number): LineMark | undefined {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#marks[middle].offset <= offset) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : this.#marks[low - 1];
  }
}

/** Offsets of the first character of each line. */
function indexLines(text: string): Int32Array {
  let starts = new Int32Array(1024);
  let count = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    if (count === starts.length) {
      const grown = new Int32Array(count * 2);
      grown.set(starts);
      starts = grown;
    }
    starts[count++] = at + 1;
  }
  return starts.subarray(0, count);
}

/** How many entries of an ascending array are at most `value`. */
function upperBound(ascending: Int32Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
