// The grammar of xl's configuration files: NAME = VALUE or NAME += VALUE, each ended by a line end
// or a semicolon. A value is a string, a number or a list, and a list's line ends do not count.
// The last assignment to a name wins; += appends to what stands before it.

import { scan, type Token } from "./config-tokens.ts";
import { Problem, problemAt } from "./problem.ts";

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A string or a number: xl keeps both as text. */
export interface Atom extends Place {
  readonly kind: "atom";
  readonly text: string;
}
export interface List extends Place {
  readonly kind: "list";
  readonly values: readonly Value[];
}
export type Value = Atom | List;

export interface Setting extends Place {
  readonly name: string;
  readonly value: Value;
}

/** The settings of a file, in the order of their first assignment. */
export type Settings = ReadonlyMap<string, Setting>;

/** Deeper lists mean nothing to any key of xl. */
const DEEPEST_LIST = 8;

/** A Problem at a place of a configuration file; line 0 is no file but the command line. */
export function problemHere(place: Place, text: string): Problem {
  if (place.line === 0) return new Problem(`${place.file}: ${text}`);
  return problemAt(place.file, place.line, place.column, text);
}

const shown = (token: Token): string => {
  if (token.kind === "end") return "the end of the file";
  if (token.kind === "newline") return "the end of the line";
  return token.kind === "string" ? "a string" : `"${token.text}"`;
};

class Parser {
  readonly #tokens: readonly Token[];
  readonly #file: string;
  #at = 0;

  constructor(text: string, file: string) {
    this.#tokens = scan(text, file);
    this.#file = file;
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#at++;
    return token;
  }

  #place(token: Token): Place {
    return { file: this.#file, line: token.line, column: token.column };
  }

  #fail(token: Token, wanted: string): Problem {
    return problemHere(this.#place(token), `${wanted} expected, not ${shown(token)}`);
  }

  #isSign(text: string): boolean {
    const token = this.#peek();
    return token.kind === "sign" && token.text === text;
  }

  #skipLines(): void {
    while (this.#peek().kind === "newline") this.#take();
  }

  settings(): Settings {
    const settings = new Map<string, Setting>();
    for (;;) {
      while (this.#peek().kind === "newline" || this.#isSign(";")) this.#take();
      if (this.#peek().kind === "end") return settings;
      this.#assignment(settings);
      const end = this.#peek();
      if (end.kind === "end" || end.kind === "newline" || this.#isSign(";")) continue;
      throw this.#fail(end, "a line end or ;");
    }
  }

  #assignment(settings: Map<string, Setting>): void {
    const name = this.#take();
    if (name.kind !== "name") throw this.#fail(name, "the name of a setting");
    const sign = this.#take();
    const appends = sign.kind === "sign" && sign.text === "+=";
    if (!appends && (sign.kind !== "sign" || sign.text !== "=")) throw this.#fail(sign, "= or +=");
    const value = this.#value(0);
    const before = settings.get(name.text);
    const joined = appends && before !== undefined ? join(before.value, value) : value;
    settings.set(name.text, { ...this.#place(name), name: name.text, value: joined });
  }

  #value(depth: number): Value {
    const token = this.#take();
    if (token.kind === "string" || token.kind === "number") {
      return { ...this.#place(token), kind: "atom", text: token.text };
    }
    if (token.kind !== "sign" || token.text !== "[") {
      throw this.#fail(token, "a string, a number or [");
    }
    if (depth === DEEPEST_LIST) throw this.#fail(token, "no deeper list");
    return { ...this.#place(token), kind: "list", values: this.#list(depth + 1) };
  }

  #list(depth: number): Value[] {
    const values: Value[] = [];
    for (;;) {
      this.#skipLines();
      if (this.#isSign("]")) break;
      values.push(this.#value(depth));
      this.#skipLines();
      if (this.#isSign("]")) break;
      const comma = this.#take();
      if (comma.kind !== "sign" || comma.text !== ",") throw this.#fail(comma, ", or ]");
    }
    this.#take();
    return values;
  }
}

function join(before: Value, after: Value): Value {
  if (before.kind === "atom" && after.kind === "atom") {
    return { ...after, text: before.text + after.text };
  }
  if (before.kind === "list" && after.kind === "list") {
    return { ...after, values: [...before.values, ...after.values] };
  }
  throw problemHere(after, "a list cannot be added to a string, nor a string to a list");
}

/** Reads a configuration file's text. `file` is for errors. Throws a Problem with the place. */
export function parseConfig(text: string, file: string): Settings {
  return new Parser(text, file).settings();
}
