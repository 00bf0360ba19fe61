/** `xenolith policy compile`: a policy to the form that a machine or another tool reads. */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { renderDiagnostic } from "./diagnostic.ts";
import { type LoadedPolicy, loadPolicy } from "./load-policy.ts";
import { OUTPUT_FORMATS, type OutputFormat, TEXT_FORMATS, writeOutput } from "./output.ts";
import type { Policy } from "./policy.ts";
import { PolicydbError } from "./policydb-write.ts";
import { decodeTable, TableError } from "./table.ts";

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

const afterHelp = `
INPUT is a policy.conf, a folder of modules, or a binary policy. Without -o and --format the policy
is only checked. The table is what Xenolith's core loads; policydb-24 and -30 are Xen's own forms.

Examples:
  xenolith policy compile policy.conf
  xenolith policy compile xsm-policy/policy/xenolith -o policy.table --label system_u:system_r:dom_t
  xenolith policy compile mypolicy/ -o new.table --after old.table
  xenolith policy compile policy.conf --format policydb-30 -o xenpolicy.30
  xenolith policy compile policy.conf --format tuples | grep -P '^dom0_t\\t'`;

interface Options {
  readonly output?: string;
  readonly format?: OutputFormat;
  readonly label?: readonly string[];
  readonly after?: string;
  readonly mls?: boolean;
  readonly json?: boolean;
}

/** The command `compile`. */
export function compileCommand(): Command {
  return new Command("compile")
    .description("compile a policy: check it, and write it for the core, for Xen or for tools")
    .argument("<input>", "a policy.conf, a folder of modules, or a binary policy")
    .option("-o, --output <file>", "the file to write")
    .addOption(
      new Option("--format <form>", "what to write (default: table)").choices(OUTPUT_FORMATS),
    )
    .option("--label <context...>", "contexts that domains have (their seclabels)")
    .option("--after <table>", "keep the label numbers of a table, which the new one will replace")
    .option("--mls", "define enable_mls for a folder of modules")
    .option("--json", "print what was found and written as JSON")
    .addHelpText("after", afterHelp)
    .action((input: string, options: Options, command: Command) => {
      run(input, options, command);
    });
}

/** What was written. */
interface Written {
  readonly file: string;
  readonly format: OutputFormat;
  readonly bytes: number;
  readonly sha256: string;
}

function run(input: string, options: Options, command: Command): void {
  const format = options.format ?? (options.output === undefined ? undefined : "table");
  if (format !== undefined && options.output === undefined) {
    const isText = TEXT_FORMATS.includes(format);
    if (!isText) usage(command, `${format} is binary: say where it goes with -o FILE`);
    if (options.json === true) usage(command, "--json needs -o FILE for what --format writes");
  }
  const loaded = load(input, options, command);
  if (options.json !== true) showDiagnostics(loaded);
  const written = loaded.ok ? write(loaded, format, options) : undefined;
  if (options.json === true) showJson(input, loaded, written);
  else if (written !== undefined) process.stdout.write(describeWritten(written));
  else if (loaded.ok && format === undefined) process.stdout.write(describePolicy(loaded));
  if (!loaded.ok) process.exitCode = EXIT_FAILURE;
}

function usage(command: Command, message: string): never {
  return command.error(`error: ${message}`, { exitCode: EXIT_USAGE });
}

function load(input: string, options: Options, command: Command): LoadedPolicy {
  try {
    return loadPolicy(input, { mls: options.mls === true });
  } catch (failure) {
    const { code, message } = failure as NodeJS.ErrnoException;
    if (code === undefined) throw failure;
    const reason = code === "ENOENT" ? `there is no ${input}` : message;
    return command.error(`error: ${reason}`, { exitCode: EXIT_USAGE });
  }
}

function showDiagnostics({ diagnostics, tree }: LoadedPolicy): void {
  for (const diagnostic of diagnostics) {
    process.stderr.write(`${renderDiagnostic(diagnostic, tree?.source)}\n`);
  }
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  if (errors > 1) process.stderr.write(`${errors} errors\n`);
}

/** Writes the output; undefined when it went to standard output, or nowhere. */
function write(
  { relation }: LoadedPolicy,
  format: OutputFormat | undefined,
  options: Options,
): Written | undefined {
  if (format === undefined || relation === undefined) return undefined;
  try {
    const before = options.after && decodeTable(readFileSync(options.after));
    const bytes = writeOutput(relation, format, options.label, before || undefined);
    if (options.output === undefined) {
      printBytes(bytes);
      return undefined;
    }
    writeFileSync(options.output, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { file: options.output, format, bytes: bytes.length, sha256 };
  } catch (failure) {
    const isOurs = failure instanceof TableError || failure instanceof PolicydbError;
    const { code, message } = failure as NodeJS.ErrnoException;
    if (!isOurs && code === undefined) throw failure;
    process.stderr.write(`error: ${message}\n`);
    process.exitCode = EXIT_FAILURE;
    return undefined;
  }
}

/** Writes to standard output; a reader that has seen enough (head) is no error. */
function printBytes(bytes: Uint8Array): void {
  process.stdout.once("error", (failure: NodeJS.ErrnoException) => {
    if (failure.code !== "EPIPE") throw failure;
  });
  process.stdout.write(bytes);
}

function describeWritten({ file, format, bytes, sha256 }: Written): string {
  return `${file}: ${format}, ${bytes} bytes\n${sha256}  ${file}\n`;
}

/** How much of each thing a policy has. */
function countsOf(policy: Policy): Record<string, number> {
  return {
    types: policy.types.length,
    attributes: policy.attributes.length,
    roles: policy.roles.length,
    users: policy.users.length,
    classes: policy.classes.length,
    booleans: policy.booleans.length,
    rules: policy.grantRules.length,
    typeRules: policy.typeRules.length,
    neverallows: policy.neverAllows.length,
  };
}

function describePolicy({ policy }: LoadedPolicy): string {
  if (policy === undefined) return "";
  const counts = Object.entries(countsOf(policy)).map(([name, count]) => `${count} ${name}`);
  return `the policy is sound: ${counts.join(", ")}\n`;
}

function showJson(input: string, loaded: LoadedPolicy, written: Written | undefined): void {
  const { ok, diagnostics, policy } = loaded;
  const counts = policy === undefined ? undefined : countsOf(policy);
  process.stdout.write(`${JSON.stringify({ input, ok, counts, written, diagnostics }, null, 2)}\n`);
}
