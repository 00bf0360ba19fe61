// `npm run bench`: Xenolith and Debian's Xen 4.17 side by side, as one table and as JSON.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { trustedFiles } from "../../audit/evidence/code-lines.ts";
import { QEMU } from "../../bin/qemu.ts";
import { buildGuests } from "../../test/guests/build.ts";
import { artefacts } from "../artefacts.ts";
import { BuildError, run } from "../command.ts";
import { benchFuzz } from "./fuzz.ts";
import { type Figures, measure } from "./measure.ts";
import { measurePolicy, policyTableText } from "./policy.ts";
import { type Row, rows } from "./rows.ts";
import { measureServices, servicesTable } from "./services/measure.ts";
import { tableText } from "./table.ts";
import { BENCH_CPU, BENCH_MEMORY_MIB } from "./workload.ts";

interface Options {
  readonly json?: string;
  readonly only?: string[];
  readonly xen: boolean;
  readonly runs: number;
}

/** Asks for the policy compiler beside checkpolicy and SETools: another table, when it is named. */
const POLICY = "policy";
/** Asks for the service domains' table. */
const SERVICES = "services";

const root = fileURLToPath(new URL("../..", import.meta.url));
const USUAL_RUNS = 3;

/** What the figures were measured on. */
function machineOf(xenVersion: string | null): Record<string, string | number | null> {
  const processors = cpus();
  return {
    qemu: run(QEMU, ["--version"], root).split("\n")[0] ?? "",
    cpu: BENCH_CPU,
    cpus: 1,
    memoryMib: BENCH_MEMORY_MIB,
    host: `${processors.length} x ${processors[0]?.model ?? "unknown"}`,
    xen: xenVersion,
  };
}

function rowNamed(name: string): Row {
  const row = rows.find((candidate) => candidate.name === name);
  if (row !== undefined) return row;
  const known = [...rows.map((candidate) => candidate.name), POLICY, SERVICES].join(", ");
  throw new InvalidArgumentError(`no row is named "${name}"; there are ${known}`);
}

function wholeNumber(text: string): number {
  if (/^[1-9][0-9]?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("it is a number from 1 to 99");
}

function command(): Command {
  return new Command("bench")
    .description("Xenolith and Debian's Xen 4.17 side by side, in the same QEMU")
    .option("--json <file>", "write the figures there as well")
    .option(
      "--only <name...>",
      `measure these rows alone; "${POLICY}" is the policy compiler's table`,
    )
    .option("--no-xen", "leave Xen out (it takes minutes the first time)")
    .option("--runs <n>", `runs of what is measured in wall time (${USUAL_RUNS})`, wholeNumber)
    .exitOverride();
}

function coreHash(): string {
  return createHash("sha256").update(readFileSync(artefacts.core)).digest("hex");
}

function jsonOf(
  wanted: readonly Row[],
  figures: ReadonlyMap<string, Figures>,
  xenVersion: string | null,
): string {
  const made = wanted.map(({ name, unit }) => ({ name, unit, ...figures.get(name) }));
  const record = { machine: machineOf(xenVersion), core_sha256: coreHash(), rows: made };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** The generated files among the core's, which the count includes. */
function generatedLine(): string {
  const generated = trustedFiles().filter((one) => one.generated);
  const named = generated.map((one) => `${one.path} ${one.codeLines}`).join(", ");
  return `core_code_lines includes generated files: ${named}\n`;
}

/** The policy compiler's table. */
function benchPolicy(options: Options, say: (text: string) => void): void {
  const made = measurePolicy({ runs: options.runs ?? USUAL_RUNS, say });
  process.stdout.write(policyTableText(made));
  if (options.json === undefined) return;
  writeFileSync(options.json, `${JSON.stringify({ rows: made }, null, 2)}\n`);
}

/** Guests on service domains beside Xen's Dom0: a table of its own as well. */
async function benchServices(options: Options, say: (text: string) => void): Promise<void> {
  const settings = { runs: options.runs ?? USUAL_RUNS, withXen: options.xen, say };
  const made = await measureServices(settings);
  process.stdout.write(servicesTable(made));
  if (options.json === undefined) return;
  writeFileSync(options.json, `${JSON.stringify({ rows: made }, null, 2)}\n`);
}

async function bench(options: Options): Promise<number> {
  if (options.only?.join() === "fuzz") return benchFuzz(options.json);
  const say = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
  if (options.only?.join() === SERVICES) {
    await benchServices(options, say);
    return 0;
  }
  if (options.only?.includes(POLICY)) {
    if (options.only.length > 1) {
      throw new InvalidArgumentError(`"${POLICY}" is a table of its own: name it alone`);
    }
    benchPolicy(options, say);
    return 0;
  }
  const wanted = options.only?.map(rowNamed) ?? rows;
  if (!existsSync(artefacts.image)) throw new BuildError('nothing is built; run "npm run build"');
  buildGuests();
  const settings = { withXen: options.xen, runs: options.runs ?? USUAL_RUNS, say };
  const { figures, xenVersion } = await measure(wanted, settings);
  process.stdout.write(tableText(wanted, figures));
  if (wanted.some(({ name }) => name === "core_code_lines")) process.stdout.write(generatedLine());
  if (options.json !== undefined) writeFileSync(options.json, jsonOf(wanted, figures, xenVersion));
  const missing = wanted.filter(({ name }) => figures.get(name)?.xenolith === null);
  for (const { name } of missing) say(`${name}: no figure of Xenolith`);
  return missing.length === 0 ? 0 : 1;
}

try {
  const parsed = command().parse();
  process.exitCode = await bench(parsed.opts<Options>());
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong itself, but for what is checked after parsing.
    if (error instanceof InvalidArgumentError) process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof BuildError) {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
