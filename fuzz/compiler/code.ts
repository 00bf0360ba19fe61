// Functions of the generated module: pieces of code that are large, or that are steps with a name,
// become functions of what they use; equal ones become one.

import { freeNames, type Half, type Scope, withoutUnused } from "./scope.ts";

/** A function of the generated module, and what a piece of code has to give it. */
export interface Piece {
  readonly name: string;
  /** Names in the piece that its parameters stand for. */
  readonly takes: readonly string[];
  readonly mayRefuse: boolean;
}

/** `@refuse LABEL LOW HIGH`: the attempt of that label ends so. `@after LABEL`: the function that
 *  was called before may have refused, which ends that attempt. */
const REFUSE = /^@refuse (L\d+) (\S+) (\S+)$/;
const AFTER = /^@after (L\d+)$/;
const LABEL = /^(L\d+): \{$/;

/** Refusals as statements: of attempts in these lines, and of those around them. */
function withRefusals(lines: readonly string[]): { lines: string[]; mayRefuse: boolean } {
  const own = new Set(lines.flatMap((line) => LABEL.exec(line)?.[1] ?? []));
  let mayRefuse = false;
  const rendered = lines.map((line) => {
    const refuse = REFUSE.exec(line);
    if (refuse !== null) {
      const [, label, low, high] = refuse;
      if (own.has(label!)) return `{ RL = ${low}; RH = ${high}; break ${label}; }`;
      mayRefuse = true;
      return `{ RL = ${low}; RH = ${high}; REFUSED = 1; return 0; }`;
    }
    const after = AFTER.exec(line);
    if (after === null) return line;
    if (own.has(after[1]!)) return `if (REFUSED === 1) { REFUSED = 0; break ${after[1]}; }`;
    mayRefuse = true;
    return "if (REFUSED === 1) return 0;";
  });
  return { lines: rendered, mayRefuse };
}

/** The text with its names and labels numbered in the order of their first use. */
function canonical(text: string): string {
  const names = new Map<string, string>();
  return text.replace(/\b([vr])\d+\b|\bL\d+\b/g, (name, kind: string | undefined) => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const made = `${kind ?? "L"}${names.size}`;
    names.set(name, made);
    return made;
  });
}

export class Code {
  readonly #texts: string[] = [];
  readonly #byText = new Map<string, string>();

  /** Makes a function of a scope's lines that gives these halves. */
  outline({ lines }: Scope, results: readonly Half[]): Piece {
    const [first, ...others] = results.map(({ text }) => text);
    const more = others.map((text, index) => `H${index + 1} = ${text};`);
    const end = [...more, `return ${first ?? 0};`].join(" ");
    const kept = withoutUnused(lines, end);
    const rendered = withRefusals(kept);
    const takes = freeNames([...kept, end]);
    const body = `(${takes.join(", ")}) {\n${[...rendered.lines, end].join("\n")}\n}`;
    const { mayRefuse } = rendered;
    return { name: this.#named(body), takes, mayRefuse };
  }

  #named(body: string): string {
    const text = canonical(body);
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const name = `f${this.#byText.size}`;
    this.#byText.set(text, name);
    this.#texts.push(`function ${name}${text}`);
    return name;
  }

  /** A function with a name of its own and these parameters. */
  define(name: string, parameters: readonly string[], lines: readonly string[], end: string): void {
    const { lines: rendered } = withRefusals(withoutUnused(lines, end));
    const body = `(${parameters.join(", ")}) {\n${[...rendered, end].join("\n")}\n}`;
    this.#texts.push(`function ${name}${body}`);
  }

  get functions(): readonly string[] {
    return this.#texts;
  }
}
