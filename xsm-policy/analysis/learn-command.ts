/** `xenolith policy learn`: what a recorded run says about a policy. */

import { readFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import {
  append,
  EXIT_FINDING,
  loadOrReport,
  mapOrUsage,
  print,
  printJson,
  readOrUsage,
  usage,
} from "./command-support.ts";
import { type Lesson, learn, type NeededGrant } from "./learn.ts";
import { readDecisionLog } from "./learn-log.ts";
import type { UnusedGrant } from "./learn-unused.ts";
import { listText, placeText } from "./show.ts";

const STANDARD_INPUT = "-";

/** The policy that a log is read against where none is named. */
const SHIPPED_POLICY = path.join(import.meta.dirname, "../policy/xenolith");

/** Permissions of an unused grant that are named. */
const SHOWN_PERMISSIONS = 12;

const afterHelp = `
LOG is a file or - for standard input; lines that are not about decisions are passed over. Read are
the core's form (xenolith: avc: denied scontext=... class=N permission=N count=N) and Xen's
(avc:  denied { ... } for ... scontext=... tclass=...), each with "granted" instead of "denied" for
recorded uses. INPUT is the policy of the run (default: the policy that is shipped). A rule that
would break a promise is named with it: then not the policy is wrong, but what was asked of it.

Examples:
  xenolith policy learn mypolicy/ console.log
  xenolith run appliance.iso 2>&1 | xenolith policy learn mypolicy/ -
  xl dmesg | xenolith policy learn xen/tools/flask/policy -

Exit codes: 0 no denial, 1 denials or lines that make no sense, 2 wrong usage`;

interface Options {
  readonly assert: readonly string[];
  readonly map?: string;
  readonly mls?: boolean;
  readonly json?: boolean;
}

/** The command `learn`. */
export function learnCommand(): Command {
  return new Command("learn")
    .description("learn from a log: the rules that a run lacked, and grants it never used")
    .argument("<words...>", "[INPUT] LOG")
    .option("--assert <file>", "a further file of assertions; may be repeated", append, [])
    .option("--map <file>", "another direction map, ours or in the form of SETools")
    .option("--mls", "define enable_mls for a folder of modules")
    .option("--json", "print what was learnt as JSON")
    .addHelpText("after", afterHelp)
    .action((words: string[], options: Options, command: Command) => {
      if (words.length > 2) usage(command, "write [INPUT] LOG");
      const log = words[words.length - 1];
      run(words.length === 2 ? words[0] : SHIPPED_POLICY, log, options, command);
    });
}

function run(input: string, log: string, options: Options, command: Command): void {
  const map = mapOrUsage(options.map, command);
  const file = log === STANDARD_INPUT ? 0 : log;
  const text = readOrUsage(() => readFileSync(file, "utf8"), log, command);
  const ready = loadOrReport(input, options, command);
  if (ready === undefined) return;
  const lesson = learn(ready.relation, readDecisionLog(text), ready.assertions, map);
  if (options.json === true) printJson({ input, log, ...lesson });
  else print(lessonText(lesson));
  if (lesson.needed.length + lesson.foreign.length > 0) process.exitCode = EXIT_FINDING;
}

/** A lesson as text. */
export function lessonText({ needed, foreign, unused }: Lesson): string {
  const lines = needed.flatMap(neededLines);
  for (const { line, reason } of foreign) lines.push(`line ${line}: ${reason}`);
  if (needed.length === 0) lines.push("nothing was denied");
  if (unused === undefined) {
    lines.push("the log records no use, so that it tells nothing of grants that were not used");
  } else {
    lines.push(`grants that were not used: ${unused.length}`);
    for (const grant of unused) lines.push(...unusedLines(grant));
  }
  return `${lines.join("\n")}\n`;
}

function neededLines(grant: NeededGrant): string[] {
  const { remedy, source, target, class: className, permissions, advice, count, line } = grant;
  const times = count === 1 ? "once" : `${count} times`;
  const lines = [
    `${source} ${target}:${className} { ${permissions.join(" ")} } denied ${times} (line ${line})`,
    `  ${remedy === "rule" ? "needs: " : ""}${advice}`,
  ];
  for (const { text, span } of grant.breaks) {
    const place = placeText(span);
    lines.push(`  but that would break ${place === "" ? "" : `${place}: `}${text}`);
  }
  return lines;
}

function unusedLines({ text, span, permissions, rare, isWhole, rules }: UnusedGrant): string[] {
  const place = placeText(span);
  const times = rules === 1 ? "" : ` (${rules} rules)`;
  const lines = [`  ${place === "" ? "" : `${place}: `}${text}${times}`];
  const idle = permissions.filter((each) => !rare.includes(each));
  if (isWhole) lines.push("    nothing of it was used");
  else if (idle.length > 0) lines.push(`    not used: ${listText(idle, SHOWN_PERMISSIONS)}`);
  if (rare.length > 0) {
    lines.push(`    keep, needed only at an end or a fault: ${listText(rare, SHOWN_PERMISSIONS)}`);
  }
  return lines;
}
