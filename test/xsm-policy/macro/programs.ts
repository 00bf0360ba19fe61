/** Random macro programs in the subset of m4 that policies use. */

import fc from "fast-check";

const NAMES = ["f", "g", "h", "f_self", "gh", "x1"];
const WORDS = ["allow", "dom", "self", "a_t", "s0", "c0", "r", "h", "1x"];
const PLAIN = [" ", "  ", "\n", "\t", ";", ":", "-", "~", "{ ", " }", "$", "$$", "7", ".", "/"];
const PARAMETERS = ["$1", "$2", "$3", "$#", "$@", "$*", "$0", "$10", "$1_self", "x$2"];

const name = fc.constantFrom(...NAMES);
const quoted = (text: string): string => `\`${text}'`;

/** Text of nested depth; `inBody` allows parameters. */
const fragment: fc.Memo<string> = fc.memo((depth) => {
  const leaf = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...WORDS) },
    { weight: 3, arbitrary: fc.constantFrom(...PLAIN) },
    { weight: 2, arbitrary: name },
    { weight: 2, arbitrary: fc.constantFrom(...PARAMETERS) },
    { weight: 1, arbitrary: fc.constantFrom("# note, with (signs\n", "dnl gone\n", "()", "(a,b)") },
  );
  if (depth <= 1) return leaf;
  const inner = text(depth - 1);
  const either = fc.oneof(inner, inner.map(quoted));
  const call = (macro: string, least: number, most: number): fc.Arbitrary<string> =>
    fc.array(either, { minLength: least, maxLength: most }).map((list) => `${macro}(${list})`);
  const number = fc.integer({ min: -3, max: 12 }).map(String);
  return fc.oneof(
    { weight: 6, arbitrary: leaf },
    { weight: 2, arbitrary: inner.map(quoted) },
    { weight: 3, arbitrary: name.chain((macro) => call(macro, 0, 3)) },
    { weight: 2, arbitrary: call("ifelse", 1, 7) },
    { weight: 1, arbitrary: call("shift", 0, 3) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom("incr", "decr"), number)
        .map(([macro, value]) => `${macro}(${value})`),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(name, inner, inner)
        .map(([macro, yes, no]) => `ifdef(${quoted(macro)},${quoted(yes)},${quoted(no)})`),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom("define", "pushdef"), name, inner)
        .map(([how, macro, body]) => `${how}(${quoted(macro)},${quoted(body)})`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom("undefine", "popdef"), name)
        .map(([how, macro]) => `${how}(${quoted(macro)})`),
    },
  );
});

const text = (depth: number): fc.Arbitrary<string> =>
  fc.array(fragment(depth), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));

/** A program: some definitions, then text that uses them. */
export const program: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      text(3),
      fc.tuple(name, text(3)).map(([macro, body]) => `define(${quoted(macro)},${quoted(body)})`),
    ),
    { minLength: 2, maxLength: 8 },
  )
  .map((parts) => `${parts.join("\n")}\n`);
