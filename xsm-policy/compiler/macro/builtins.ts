/** The macros that the processor knows by itself. */

import { appendArguments, type Builtin, type Call, type Definitions } from "./definitions.ts";
import { MAX_SUBJECT_CHARACTERS, RegexpError, translateRegexp } from "./regexp.ts";
import { EMPTY_TEXT, type Origin, type TextBuilder, type TracedText } from "./text.ts";

/** What a builtin may ask of the processor. */
export interface Host {
  readonly definitions: Definitions;
  newText(): TextBuilder;
  /** Reports something that a person should see; expansion goes on. */
  warn(code: string, message: string, origin: Origin): void;
  /** Reports an error and ends the expansion. */
  fail(code: string, message: string, origin: Origin, hint?: string): never;
  /** Drops input up to and with the next newline. */
  skipLine(): void;
  fileName(origin: Origin): string;
  lineNumber(origin: Origin): number;
}

/** A builtin's work: gives the text that takes the place of the call. */
type Action = (call: Call, host: Host) => TracedText;

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["define", (call, host) => define(call, host, "define", false)],
  ["pushdef", (call, host) => define(call, host, "push", false)],
  ["interface", (call, host) => define(call, host, "define", true)],
  ["template", (call, host) => define(call, host, "define", true)],
  ["undefine", (call, host) => forEachName(call, (name) => host.definitions.remove(name))],
  ["popdef", (call, host) => forEachName(call, (name) => host.definitions.pop(name))],
  ["ifdef", ifDefined],
  ["ifelse", ifElse],
  ["shift", shift],
  ["incr", (call, host) => count(call, host, 1)],
  ["decr", (call, host) => count(call, host, -1)],
  ["regexp", regexp],
  ["errprint", errorPrint],
  ["dnl", dropLine],
  ["__file__", (call, host) => made(call, host, `\`${host.fileName(call.origin)}'`)],
  ["__line__", (call, host) => made(call, host, String(host.lineNumber(call.origin)))],
  ["__program__", (call, host) => made(call, host, "`xenolith'")],
]);

/** Builtins that act even where no parenthesis follows their name. */
const BARE = new Set(["dnl", "__file__", "__line__", "__program__"]);

/** Macros of m4 that are refused, and those of them that act without a parenthesis. */
const REFUSED =
  "builtin changecom changequote changeword debugfile debugmode defn divert divnum dumpdef " +
  "esyscmd eval format include index indir len m4exit m4wrap maketemp mkstemp patsubst sinclude " +
  "substr syscmd sysval traceoff traceon translit undivert";
const REFUSED_BARE = new Set(
  (
    "changecom changequote changeword debugfile debugmode divert divnum dumpdef m4exit sysval " +
    "traceoff traceon undivert"
  ).split(" "),
);

/** Makes all builtins known. */
export function defineBuiltins(definitions: Definitions): void {
  const add = (name: string, needsArguments: boolean): void => {
    const builtin: Builtin = { kind: "builtin", name, needsArguments };
    definitions.define(name, builtin);
  };
  for (const name of ACTIONS.keys()) add(name, !BARE.has(name));
  for (const name of REFUSED.split(" ")) add(name, !REFUSED_BARE.has(name));
}

/** Carries out a call of a builtin. */
export function callBuiltin(builtin: Builtin, call: Call, host: Host): TracedText {
  const action = ACTIONS.get(builtin.name);
  if (action !== undefined) return action(call, host);
  return host.fail(
    "macro-refused",
    `the m4 macro ${builtin.name} is not supported in a policy`,
    call.origin,
    `supported are ${[...ACTIONS.keys()].sort().join(", ")}`,
  );
}

function argument(call: Call, index: number): string {
  return call.arguments[index]?.text ?? "";
}

function made(call: Call, host: Host, text: string): TracedText {
  const out = host.newText();
  out.appendMade(text, call.origin);
  return out.finish();
}

function define(call: Call, host: Host, how: "define" | "push", isInterface: boolean): TracedText {
  const name = argument(call, 1);
  const before = host.definitions.get(name);
  // Refpolicy's support files define these two so that they work only in two passes of m4.
  const isOurs = before?.kind === "builtin" && /^(interface|template)$/.test(name);
  if (isOurs && !isInterface) return EMPTY_TEXT;
  if (isInterface && before?.kind === "user" && before.isInterface) {
    host.warn("macro-redefined", `interface ${name} is defined again`, call.origin);
  }
  const body = call.arguments[2] ?? EMPTY_TEXT;
  host.definitions[how](name, { kind: "user", body, defined: call.origin, isInterface });
  return EMPTY_TEXT;
}

function forEachName(call: Call, act: (name: string) => void): TracedText {
  for (const name of call.arguments.slice(1)) act(name.text);
  return EMPTY_TEXT;
}

function ifDefined(call: Call, host: Host): TracedText {
  if (call.arguments.length < 3) return tooFew(call, host);
  const chosen = host.definitions.has(argument(call, 1)) ? 2 : 3;
  return call.arguments[chosen] ?? EMPTY_TEXT;
}

/** Pairs that are compared, each with what to give if they are equal; a last one for otherwise. */
function ifElse(call: Call, host: Host): TracedText {
  const list = call.arguments;
  if (list.length === 2) return EMPTY_TEXT;
  if (list.length < 4) return tooFew(call, host);
  let at = 1;
  for (; at + 2 < list.length; at += 3) {
    if (list[at].text === list[at + 1].text) return list[at + 2];
  }
  return list[at] ?? EMPTY_TEXT;
}

function shift(call: Call, host: Host): TracedText {
  const out = host.newText();
  appendArguments(out, call.arguments, 2, true, call.origin);
  return out.finish();
}

function count(call: Call, host: Host, step: number): TracedText {
  const text = argument(call, 1);
  if (!/^\s*[-+]?[0-9]*$/.test(text)) {
    host.warn("macro-number", `${call.name}(${text}): not a number`, call.origin);
    return EMPTY_TEXT;
  }
  return made(call, host, String((Number(text) + step) | 0));
}

function errorPrint(call: Call, host: Host): TracedText {
  const message = call.arguments.slice(1).map((each) => each.text);
  host.warn("macro-message", message.join(" ").trim(), call.origin);
  return EMPTY_TEXT;
}

function dropLine(_call: Call, host: Host): TracedText {
  host.skipLine();
  return EMPTY_TEXT;
}

function regexp(call: Call, host: Host): TracedText {
  const subject = argument(call, 1);
  if (call.arguments.length < 3) return tooFew(call, host);
  if (subject.length > MAX_SUBJECT_CHARACTERS) {
    host.fail("macro-limit", "the text given to regexp is too long", call.origin);
  }
  const match = search(call, host, subject);
  const replacement = call.arguments[3];
  if (replacement === undefined) return made(call, host, String(match?.index ?? -1));
  return match === null ? EMPTY_TEXT : replace(call, host, match, replacement);
}

function search(call: Call, host: Host, subject: string): RegExpExecArray | null {
  const expression = argument(call, 2);
  try {
    return translateRegexp(expression).exec(subject);
  } catch (error) {
    if (!(error instanceof RegexpError)) throw error;
    const message = `regexp does not understand ${JSON.stringify(expression)}: ${error.message}`;
    return host.fail("macro-regexp", message, call.origin);
  }
}

/** The replacement with `\&` and `\1` replaced by what was matched. */
function replace(
  call: Call,
  host: Host,
  match: RegExpExecArray,
  replacement: TracedText,
): TracedText {
  const out = host.newText();
  const { text } = replacement;
  let at = 0;
  for (const reference of text.matchAll(/\\([&0-9]|(.|\n)?)/g)) {
    out.append(replacement, at, reference.index);
    at = reference.index + reference[0].length;
    const which = reference[1];
    if (which === "&" || /^[0-9]$/.test(which)) {
      out.appendMade(match[which === "&" ? 0 : Number(which)] ?? "", call.origin);
    } else {
      out.appendMade(which, call.origin);
    }
  }
  out.append(replacement, at, text.length);
  return out.finish();
}

function tooFew(call: Call, host: Host): TracedText {
  host.warn("macro-arguments", `too few arguments to ${call.name}`, call.origin);
  return EMPTY_TEXT;
}
