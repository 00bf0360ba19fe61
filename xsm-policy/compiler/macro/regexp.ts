/** The regular expressions of `regexp`, which are written in the manner of Emacs. */

/** Longest text that is searched; what a policy asks of `regexp` is a boolean's name. */
export const MAX_SUBJECT_CHARACTERS = 65_536;

/** An expression that is not understood; the message says which part. */
export class RegexpError extends Error {}

/** One element of an expression: how many characters it takes, and its translation. */
interface Element {
  readonly length: number;
  readonly kind: "start" | "open" | "close" | "repeat" | "one" | "assertion";
  readonly translation: string;
}

/** Escapes that stand for a place or for a character of some kind. */
const ESCAPES: ReadonlyMap<string, Omit<Element, "length">> = new Map([
  ["w", { kind: "one", translation: "\\w" }],
  ["W", { kind: "one", translation: "\\W" }],
  ["b", { kind: "assertion", translation: "\\b" }],
  ["B", { kind: "assertion", translation: "\\B" }],
  ["<", { kind: "assertion", translation: "\\b(?=\\w)" }],
  [">", { kind: "assertion", translation: "\\b(?<=\\w)" }],
  ["`", { kind: "assertion", translation: "(?<![^])" }],
  ["'", { kind: "assertion", translation: "(?![^])" }],
  ["(", { kind: "open", translation: "(" }],
  [")", { kind: "close", translation: ")" }],
]);

/**
 * Translates an expression. Refused, because they would match otherwise than in m4 or need time
 * without bound: alternatives, repeated groups, repeated repetitions, back references.
 * @throws RegexpError
 */
export function translateRegexp(expression: string): RegExp {
  let translation = "";
  let previous: Element["kind"] = "start";
  for (let at = 0; at < expression.length; ) {
    const element = readElement(expression, at, previous);
    if (element.kind === "repeat" && previous === "close")
      throw new RegexpError("a repeated group");
    if (element.kind === "repeat" && previous === "repeat") {
      throw new RegexpError("a repetition of a repetition");
    }
    translation += element.translation;
    previous = element.kind;
    at += element.length;
  }
  try {
    return new RegExp(translation, "m");
  } catch {
    throw new RegexpError("unbalanced parentheses or brackets");
  }
}

function readElement(expression: string, at: number, previous: Element["kind"]): Element {
  const character = expression[at];
  const atStart = previous === "start" || previous === "open";
  if (character === "\\") return readEscape(expression[at + 1]);
  if (character === "[") return readBracket(expression, at);
  if (character === ".") return { length: 1, kind: "one", translation: "." };
  if ("*+?".includes(character) && !atStart && previous !== "assertion") {
    return { length: 1, kind: "repeat", translation: character };
  }
  if (character === "^" && atStart) return { length: 1, kind: "assertion", translation: "^" };
  if (character === "$" && isAtEnd(expression, at + 1)) {
    return { length: 1, kind: "assertion", translation: "$" };
  }
  return { length: 1, kind: "one", translation: literal(character) };
}

function literal(character: string): string {
  return /[\^$|(){}[\]/*+?.]/.test(character) ? `\\${character}` : character;
}

function readEscape(escaped: string | undefined): Element {
  if (escaped === undefined) throw new RegexpError("a backslash at the end");
  const known = ESCAPES.get(escaped);
  if (known !== undefined) return { length: 2, ...known };
  if (escaped === "|") throw new RegexpError("alternatives (\\|)");
  if (/[0-9]/.test(escaped)) throw new RegexpError("a back reference");
  if (/[a-zA-Z{}]/.test(escaped)) throw new RegexpError(`\\${escaped}`);
  return { length: 2, kind: "one", translation: literal(escaped) };
}

function readBracket(expression: string, at: number): Element {
  const first = expression[at + 1] === "^" ? at + 2 : at + 1;
  const end = expression.indexOf("]", first + 1);
  if (end === -1) throw new RegexpError("unbalanced parentheses or brackets");
  const inside = expression.slice(at + 1, end);
  if (inside.includes("[:")) throw new RegexpError("a named character class");
  const translation = `[${inside.replace(/[\\\][]/g, "\\$&")}]`;
  return { length: end + 1 - at, kind: "one", translation };
}

function isAtEnd(expression: string, at: number): boolean {
  return at === expression.length || expression.startsWith("\\)", at);
}
