/** `xenolith policy check`: whether a policy keeps what it promises. */

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { renderDiagnostic } from "../compiler/diagnostic.ts";
import { checkPolicy } from "./check.ts";
import {
  append,
  EXIT_FINDING,
  loadOrReport,
  mapOrUsage,
  print,
  printJson,
  readOrUsage,
} from "./command-support.ts";
import { grantLines, placeText, stepLines } from "./show.ts";
import { smtOfAssertions } from "./smt-questions.ts";
import type { Verdict, Violation } from "./verdict.ts";

const afterHelp = `
INPUT is a policy.conf, a folder of modules, or a binary policy (which holds no neverallow rules).
Decided are neverallow, typebounds, and the statements neverallow, neverflow and neverboth in the
folder's *.assert files and those that --assert names. Each verdict on a flow has a certificate,
which a separate small checker has approved; --smt writes the same questions for a solver, one file
for each, with the meaning of its answers on top.

Examples:
  xenolith policy check mypolicy/
  xenolith policy check policy.conf --assert goals.assert
  xenolith policy check mypolicy/ --json | jq '.verdicts[] | select(.holds | not)'
  xenolith policy check mypolicy/ --smt questions/ && z3 questions/1.smt2

Exit codes: 0 every promise holds, 1 one is broken or the policy does not compile, 2 wrong usage`;

interface Options {
  readonly assert: readonly string[];
  readonly map?: string;
  readonly smt?: string;
  readonly mls?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** The command `check`. */
export function checkCommand(): Command {
  return new Command("check")
    .description("decide what a policy promises: neverallow, bounds, flows, separation of duty")
    .argument("<input>", "a policy.conf, a folder of modules, or a binary policy")
    .option("--assert <file>", "a further file of assertions; may be repeated", append, [])
    .option("--map <file>", "another direction map, ours or in the form of SETools")
    .option("--smt <folder>", "write each assertion as a question in SMT-LIB")
    .option("--mls", "define enable_mls for a folder of modules")
    .option("--verbose", "name the promises that hold too")
    .option("--json", "print all verdicts, witnesses and certificates as JSON")
    .addHelpText("after", afterHelp)
    .action((input: string, options: Options, command: Command) => {
      run(input, options, command);
    });
}

function run(input: string, options: Options, command: Command): void {
  const map = mapOrUsage(options.map, command);
  const ready = loadOrReport(input, options, command);
  if (ready === undefined) return;
  const { relation, assertions } = ready;
  const { verdicts, diagnostics } = checkPolicy(relation, assertions, map);
  for (const diagnostic of diagnostics) {
    process.stderr.write(`${renderDiagnostic(diagnostic)}\n`);
  }
  if (options.smt !== undefined) {
    const folder = options.smt;
    readOrUsage(() => mkdirSync(folder, { recursive: true }), folder, command);
    for (const [index, text] of smtOfAssertions(relation, assertions, map).entries()) {
      writeFileSync(path.join(folder, `${index + 1}.smt2`), text);
    }
  }
  if (options.json === true) printJson({ input, verdicts, diagnostics });
  else print(checkText(verdicts, options.verbose === true));
  const isBroken = verdicts.some(({ holds }) => !holds);
  if (isBroken || diagnostics.length > 0) process.exitCode = EXIT_FINDING;
}

/** The verdicts as text: what is broken in full, then how many of each kind there are. */
export function checkText(verdicts: readonly Verdict[], isVerbose = false): string {
  const lines: string[] = [];
  for (const verdict of verdicts) {
    if (verdict.holds && verdict.vacuous === undefined && !isVerbose) continue;
    lines.push(...verdictLines(verdict), "");
  }
  const broken = verdicts.filter(({ holds }) => !holds).length;
  const kinds = ["neverallow", "typebounds", "neverflow", "neverboth"].flatMap((kind) => {
    const count = verdicts.filter((verdict) => verdict.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  const what = kinds.length === 0 ? "the policy promises nothing" : kinds.join(", ");
  lines.push(`${what}: ${broken === 0 ? "all hold" : `${broken} broken`}`);
  return `${lines.join("\n")}\n`;
}

function verdictLines(verdict: Verdict): string[] {
  const { span, text, goal, holds, violations, violationCount, vacuous } = verdict;
  const place = placeText(span);
  const word = holds ? "holds" : "broken";
  const lines = [`${place === "" ? "" : `${place}: `}${word}: ${text}`];
  if (goal !== "" && !holds) lines.push(...goal.split("\n").map((line) => `  # ${line}`));
  if (vacuous !== undefined) lines.push(`  it says nothing: ${vacuous}`);
  for (const violation of violations) lines.push(...violationLines(violation));
  const more = violationCount - violations.length;
  if (more > 0) lines.push(`  and ${more} more`);
  return lines;
}

function violationLines({ summary, booleans, steps, grants }: Violation): string[] {
  const lines = [`  ${summary}`];
  if (booleans !== "") lines.push(`    when ${booleans}`);
  for (const step of steps) lines.push(...stepLines(step, "    "));
  for (const grant of grants) lines.push(...grantLines(grant, "    "));
  return lines;
}
