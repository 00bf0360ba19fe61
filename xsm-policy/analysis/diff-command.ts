/** `xenolith policy diff`: what changed between two policies. */

import { Command } from "commander";
import {
  append,
  EXIT_FINDING,
  loadOrReport,
  mapOrUsage,
  print,
  printJson,
  usage,
} from "./command-support.ts";
import { diffPolicies, type PolicyDifference, type VerdictChange } from "./diff.ts";
import type { SourceEdit } from "./diff-statements.ts";
import type { TupleChange } from "./diff-tuples.ts";
import { grantLines, placeText, setText, stepLines } from "./show.ts";

const DEFAULT_LIMIT = "50";

const afterHelp = `
OLD and NEW are each a policy.conf, a folder of modules, or a binary policy. An edit in a macro is
one edit, with the number of statements that it changes. With a binary, edits are lines of the
policy as plain text. Assertions given with --assert are asked of both.

Examples:
  xenolith policy diff old/policy.conf new/policy.conf
  xenolith policy diff mypolicy.before/ mypolicy/ --assert goals.assert
  xenolith policy diff xenpolicy.30 mypolicy/ --json

Exit codes: 0 the same, 1 different or one does not compile, 2 wrong usage`;

interface Options {
  readonly assert: readonly string[];
  readonly map?: string;
  readonly limit: string;
  readonly mls?: boolean;
  readonly json?: boolean;
}

/** The command `diff`. */
export function diffCommand(): Command {
  return new Command("diff")
    .description("compare two policies: source edits, access tuples, verdicts")
    .argument("<old>", "the policy before")
    .argument("<new>", "the policy after")
    .option("--assert <file>", "assertions to ask of both; may be repeated", append, [])
    .option("--map <file>", "another direction map, ours or in the form of SETools")
    .option("--limit <count>", "how much of each list is shown", DEFAULT_LIMIT)
    .option("--mls", "define enable_mls for folders of modules")
    .option("--json", "print all differences as JSON")
    .addHelpText("after", afterHelp)
    .action((before: string, after: string, options: Options, command: Command) => {
      run(before, after, options, command);
    });
}

function run(before: string, after: string, options: Options, command: Command): void {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1) usage(command, "--limit takes a number from 1 on");
  const map = mapOrUsage(options.map, command);
  const old = loadOrReport(before, options, command);
  const fresh = loadOrReport(after, options, command);
  if (old === undefined || fresh === undefined) return;
  const difference = diffPolicies(old, fresh, map);
  if (options.json === true) printJson({ old: before, new: after, ...difference });
  else print(diffText(difference, limit));
  if (Object.values(difference).some((list) => list.length > 0)) process.exitCode = EXIT_FINDING;
}

/** The difference as text. */
export function diffText(difference: PolicyDifference, limit: number): string {
  const { edits, lost, gained, verdicts } = difference;
  const lines = [
    ...section("source edits", edits, limit, editLines),
    ...section("tuples lost", lost, limit, (each) => [`- ${tupleText(each)}`]),
    ...section("tuples gained", gained, limit, (each) => [`+ ${tupleText(each)}`]),
    ...section("verdicts changed", verdicts, limit, verdictLines),
  ];
  if (lines.length === 0) lines.push("the policies are the same");
  return `${lines.join("\n")}\n`;
}

function section<Item>(
  title: string,
  items: readonly Item[],
  limit: number,
  show: (item: Item) => string[],
): string[] {
  if (items.length === 0) return [];
  const more = items.length - limit;
  return [
    `${title}: ${items.length}`,
    ...items.slice(0, limit).flatMap((item) => show(item).map((line) => `  ${line}`)),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function editLines({ oldText, oldSpan, newText, newSpan, count }: SourceEdit): string[] {
  const lines: string[] = [];
  const times = count === 1 ? "" : ` (${count} statements)`;
  if (oldText !== undefined) lines.push(`- ${atPlace(placeText(oldSpan))}${oldText}${times}`);
  if (newText !== undefined) lines.push(`+ ${atPlace(placeText(newSpan))}${newText}${times}`);
  return lines;
}

function atPlace(place: string): string {
  return place === "" ? "" : `${place}: `;
}

function tupleText({
  source,
  target,
  class: className,
  permissions,
  condition,
}: TupleChange): string {
  const when = condition === "" ? "" : ` if ${condition}`;
  return `${source} ${target}:${className} ${setText(permissions)}${when}`;
}

function verdictLines({ text, before, after, verdict }: VerdictChange): string[] {
  const lines = [`${before} -> ${after}: ${text}`];
  if (after !== "broken") return lines;
  for (const { summary, steps, grants } of verdict.violations) {
    lines.push(`  ${summary}`);
    for (const step of steps) lines.push(...stepLines(step, "    "));
    for (const grant of grants) lines.push(...grantLines(grant, "    "));
  }
  return lines;
}
