/** `xenolith policy test`: whether a policy does what files of expectations say. */

import { readFileSync } from "node:fs";
import { Command } from "commander";
import {
  EXIT_FINDING,
  loadOrReport,
  print,
  printJson,
  readOrUsage,
  usage,
} from "../analysis/command-support.ts";
import { type Diagnostic, renderDiagnostic } from "../compiler/diagnostic.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import type { SourceText } from "../compiler/source.ts";
import { type Coverage, percentage, ruleCoverage } from "./coverage.ts";
import { expectationFiles } from "./files.ts";
import { parseExpectations } from "./parse.ts";
import { ExpectationRunner, type Outcome } from "./run.ts";

const afterHelp = `
INPUT is a policy.conf, a folder of modules, or a binary policy. Without FILE, the expectations are
those beside it (INPUT.expect) and in it (*.expect). Their statements:
  expect allow SOURCE TARGET CLASS PERMISSIONS [when BOOLEAN];
  expect deny SOURCE TARGET CLASS PERMISSIONS;
  expect flow A -> B;
  expect noflow A -> B [except through { C }];

Examples:
  xenolith policy test mypolicy/
  xenolith policy test policy.conf release.expect --coverage
  xenolith policy test mypolicy/ --min-coverage 60 --json

Exit codes: 0 all hold, 1 one does not or too few rules are covered, 2 wrong usage`;

interface Options {
  readonly coverage?: boolean;
  readonly minCoverage?: string;
  readonly mls?: boolean;
  readonly json?: boolean;
}

/** The command `test`. */
export function testCommand(): Command {
  return new Command("test")
    .description("test a policy against files of expected accesses and flows")
    .argument("<input>", "a policy.conf, a folder of modules, or a binary policy")
    .argument("[file...]", "files of expectations")
    .option("--coverage", "list the allow rules that no expectation exercises")
    .option("--min-coverage <percent>", "fail if fewer allow rules are exercised")
    .option("--mls", "define enable_mls for a folder of modules")
    .option("--json", "print the results as JSON")
    .addHelpText("after", afterHelp)
    .action((input: string, files: string[], options: Options, command: Command) => {
      run(input, files, options, command);
    });
}

function run(input: string, named: string[], options: Options, command: Command): void {
  const least = leastCoverage(options, command);
  const files =
    named.length > 0 ? named : readOrUsage(() => expectationFiles(input), input, command);
  if (files.length === 0) {
    usage(command, `${input} has no file of expectations; name one, or write ${input}.expect`);
  }
  const texts = files.map((name) => ({
    name,
    text: readOrUsage(() => readFileSync(name, "utf8"), name, command),
  }));
  const ready = loadOrReport(input, { mls: options.mls === true }, command);
  if (ready === undefined) return;
  const result = runFiles(ready.relation, texts);
  if (result.diagnostics.length > 0) {
    for (const { diagnostic, source } of result.diagnostics) {
      process.stderr.write(`${renderDiagnostic(diagnostic, source)}\n`);
    }
    process.exitCode = EXIT_FINDING;
    return;
  }
  if (options.json === true) printJson(jsonOf(input, result));
  else print(textOf(result, options.coverage === true));
  const isCovered = percentage(result.coverage) >= least;
  if (!isCovered) {
    process.stderr.write(`error: fewer than ${least} % of the allow rules are exercised\n`);
  }
  const allHold = result.outcomes.every(({ holds }) => holds);
  if (!allHold || !isCovered) process.exitCode = EXIT_FINDING;
}

function leastCoverage({ minCoverage }: Options, command: Command): number {
  if (minCoverage === undefined) return 0;
  const least = /^\d+$/.test(minCoverage) ? Number(minCoverage) : Number.NaN;
  if (least <= 100) return least;
  return usage(command, `--min-coverage is a whole number from 0 to 100, not "${minCoverage}"`);
}

/** The outcomes of some files of expectations on one policy. */
export interface TestResult {
  readonly outcomes: readonly Outcome[];
  readonly coverage: Coverage;
  /** Errors in the files; then the outcomes mean nothing. */
  readonly diagnostics: readonly {
    readonly diagnostic: Diagnostic;
    readonly source: SourceText;
  }[];
}

/** Runs files of expectations. */
export function runFiles(
  relation: AccessRelation,
  files: readonly { readonly name: string; readonly text: string }[],
): TestResult {
  const diagnostics: TestResult["diagnostics"][number][] = [];
  let source: SourceText | undefined;
  const runner = new ExpectationRunner(relation, (diagnostic) => {
    if (source !== undefined) diagnostics.push({ diagnostic, source });
  });
  const outcomes: Outcome[] = [];
  for (const file of files) {
    const parsed = parseExpectations(file);
    source = parsed.source;
    for (const diagnostic of parsed.diagnostics) diagnostics.push({ diagnostic, source });
    for (const expectation of parsed.expectations) outcomes.push(runner.decide(expectation));
  }
  const coverage = ruleCoverage(relation.policy, outcomes, runner.decider);
  return { outcomes, coverage, diagnostics };
}

function textOf({ outcomes, coverage }: TestResult, listsRules: boolean): string {
  const failures = outcomes.filter(({ holds }) => !holds);
  const lines = failures.flatMap(failureLines);
  if (listsRules) {
    for (const { place, text } of coverage.uncovered) {
      lines.push(`${place === "" ? "" : `${place}: `}not exercised: ${text}`);
    }
  }
  const held = outcomes.length - failures.length;
  lines.push(`${held} of ${outcomes.length} expectations hold`);
  const { covered, total } = coverage;
  lines.push(`${covered} of ${total} allow rules are exercised (${percentage(coverage)} %)`);
  return lines.map((line) => `${line}\n`).join("");
}

function failureLines({ expectation, message, details }: Outcome): string[] {
  const { span, text, reason } = expectation;
  const comment = reason === "" ? [] : reason.split("\n").map((line) => `  # ${line}`);
  const place = `${span.file}:${span.line}:${span.column}`;
  return [`${place}: failed: ${message}`, ...comment, `  ${text}`, ...details];
}

function jsonOf(input: string, { outcomes, coverage }: TestResult): object {
  return {
    input,
    ok: outcomes.every(({ holds }) => holds),
    expectations: outcomes.map(({ expectation, holds, message, details }) => ({
      text: expectation.text,
      reason: expectation.reason,
      span: expectation.span,
      holds,
      ...(holds ? {} : { message, details }),
    })),
    coverage: { ...coverage, percent: percentage(coverage) },
  };
}
