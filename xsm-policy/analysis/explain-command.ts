/** `xenolith policy explain`: why something is allowed or denied. */

import { Command } from "commander";
import type { Policy } from "../compiler/policy.ts";
import {
  append,
  EXIT_FINDING,
  loadOrReport,
  mapOrUsage,
  print,
  printJson,
  usage,
} from "./command-support.ts";
import { type ConstraintReport, type Explanation, explain, QuestionError } from "./explain.ts";
import { placeText, ruleLines } from "./show.ts";

const afterHelp = `
INPUT is a policy.conf, a folder of modules, or a binary policy; it stands before "allow" or "deny",
or last. SOURCE and TARGET are types or full contexts. The booleans are as declared, unless
--boolean says otherwise. For a denial, the least rule that would allow it is named, with the
promises that it would break.

Examples:
  xenolith policy explain mypolicy/ allow console_t guest_t grant map_read
  xenolith policy explain policy.conf deny domU_t dom0_t mmu map_write
  xenolith policy explain deny user_1:vm_r:domU_t user_2:vm_r:domU_t grant copy policy.conf

Exit codes: 0 it is as "allow" or "deny" says, 1 it is not (explained as well), 2 wrong usage`;

interface Options {
  readonly assert: readonly string[];
  readonly boolean: readonly string[];
  readonly map?: string;
  readonly mls?: boolean;
  readonly json?: boolean;
}

const ANSWERS = ["allow", "deny"];

/** The command `explain`. */
export function explainCommand(): Command {
  return new Command("explain")
    .description("explain why something is allowed or denied, down to lines and attributes")
    .argument("<words...>", "INPUT allow|deny SOURCE TARGET CLASS PERMISSION")
    .option("--assert <file>", "a further file of assertions; may be repeated", append, [])
    .option("--boolean <name=value>", "the value of a boolean; may be repeated", append, [])
    .option("--map <file>", "another direction map, ours or in the form of SETools")
    .option("--mls", "define enable_mls for a folder of modules")
    .option("--json", "print the explanation as JSON")
    .addHelpText("after", afterHelp)
    .action((words: string[], options: Options, command: Command) => {
      run(words, options, command);
    });
}

/** The words in the order input, answer, source, target, class, permission. */
function arrange(words: readonly string[], command: Command): string[] {
  if (words.length !== 6) {
    usage(command, "write INPUT allow|deny SOURCE TARGET CLASS PERMISSION");
  }
  if (ANSWERS.includes(words[1])) return [...words];
  if (ANSWERS.includes(words[0])) return [words[5], ...words.slice(0, 5)];
  return usage(command, `'${words[1]}' is neither allow nor deny`);
}

function run(words: readonly string[], options: Options, command: Command): void {
  const [input, answer, source, target, className, permission] = arrange(words, command);
  const map = mapOrUsage(options.map, command);
  const ready = loadOrReport(input, options, command);
  if (ready === undefined) return;
  const { relation, policy, assertions } = ready;
  const booleans = settingOf(policy, options.boolean, command);
  let explanation: Explanation;
  try {
    const question = { source, target, class: className, permission };
    explanation = explain(relation, question, { booleans, assertions, map });
  } catch (failure) {
    if (!(failure instanceof QuestionError)) throw failure;
    usage(command, failure.message);
  }
  if (options.json === true) printJson(explanation);
  else print(explanationText(explanation));
  if (explanation.allowed !== (answer === "allow")) process.exitCode = EXIT_FINDING;
}

function settingOf(policy: Policy, values: readonly string[], command: Command): boolean[] {
  const booleans = policy.booleans.map(({ value }) => value);
  for (const text of values) {
    const [name, value] = text.split("=");
    const index = policy.booleans.findIndex((boolean) => boolean.name === name);
    if (index === -1) usage(command, `the policy has no boolean '${name}'`);
    if (value !== "true" && value !== "false") {
      usage(command, `write --boolean ${name}=true or false`);
    }
    booleans[index] = value === "true";
  }
  return booleans;
}

/** An explanation as text. */
export function explanationText(explanation: Explanation): string {
  const { question, allowed, cause, rules, constraints, near, change, breaks } = explanation;
  const { source, target, class: className, permission } = question;
  const verb = allowed ? "allowed" : "denied";
  const lines = [`${verb}: ${source} ${target}:${className} ${permission}: ${cause}`];
  for (const rule of rules) {
    lines.push(...ruleLines(rule, "  "));
    if (rule.condition !== "" && !rule.inForce) lines.push("    (not in force)");
  }
  for (const constraint of constraints) lines.push(...constraintLines(constraint));
  if (near.length > 0) {
    lines.push("  nearest rules:");
    for (const rule of near) lines.push(...ruleLines(rule, "    "));
  }
  if (change !== undefined) lines.push(`  ${change}`);
  for (const { text, span, violations } of breaks) {
    const place = placeText(span);
    lines.push(`  this would break ${place === "" ? "" : `${place}: `}${text}`);
    for (const { summary } of violations.slice(0, 1)) lines.push(`    ${summary}`);
  }
  return `${lines.join("\n")}\n`;
}

function constraintLines(constraint: ConstraintReport): string[] {
  const { text, span, holds, exampleOf, exampleAgainst } = constraint;
  const place = placeText(span);
  const lines = [`  constraint ${place === "" ? "" : `${place}: `}${text}`];
  if (holds === "always") lines.push("    holds");
  if (exampleOf.length > 0 && holds === "sometimes") {
    lines.push(`    holds for ${exampleOf.join(" on ")}`);
  }
  if (exampleAgainst.length > 0) lines.push(`    fails for ${exampleAgainst.join(" on ")}`);
  return lines;
}
