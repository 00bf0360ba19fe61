/** `xenolith policy fmt`: formats policy source. */

import { readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { sourceFiles } from "./files.ts";
import { formatPolicy } from "./format.ts";
import { FormatError } from "./scan.ts";

const EXIT_FINDING = 1;

const STANDARD_INPUT = "-";

const AFTER_HELP = `
Folders are searched for policy source (*.te, *.if, *.spt, *.cons, *.assert, users, ...).

Examples:
  xenolith policy fmt mypolicy/
  xenolith policy fmt --check mypolicy/
  xenolith policy fmt - < policy.conf

Exit codes: 0 done, 1 --check found files to format, or a file could not be formatted,
2 wrong usage`;

/** What became of one file. */
interface Outcome {
  readonly message: string;
  readonly isProblem: boolean;
}

/** The command `fmt`. */
export function fmtCommand(): Command {
  return new Command("fmt")
    .description("format policy source: indentation and white space; comments and lines stay")
    .argument("<path...>", "files, folders, or - for standard input to standard output")
    .option("--check", "change nothing; name the files that would change")
    .addHelpText("after", AFTER_HELP)
    .action((paths: string[], options: { check?: boolean }) => {
      const outcomes = paths.flatMap((each) => formatPath(each, options.check === true));
      for (const { message, isProblem } of outcomes) {
        (isProblem ? process.stderr : process.stdout).write(`${message}\n`);
      }
      if (outcomes.some(({ isProblem }) => isProblem)) process.exitCode = EXIT_FINDING;
    });
}

function formatPath(target: string, check: boolean): Outcome[] {
  if (target === STANDARD_INPUT) return attempt("(standard input)", () => formatInput(check));
  let files: string[];
  try {
    files = sourceFiles(target);
  } catch (error) {
    return [{ message: `${target}: ${(error as Error).message}`, isProblem: true }];
  }
  return files.flatMap((file) => attempt(file, () => formatFile(file, check)));
}

function formatInput(check: boolean): Outcome[] {
  const text = readFileSync(0, "utf8");
  const formatted = formatPolicy(text);
  if (!check) process.stdout.write(formatted);
  const isProblem = check && formatted !== text;
  return isProblem ? [{ message: "(standard input): is not formatted", isProblem }] : [];
}

function formatFile(file: string, check: boolean): Outcome[] {
  const text = readFileSync(file, "utf8");
  const formatted = formatPolicy(text);
  if (formatted === text) return [];
  if (check) return [{ message: `${file}: is not formatted`, isProblem: true }];
  writeFileSync(file, formatted);
  return [{ message: `${file}: formatted`, isProblem: false }];
}

function attempt(name: string, work: () => Outcome[]): Outcome[] {
  try {
    return work();
  } catch (error) {
    const place = error instanceof FormatError ? `${name}:${error.line}:1` : name;
    return [{ message: `${place}: error: ${(error as Error).message}`, isProblem: true }];
  }
}
