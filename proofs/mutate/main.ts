// Judges a sample of mutants, one after the other, and writes each verdict down: what stands in the
// file is not judged again, so that a run that was cut short goes on.

import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { columns } from "../../tcb/core/layout.ts";
import { coverageFromText, coverageOf, coverageText } from "../reach/functions.ts";
import { digestOfProver } from "../runner/case-cache.ts";
import { CachedSolver, createSolver, VerdictCache } from "../solver/index.ts";
import { decodeModule } from "../wasm/index.ts";
import { type Mutant, sampleMutants } from "./index.ts";
import { Judge, type Thoroughness } from "./judge.ts";
import { isFinal, mutantRecords, mutantsFile } from "./records.ts";
import { Watch } from "./watch.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Terms are never freed: a run that has grown beyond this ends, and is started again. */
const LIMIT_MEGABYTES = 2_500;
/** The process's end: all are judged, or it has to be started again, or the words are wrong. */
const EXIT_DONE = 0;
const EXIT_USAGE = 2;
const EXIT_AGAIN = 75;

const USAGE = `usage: mutants [--wasm FILE] [--count N] [--seed N] [--part K/N] [--seconds N]
               [--only FILE] [--quick]
  judges mutants of a core.wasm, or those whose descriptions are lines of a file; --quick leaves
  open what the solver does not say soon; ends with ${EXIT_AGAIN} if there are more to judge\n`;

interface Words {
  readonly wasm: string;
  readonly count: number;
  readonly seed: number;
  /** Every `of`th mutant, from number `part` on. */
  readonly part: number;
  readonly of: number;
  readonly seconds: number;
  /** File of descriptions: no other mutants are judged. */
  readonly only: string | undefined;
  readonly thoroughness: Thoroughness;
}

function wordsOf(argv: readonly string[]): Words | undefined {
  const text = { type: "string" } as const;
  const numbers = { count: text, seed: text, part: text, seconds: text };
  const options = { ...numbers, wasm: text, only: text, quick: { type: "boolean" } } as const;
  const { values } = parseArgs({ args: [...argv], options });
  const [part, of] = (values.part ?? "0/1").split("/").map(Number);
  const words = {
    wasm: values.wasm ?? join(root, "build/core.wasm"),
    count: Number(values.count ?? 2_000),
    seed: Number(values.seed ?? 1),
    part: part!,
    of: of!,
    seconds: Number(values.seconds ?? 1e9),
    only: values.only,
    thoroughness: values.quick ? ("quick" as const) : ("whole" as const),
  };
  const { wasm, only, count, seed, seconds } = words;
  const files = only === undefined ? [wasm] : [wasm, only];
  const areNumbers = [count, seed, seconds, words.part, words.of].every(Number.isInteger);
  return areNumbers && files.every(existsSync) ? words : undefined;
}

/** Which cases execute which functions, found out once for a build. */
function coverageFor(bytes: Uint8Array, key: string) {
  const file = join(root, "build/proofs/mutants", `${key}.coverage.json`);
  if (existsSync(file)) return coverageFromText(readFileSync(file, "utf8"));
  const found = coverageOf(decodeModule(bytes), columns);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, coverageText(found));
  return found;
}

const isFull = (): boolean => process.memoryUsage().rss > LIMIT_MEGABYTES * 2 ** 20;

/** The mutants that are this process's to judge. */
function ownMutants(
  bytes: Uint8Array<ArrayBuffer>,
  { only, part, of, ...sample }: Words,
): Mutant[] {
  const wanted = only && new Set(readFileSync(only, "utf8").split("\n"));
  const all = sampleMutants(bytes, sample).filter(({ description }) => {
    return !wanted || wanted.has(description);
  });
  return all.filter((_, at) => at % of === part);
}

async function run(words: Words): Promise<number> {
  const bytes = new Uint8Array(readFileSync(words.wasm));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const file = mutantsFile(root, sha256, digestOfProver());
  const { thoroughness } = words;
  const final = mutantRecords(file).filter((record) => isFinal(record, thoroughness));
  const known = new Set(final.map(({ mutant }) => mutant));
  const open = ownMutants(bytes, words).filter(({ description }) => !known.has(description));
  if (open.length === 0) return EXIT_DONE;
  const verdicts = new VerdictCache(join(root, "build/proofs/unsat.txt"));
  const solver = new CachedSolver(createSolver("z3-wasm", { workers: 1 }), verdicts);
  const key = file.replace(/.*\/|\.jsonl$/g, "");
  const judge = new Judge(bytes, columns, solver, coverageFor(bytes, key));
  const watch = new Watch(file, thoroughness);
  const end = performance.now() + words.seconds * 1000;
  try {
    for (const { description, function: name, bytes: changed } of open) {
      if (isFull() || performance.now() > end) return EXIT_AGAIN;
      const started = performance.now();
      watch.begin(description);
      const judged = await judge.judge(changed, name, thoroughness);
      watch.end();
      const ms = Math.round(performance.now() - started);
      const record = { mutant: description, ...judged, ms, thoroughness };
      appendFileSync(file, `${JSON.stringify(record)}\n`);
      const reason = [judged.by, judged.why].filter((one) => one !== undefined).join("; ");
      process.stdout.write(`${description}: ${judged.verdict} ${reason} ${ms} ms\n`);
    }
    return EXIT_DONE;
  } finally {
    await solver.close();
  }
}

const words = wordsOf(process.argv.slice(2));
if (words === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = EXIT_USAGE;
} else {
  process.exitCode = await run(words);
}
