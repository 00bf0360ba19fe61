/** `xenolith policy lint`: what is probably wrong with a policy, though it compiles. */

import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { append, EXIT_FINDING, print, printJson, usage } from "../analysis/command-support.ts";
import { renderDiagnostic } from "../compiler/diagnostic.ts";
import { type LintResult, lint } from "./lint.ts";
import { HYPERVISORS, type LintInput, loadForLint, UnknownTypeError } from "./load.ts";
import { type LintRule, type LintSeverity, SEVERITIES } from "./rule.ts";
import { LINT_RULES } from "./rules.ts";
import { sarifLog } from "./sarif.ts";
import { lintJson, renderFinding, summarize } from "./show.ts";

const afterHelp = `
INPUT is a policy.conf or a folder of modules. A finding is taken back by a comment in its line, or
above its statement:  # lint: allow L041 kept for readers

Examples:
  xenolith policy lint policy.conf
  xenolith policy lint mypolicy/ --rule L010 --trusted toolstack_t
  xenolith policy lint mypolicy/ --sarif > lint.sarif
  xenolith policy lint --list

Exit codes: 0 nothing to mend, 1 findings or a policy that does not compile, 2 wrong usage`;

interface Options {
  readonly rule: readonly string[];
  readonly trusted: readonly string[];
  readonly hypervisor?: string;
  readonly failOn: LintSeverity;
  readonly mls?: boolean;
  readonly json?: boolean;
  readonly sarif?: boolean;
  readonly list?: boolean;
}

/** The command `lint`. */
export function lintCommand(): Command {
  return new Command("lint")
    .description("find what is probably wrong with a policy, though it compiles")
    .argument("[input]", "a policy.conf or a folder of modules")
    .option("--rule <id>", "run this rule only; may be repeated", append, [])
    .option("--trusted <type>", "a type that may hold anything; may be repeated", append, [])
    .addOption(
      new Option(
        "--hypervisor <name>",
        "whose operations the policy is for (default: by class)",
      ).choices([...HYPERVISORS.keys()]),
    )
    .addOption(
      new Option("--fail-on <severity>", "the least severe finding that means exit code 1")
        .choices(SEVERITIES)
        .default("warning"),
    )
    .option("--mls", "define enable_mls for a folder of modules")
    .option("--list", "list the rules")
    .option("--json", "print what was found as JSON")
    .option("--sarif", "print what was found as SARIF 2.1.0")
    .addHelpText("after", afterHelp)
    .action((input: string | undefined, options: Options, command: Command) => {
      if (options.list === true) print(listRules(options.json === true));
      else run(input, options, command);
    });
}

function run(input: string | undefined, options: Options, command: Command): void {
  if (input === undefined) usage(command, "name the policy to lint");
  if (!existsSync(input)) usage(command, `there is no ${input}`);
  if (options.json === true && options.sarif === true) {
    usage(command, "--json and --sarif exclude each other");
  }
  const rules = chosenRules(options, command);
  const { context, diagnostics, compiled } = load(input, options, command);
  if (context === undefined) {
    const source = compiled?.tree?.source;
    for (const each of diagnostics) process.stderr.write(`${renderDiagnostic(each, source)}\n`);
    process.exitCode = EXIT_FINDING;
    return;
  }
  const result = lint(context, rules);
  if (options.json === true) printJson(lintJson(input, result));
  else if (options.sarif === true) printJson(sarifLog(result));
  else {
    const { source } = context.tree;
    print(result.findings.map((finding) => `${renderFinding(finding, source)}\n`).join(""));
    process.stderr.write(`${summarize(result)}\n`);
  }
  if (mustFail(result, options.failOn)) process.exitCode = EXIT_FINDING;
}

function chosenRules({ rule: wanted }: Options, command: Command): readonly LintRule[] {
  if (wanted.length === 0) return LINT_RULES;
  const unknown = wanted.find((id) => !LINT_RULES.some((rule) => rule.id === id));
  if (unknown !== undefined) usage(command, `there is no rule ${unknown}; --list names all`);
  return LINT_RULES.filter(({ id }) => wanted.includes(id));
}

function load(input: string, options: Options, command: Command): LintInput {
  const hypervisor = HYPERVISORS.get(options.hypervisor ?? "");
  const { trusted } = options;
  try {
    return loadForLint(input, {
      mls: options.mls === true,
      trusted,
      ...(hypervisor && { hypervisor }),
    });
  } catch (failure) {
    if (failure instanceof UnknownTypeError) usage(command, failure.message);
    throw failure;
  }
}

function mustFail({ findings }: LintResult, least: LintSeverity): boolean {
  const rank = SEVERITIES.indexOf(least);
  return findings.some(({ rule }) => SEVERITIES.indexOf(rule.severity) <= rank);
}

function listRules(asJson: boolean): string {
  const rows = LINT_RULES.map(({ id, name, severity, summary }) => ({
    id,
    name,
    severity,
    summary,
  }));
  if (asJson) return `${JSON.stringify(rows, null, 2)}\n`;
  const lines = rows.map(
    ({ id, name, severity, summary }) =>
      `${id}  ${severity.padEnd(7)}  ${name}\n      ${summary}\n`,
  );
  return lines.join("");
}
