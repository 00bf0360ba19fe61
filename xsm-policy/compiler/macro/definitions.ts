/** What a name stands for, and how a macro's body takes in its arguments. */

import type { FrameTable } from "./origin.ts";
import { type Origin, originIndex, originOf, type TextBuilder, type TracedText } from "./text.ts";

/** A macro that the policy defines. */
export interface UserMacro {
  readonly kind: "user";
  readonly body: TracedText;
  /** Where its definition begins. */
  readonly defined: Origin;
  /** Whether `interface` or `template` made it. */
  readonly isInterface: boolean;
}

/** A macro that the processor knows from the start. */
export interface Builtin {
  readonly kind: "builtin";
  readonly name: string;
  /** Whether the name without parentheses is plain text. */
  readonly needsArguments: boolean;
}

export type Macro = UserMacro | Builtin;

/** Names and their definitions; the last of a name's stack counts. */
export class Definitions {
  readonly #stacks = new Map<string, Macro[]>();

  get(name: string): Macro | undefined {
    return this.#stacks.get(name)?.at(-1);
  }

  names(): Iterable<string> {
    return this.#stacks.keys();
  }

  has(name: string): boolean {
    return this.#stacks.has(name);
  }

  /** Replaces the present definition, or adds the first. */
  define(name: string, macro: Macro): void {
    const stack = this.#stacks.get(name);
    if (stack === undefined) this.#stacks.set(name, [macro]);
    else stack[stack.length - 1] = macro;
  }

  /** Hides the present definition behind a new one. */
  push(name: string, macro: Macro): void {
    const stack = this.#stacks.get(name);
    if (stack === undefined) this.#stacks.set(name, [macro]);
    else stack.push(macro);
  }

  /** Drops the present definition; the one that it hid counts again. */
  pop(name: string): void {
    const stack = this.#stacks.get(name);
    stack?.pop();
    if (stack?.length === 0) this.#stacks.delete(name);
  }

  /** Drops all definitions of a name. */
  remove(name: string): void {
    this.#stacks.delete(name);
  }
}

/** A macro call whose arguments have been read; argument 0 is the macro's name. */
export interface Call {
  readonly name: string;
  /** Where the name stands. */
  readonly origin: Origin;
  readonly arguments: readonly TracedText[];
}

const DOLLAR = "$";

/**
 * Appends to `out` the body with `$1`, `$#`, `$*` and `$@` replaced. Body characters get the call's
 * frame; argument characters keep their place and are marked as having passed through the call.
 */
export function substitute(
  out: TextBuilder,
  macro: UserMacro,
  call: Call,
  frames: FrameTable,
  frame: number,
): void {
  const { body } = macro;
  const ofBody = once((own) => frames.rejoin(own, frame));
  const ofArgument = once((own) => frames.join(own, frame));
  const { text } = body;
  let at = 0;
  for (;;) {
    const dollar = text.indexOf(DOLLAR, at);
    const reference = dollar === -1 ? undefined : readReference(text, dollar + 1);
    const end = dollar === -1 ? text.length : reference === undefined ? dollar + 1 : dollar;
    if (end > at) out.append(body, at, end, originIndex(body, at), ofBody);
    if (dollar === -1) return;
    at = reference === undefined ? end : reference.end;
    if (reference === undefined) continue;
    const own = originOf(body, dollar);
    const origin = { ...own, frame: ofBody(own.frame) };
    appendReference(out, reference.what, call.arguments, origin, ofArgument);
  }
}

/** Appends arguments from `first` on, with commas between, each in quotes if `quoted`. */
export function appendArguments(
  out: TextBuilder,
  list: readonly TracedText[],
  first: number,
  quoted: boolean,
  origin: Origin,
  frame?: (own: number) => number,
): void {
  for (let index = first; index < list.length; index++) {
    if (index > first) out.appendMade(",", origin);
    if (quoted) out.appendMade("`", origin);
    out.append(list[index], 0, list[index].text.length, 0, frame);
    if (quoted) out.appendMade("'", origin);
  }
}

function appendReference(
  out: TextBuilder,
  what: string,
  list: readonly TracedText[],
  origin: Origin,
  frame: (own: number) => number,
): void {
  if (what === "#") out.appendMade(String(list.length - 1), origin);
  else if (what === "*" || what === "@") {
    appendArguments(out, list, 1, what === "@", origin, frame);
  } else {
    const argument = list[Number(what)];
    if (argument !== undefined) out.append(argument, 0, argument.text.length, 0, frame);
  }
}

/** What stands after a `$`: a number, `#`, `*` or `@`; undefined if the `$` means itself. */
function readReference(text: string, at: number): { what: string; end: number } | undefined {
  const first = text[at];
  if (first === "#" || first === "*" || first === "@") return { what: first, end: at + 1 };
  let end = at;
  while (end < text.length && text[end] >= "0" && text[end] <= "9") end++;
  return end === at ? undefined : { what: text.slice(at, end), end };
}

/** Remembers the last answer: texts seldom mix frames. */
function once(answer: (key: number) => number): (key: number) => number {
  let lastKey = -1;
  let last = -1;
  return (key) => {
    if (key !== lastKey) {
      lastKey = key;
      last = answer(key);
    }
    return last;
  };
}
