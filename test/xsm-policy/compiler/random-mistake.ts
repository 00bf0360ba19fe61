/** Mistakes that a person might make, one of which is put into a random policy. */

const MISTAKES: readonly ((line: string) => string)[] = [
  (line) => line.replace(/;$/, ""),
  (line) => line.replace(/\b(ty_|attr|role_r|user_u|bool_b)\d/, "$1nowhere"),
  (line) => line.replace(/\b(create|send|look|touch|open)\b/, "levitate"),
  (line) => line.replace("{", ""),
  (line) => line.replace(/[:,]/, ""),
  (line) => `${line} ${line}`,
  (line) => line.replace(/^(allow|auditallow|dontaudit) \S+/, "$1 *"),
  (line) => line.replace(/^(\w+) /, "$1 ~"),
  (line) => line.replace(/\w+/, (word) => word.toUpperCase()),
  (line) => line.replace(/\bself\b/, "-self"),
  (line) => line.replace(/ty_\d/, "dom"),
  () => "",
  () => "}",
  (line) => line.replace(/(\w)(\W)/, "$1@$2"),
];

/** One spoilt policy in this many also has two lines exchanged. */
const SPOILT_PER_EXCHANGE = 5;

/** Puts one mistake into one line. */
export function spoil(lines: string[], random: () => number): void {
  const below = (limit: number) => Math.floor(random() * limit);
  const index = below(lines.length);
  lines[index] = MISTAKES[below(MISTAKES.length)](lines[index]);
  if (below(SPOILT_PER_EXCHANGE) > 0) return;
  const other = below(lines.length);
  [lines[index], lines[other]] = [lines[other], lines[index]];
}
