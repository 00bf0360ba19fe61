// Where generated code goes: scopes of lines, each expression bound once to a name. A scope knows
// what was computed and read in it and around it, so that nothing is computed or read twice.

/** Half of a word, 32 bits: a constant or a name, with what it can be at most. */
export interface Half {
  readonly text: string;
  /** As a signed number, if it is a constant. */
  readonly value?: number;
  /** The greatest unsigned number that it can be. */
  readonly max: number;
}

export const ANY = 0xffffffff;
const SIGNED_MAX = 0x7fffffff;

/** The half that is this number modulo 2^32. */
export function constantHalf(value: number): Half {
  return { text: String(value | 0), value: value | 0, max: value >>> 0 };
}

export const ZERO = constantHalf(0);

/** The half as text for an unsigned comparison or sum. */
export function unsigned({ text, value, max }: Half): string {
  if (value !== undefined) return String(value >>> 0);
  return max <= SIGNED_MAX ? text : `(${text} >>> 0)`;
}

/** What is known of a column's cells that were read: by the row's name. */
type Reads = Map<string, readonly Half[]>;

export class Scope {
  readonly lines: string[] = [];
  /** Columns that are written in it. */
  readonly written = new Set<string>();
  readonly #known = new Map<string, Half>();
  readonly #parent: Scope | undefined;
  readonly #reads: Map<string, Reads>;

  /** @param again whether its lines may be carried out again, after themselves */
  constructor(parent: Scope | undefined, again = false) {
    this.#parent = parent;
    this.#reads = new Map();
    if (parent === undefined || again) return;
    for (const [column, reads] of parent.#reads) this.#reads.set(column, new Map(reads));
  }

  /** What an expression was bound to here or around. */
  known(expression: string): Half | undefined {
    return this.#known.get(expression) ?? this.#parent?.known(expression);
  }

  know(expression: string, half: Half): void {
    this.#known.set(expression, half);
  }

  readAlready(column: string, row: string): readonly Half[] | undefined {
    return this.#reads.get(column)?.get(row);
  }

  keepRead(column: string, row: string, halves: readonly Half[]): void {
    const reads = this.#reads.get(column);
    if (reads === undefined) this.#reads.set(column, new Map([[row, halves]]));
    else reads.set(row, halves);
  }

  /** These columns are written: what was read of them is of no use any more. */
  forget(columns: Iterable<string>): void {
    for (const column of columns) {
      this.written.add(column);
      this.#reads.delete(column);
    }
  }
}

const NAMES = /\b[vr]\d+\b/g;
const PURE = /^(?:const (v\d+) = |let (r\d+) = 0;$|(r\d+) = )/;

/** The lines without those whose results nobody uses; `result` is used behind them. */
export function withoutUnused(lines: readonly string[], result: string): string[] {
  const used = new Set(result.match(NAMES));
  const kept: string[] = [];
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = lines[at]!;
    const pure = PURE.exec(line);
    const name = pure?.[1] ?? pure?.[2] ?? pure?.[3];
    if (name !== undefined && !used.has(name)) continue;
    for (const found of line.match(NAMES) ?? []) used.add(found);
    kept.push(line);
  }
  return kept.reverse();
}

/** Names that lines use and do not define, in the order of their first use. */
export function freeNames(lines: readonly string[]): string[] {
  const defined = new Set<string>();
  const free = new Set<string>();
  for (const line of lines) {
    for (const [name] of line.matchAll(NAMES)) {
      if (!defined.has(name)) free.add(name);
    }
    for (const [, name] of line.matchAll(/\b(?:const|let) ([vr]\d+)\b/g)) {
      defined.add(name!);
      free.delete(name!);
    }
  }
  return [...free];
}
