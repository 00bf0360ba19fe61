/** Macros as they are written: where each is defined, and what is said of it there. */

/** A file's name and text. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

export interface MacroDefinition {
  readonly name: string;
  readonly file: SourceFile;
  /** Offset of the name in its file. */
  readonly offset: number;
  /** `interface`, `template`, `define` or `pushdef`. */
  readonly by: string;
  /** The comment directly above, without its `#` signs. */
  readonly comment: string;
  /** Offsets of the body, without its quotes; undefined if it is not quoted. */
  readonly body: { readonly start: number; readonly end: number } | undefined;
}

const DEFINITION =
  /(?<![\w.$-])(define|pushdef|interface|template)\(\s*`?([A-Za-z_][\w$]*)'?\s*([,)])/g;

/** Definitions by name, in the order in which they are read. */
export class MacroIndex {
  readonly #byName = new Map<string, MacroDefinition[]>();

  constructor(files: readonly SourceFile[]) {
    for (const file of files) {
      for (const definition of definitionsIn(file)) {
        const known = this.#byName.get(definition.name);
        if (known === undefined) this.#byName.set(definition.name, [definition]);
        else known.push(definition);
      }
    }
  }

  /** All definitions of a name; several where one takes the place of another. */
  of(name: string): readonly MacroDefinition[] {
    return this.#byName.get(name) ?? [];
  }

  /** The definition that counts last for each name. */
  *all(): Generator<MacroDefinition> {
    for (const list of this.#byName.values()) yield list[list.length - 1];
  }
}

function definitionsIn(file: SourceFile): MacroDefinition[] {
  const { text } = file;
  return [...text.matchAll(DEFINITION)]
    .filter(({ index }) => !isInComment(text, index))
    .map((match) => {
      const [whole, by, name, end] = match;
      const offset = match.index + whole.indexOf(name, by.length);
      const after = match.index + whole.length;
      const body = end === "," ? quotedAt(text, after) : undefined;
      return { name, file, offset, by, comment: commentAbove(text, match.index), body };
    });
}

/** The quoted text that begins at or after white space from `from`. */
function quotedAt(text: string, from: number): MacroDefinition["body"] {
  let at = from;
  while (/\s/.test(text[at] ?? "")) at++;
  if (text[at] !== "`") return undefined;
  const start = at + 1;
  for (let depth = 0; at < text.length; at++) {
    if (text[at] === "`") depth++;
    if (text[at] === "'" && --depth === 0) return { start, end: at };
  }
  return undefined;
}

function isInComment(text: string, offset: number): boolean {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return line.includes("#") || /\bdnl\b/.test(line);
}

/** The lines of comment directly above a place. */
function commentAbove(text: string, offset: number): string {
  const above = text.slice(0, text.lastIndexOf("\n", offset - 1) + 1).split("\n");
  const comment: string[] = [];
  for (let line = above.length - 2; line >= 0 && /^\s*#/.test(above[line]); line--) {
    comment.unshift(above[line].replace(/^\s*#+ ?/, "").trimEnd());
  }
  return comment.join("\n").trim();
}
