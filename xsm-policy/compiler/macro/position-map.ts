/** Maps offsets of expanded text back to files, lines and macro calls. */

import type { Position, PositionMap } from "../source.ts";
import { type FrameTable, type MacroFile, positionOf } from "./origin.ts";
import { ORIGIN_WIDTH, type TracedText } from "./text.ts";

/** The position map of a macro expansion. */
export class MacroPositions implements PositionMap {
  readonly #files: readonly MacroFile[];
  readonly #frames: FrameTable;
  readonly #origins: Int32Array;
  readonly #byName: ReadonlyMap<string, MacroFile>;

  constructor(files: readonly MacroFile[], frames: FrameTable, output: TracedText) {
    this.#files = files;
    this.#frames = frames;
    this.#origins = Int32Array.from(output.origins);
    this.#byName = new Map(files.map((file) => [file.name, file]));
  }

  /** The map of another text that was made from the same calls. */
  of(output: TracedText): MacroPositions {
    return new MacroPositions(this.#files, this.#frames, output);
  }

  /** Where the character at `offset` was written; past the end, where the last one was. */
  locate(offset: number): Position {
    if (this.#origins.length === 0) {
      return { file: this.#files[0]?.name ?? "", line: 1, column: 1 };
    }
    const [start, file, base, frame] = this.#origin(offset);
    return positionOf(this.#files, this.#frames, file, base + Math.max(0, offset - start), frame);
  }

  /** The original line's text; undefined for a file that was not read. */
  lineText(file: string, line: number): string | undefined {
    return this.#byName.get(file)?.line(line);
  }

  #origin(offset: number): Int32Array {
    let low = 1;
    let high = this.#origins.length / ORIGIN_WIDTH;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#origins[middle * ORIGIN_WIDTH] <= offset) low = middle + 1;
      else high = middle;
    }
    return this.#origins.subarray((low - 1) * ORIGIN_WIDTH, low * ORIGIN_WIDTH);
  }
}
