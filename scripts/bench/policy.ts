// The policy compiler beside checkpolicy and SETools, on the same generated files in one run.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CLASSES, generatePolicy, type SyntheticShape } from "../../test/xsm-policy/generate.ts";
import { BuildError } from "../command.ts";
import { type CommandCost, costOfProgram, costOfXenolith } from "./command-cost.ts";

/** One comparison. Times are seconds of wall time. */
export interface PolicyRow {
  readonly name: string;
  /** What stands beside us. */
  readonly tool: string;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
  /** The most that the ratio may be; null where the row has another bound. */
  readonly bound: number | null;
  /** The whole command, the start of its process included. */
  readonly cold: number;
  readonly cold_ratio: number;
  /** Peak memory of our process. */
  readonly mebibytes: number;
}

export interface PolicyBenchSettings {
  /** Runs of ours and of checkpolicy; the median counts. */
  readonly runs: number;
  readonly say: (text: string) => void;
}

const QUESTION = fileURLToPath(new URL("policy-question.ts", import.meta.url));
const TYPES = 5000;
const SOURCE = "ty0";

/** Rules that stand in the old policy of the comparison and not in the new one. */
const DROPPED_RULES = 500;

/** Packages that the tools come from. */
const TOOLS: Readonly<Record<string, string>> = {
  checkpolicy: "checkpolicy",
  seinfoflow: "setools",
  sediff: "setools",
};

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** The text without some of its allow rules, spread over it. */
function withoutRules(text: string, count: number): string {
  const lines = text.split("\n");
  const rules = lines.flatMap((line, index) => (line.startsWith("allow ") ? [index] : []));
  const step = Math.floor(rules.length / count);
  const dropped = new Set(rules.filter((_, index) => index % step === 0).slice(0, count));
  return lines.filter((_, index) => !dropped.has(index)).join("\n");
}

/** A permission map in SETools's form: permissions write and read in turn. */
function permissionMap(): string {
  const classes = CLASSES.map(([name, count]) => {
    const permissions = Array.from({ length: count }, (_, index) => {
      return `  ${name}_p${index} ${index % 2 === 0 ? "w" : "r"} 10\n`;
    });
    return `class ${name} ${count}\n${permissions.join("")}`;
  });
  return `${CLASSES.length}\n\n${classes.join("\n")}`;
}

function succeeded(what: string, cost: CommandCost, codes: readonly number[] = [0]): CommandCost {
  if (cost.code !== null && codes.includes(cost.code)) return cost;
  throw new BuildError(`${what} ended with ${cost.code}: ${cost.stderr.trim().slice(-300)}`);
}

class PolicyBench {
  readonly #folder: string;
  readonly #settings: PolicyBenchSettings;

  constructor(folder: string, settings: PolicyBenchSettings) {
    this.#folder = folder;
    this.#settings = settings;
  }

  rows(): PolicyRow[] {
    const shape = { types: TYPES, rules: 100_000 };
    const compile = this.#compile("compile_100k", shape, 1);
    const neverallow = this.#compile(
      "compile_1000_neverallow",
      { ...shape, neverallows: 1000 },
      0.1,
    );
    const large = this.#compile("compile_500k", { ...shape, rules: 500_000 }, null);
    const text = generatePolicy(shape);
    this.#write("new.conf", withoutRules(text, DROPPED_RULES));
    this.#ours("new.conf", "new.30");
    this.#write("old.conf", text);
    this.#ours("old.conf", "old.30");
    return [compile, neverallow, large, this.#flows(), this.#diff()];
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #write(name: string, text: string): void {
    writeFileSync(this.#file(name), text);
  }

  #ours(source: string, binary: string): CommandCost {
    const output = ["-o", this.#file(binary), "--format", "policydb-30"];
    const words = ["policy", "compile", this.#file(source), ...output];
    return succeeded("xenolith policy compile", costOfXenolith(words));
  }

  /** Both compilers in turn, from source to binary policy. */
  #compile(name: string, shape: SyntheticShape, bound: number | null): PolicyRow {
    this.#write("policy.conf", generatePolicy(shape));
    const [source, binary] = [this.#file("policy.conf"), this.#file("ours")];
    const words = ["policy", "compile", source, "-o", binary, "--format", "policydb-30"];
    const theirs = ["-t", "Xen", "-c", "30", source, "-o", this.#file("theirs")];
    const work = ["compile", source, binary];
    return this.#row(name, ["checkpolicy", theirs], words, work, { bound, again: true });
  }

  #flows(): PolicyRow {
    this.#write("map", permissionMap());
    const [policy, map] = [this.#file("old.30"), this.#file("map")];
    const theirs = ["-p", policy, "-m", map, "-s", SOURCE];
    const words = ["policy", "flows", policy, "--map", map, "--from", SOURCE];
    const question = ["flows", policy, SOURCE, map];
    return this.#row("flows_one_source", ["seinfoflow", theirs], words, question, { bound: 0.02 });
  }

  /** sediff compares allow rules alone here: asked for everything, it fails on Xen's initial SIDs. */
  #diff(): PolicyRow {
    const files = [this.#file("old.30"), this.#file("new.30")];
    const words = ["policy", "diff", ...files];
    const theirs = ["-A", ...files];
    return this.#row("diff_500_rules", ["sediff", theirs], words, ["diff", ...files], {
      bound: 0.1,
    });
  }

  /** The same work by the other tool, by our command, and in a running process of ours. With
   *  `again` the other tool runs as often as we do. */
  #row(
    name: string,
    [tool, parameters]: readonly [string, readonly string[]],
    words: readonly string[],
    work: readonly string[],
    { bound, again = false }: { readonly bound: number | null; readonly again?: boolean },
  ): PolicyRow {
    this.#settings.say(name);
    const script = ["--import", "tsx", QUESTION, ...work];
    const runs = Array.from({ length: this.#settings.runs }, (_, run) => {
      const { stdout } = succeeded("the question", costOfProgram(process.execPath, script));
      const cold = succeeded("xenolith", costOfXenolith(words), [0, 1]);
      const other = run > 0 && !again ? [] : [succeeded(tool, costOfProgram(tool, parameters))];
      const { seconds } = JSON.parse(stdout) as { seconds: number };
      return { ours: seconds, cold, theirs: other.map((cost) => cost.seconds) };
    });
    const ours = median(runs.map((run) => run.ours));
    const cold = median(runs.map((run) => run.cold.seconds));
    const theirs = median(runs.flatMap((run) => run.theirs));
    const mebibytes = Math.max(...runs.map((run) => run.cold.mebibytes));
    const ratios = { ratio: ours / theirs, cold_ratio: cold / theirs };
    return { name, tool, ours, theirs, ...ratios, bound, cold, mebibytes };
  }
}

/** Measures every row. Throws BuildError where a tool is missing or fails. */
export function measurePolicy(settings: PolicyBenchSettings): PolicyRow[] {
  for (const [tool, packageName] of Object.entries(TOOLS)) {
    const { code } = costOfProgram(tool, ["--version"], 30);
    if (code === null) throw new BuildError(`${tool} is not there; install ${packageName}`);
  }
  const folder = mkdtempSync(join(tmpdir(), "xenolith-policy-bench-"));
  try {
    return new PolicyBench(folder, settings).rows();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The rows as text. */
export function policyTableText(rows: readonly PolicyRow[]): string {
  const titles = ["", "beside", "theirs", "Xenolith", "ratio", "bound", "cold", "ratio", "memory"];
  const seconds = (value: number): string => `${value.toFixed(2)} s`;
  const cells = rows.map((row) => [
    ...[row.name, row.tool, seconds(row.theirs), seconds(row.ours), row.ratio.toFixed(4)],
    ...[row.bound === null ? "-" : String(row.bound), seconds(row.cold), row.cold_ratio.toFixed(4)],
    `${row.mebibytes} MiB`,
  ]);
  const all = [titles, ...cells];
  const widths = titles.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  const lines = all.map((line) => {
    const padded = line.map((cell, column) =>
      column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    return `${padded.join("  ").trimEnd()}\n`;
  });
  return `${lines.join("")}\n${explained}`;
}

const explained = `5,000 types; the old and the new policy differ by 500 of 100,000 rules. Compilers: from policy.conf to
policydb 30. flows and diff: from a compiled policy to the answer's text. "Xenolith" is the work in
a running process of ours, "cold" the whole command in a new one, as theirs always are. sediff
compares allow rules alone. Medians; SETools ran once. Memory is the peak of the whole command.
`;
