// `xenolith fuzz run`: a campaign, with its progress, until time is over or somebody stops it.

import { Command, Option } from "commander";
import type { JobBackend } from "../../jobs/backend.ts";
import { AddressError } from "../../jobs/connection.ts";
import type { Progress } from "../campaign/campaign.ts";
import type { CampaignJob } from "../campaign/jobs.ts";
import type { JobResult } from "../campaign/perform.ts";
import { ProcessBackend } from "../campaign/processes.ts";
import { saveReached } from "../campaign/reached.ts";
import { type Finding, Store } from "../campaign/store.ts";
import { ThreadBackend } from "../campaign/threads.ts";
import { compileForSpeed } from "../compile.ts";
import { engineNames } from "../engine/index.ts";
import { joinCluster } from "./cluster.ts";
import {
  allTargets,
  EXIT_FINDING,
  EXIT_USAGE,
  findingText,
  moduleOf,
  nativeOf,
  readCore,
  root,
  targetOption,
  usualCorpus,
  usualWasm,
  wholeNumber,
} from "./common.ts";
import { serveMetrics } from "./metrics.ts";
import { View } from "./view.ts";

interface Options {
  readonly engine: string;
  readonly seconds: number;
  readonly seed: number;
  readonly jobs: number;
  readonly corpus?: string;
  readonly wasm: string;
  readonly json: boolean;
  readonly metrics?: number;
  readonly cpu: boolean;
  readonly untilFound: boolean;
  readonly guided: boolean;
  readonly native: boolean;
  readonly redis?: string;
  readonly piece: number;
}

const EXAMPLES = `
Examples:
  xenolith fuzz run --seconds 60
  xenolith fuzz run hypercall --jobs 2 --seconds 28800 --corpus night/
  xenolith fuzz run --wasm my-core.wasm --until-found --json
  xenolith fuzz run --redis redis://192.0.2.7 --jobs 30 --seconds 3600

Ctrl-C once saves and ends; a campaign goes on from its corpus. Exit codes: 0 nothing found, 1 a
finding, 2 wrong usage`;

const SECONDS_USUAL = 60;
const PIECE_SECONDS = 20;

function jobsOf(
  target: string,
  options: Options,
  corpus: string,
  native: string | undefined,
): CampaignJob[] {
  const { engine, seconds, cpu: ofCpu, wasm, untilFound, guided } = options;
  const module = moduleOf(target);
  return Array.from({ length: Math.max(options.jobs, 1) }, (_, index) => ({
    kind: "campaign",
    root,
    target,
    ...(module !== undefined && { module }),
    engine,
    seconds,
    ofCpu,
    seed: options.seed + index,
    corpus,
    wasm,
    ...(native !== undefined && { native }),
    untilFound,
    guided,
  }));
}

/** Runs jobs to their end; Ctrl-C once ends them early, twice at once. */
async function runJobs<Job extends { readonly untilFound: boolean }>(
  backend: JobBackend<Job>,
  jobs: readonly Job[],
  view: View,
  figures: Map<number, Progress>,
): Promise<readonly JobResult[]> {
  let asked = false;
  const interrupt = (): void => {
    if (asked) process.exit(EXIT_FINDING);
    asked = true;
    backend.stop();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    const results = await backend.run(jobs, {
      progress: (job, told) => {
        figures.set(job, told as Progress);
        view.progress(job, told as Progress);
      },
      finding: (job, finding) => {
        view.finding(finding as Finding);
        if (jobs[job]!.untilFound) backend.stop();
      },
    });
    // Jobs that nobody had begun when the campaign was stopped have no result.
    return results.flatMap((one) => (one === undefined ? [] : [one as JobResult]));
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
    view.end();
  }
}

/** libFuzzer wants a process of its own. */
function localBackend(engine: string): JobBackend<CampaignJob> {
  const compiled = compileForSpeed(root);
  return engine === "jazzer" ? new ProcessBackend(compiled) : new ThreadBackend(compiled);
}

/** Hands the jobs' pieces to the workers at a Redis. */
async function runOnCluster(
  address: string,
  campaign: Parameters<typeof joinCluster>[1],
  view: View,
  told: Map<number, Progress>,
): Promise<readonly JobResult[]> {
  const { backend, pieces, close } = await joinCluster(address, campaign);
  try {
    return await runJobs(backend, pieces, view, told);
  } finally {
    await close();
  }
}

/** What was found in this run, each finding once. */
function foundBy(results: readonly JobResult[], corpus: string): Finding[] {
  const ids = new Set(results.flatMap(({ findings }) => findings));
  return new Store(corpus).findings().filter(({ id }) => ids.has(id));
}

async function run(command: Command, target: string, options: Options): Promise<void> {
  if (options.redis !== undefined && options.engine === "jazzer") {
    const why = "libFuzzer wants a process of its own, and a cluster's workers run in threads";
    command.error(`fuzz: --redis does not go with --engine jazzer: ${why}`, {
      exitCode: EXIT_USAGE,
    });
  }
  const core = readCore(command, options.wasm);
  const corpus = options.corpus ?? usualCorpus(target);
  const view = new View(options.json);
  const told = new Map<number, Progress>();
  if (options.metrics !== undefined) {
    await serveMetrics(options.metrics, told).catch((error: Error) =>
      command.error(`fuzz: no metrics at port ${options.metrics}: ${error.message}`, {
        exitCode: EXIT_USAGE,
      }),
    );
  }
  const native = options.native ? await nativeOf(command, options.wasm) : undefined;
  const jobs = jobsOf(target, options, corpus, native);
  const running =
    options.redis === undefined
      ? runJobs(localBackend(options.engine), jobs, view, told)
      : runOnCluster(options.redis, { jobs, core, corpus, seconds: options.piece }, view, told);
  const results = await running.catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    const what = error instanceof AddressError ? "" : `the core in ${options.wasm} cannot be run: `;
    return command.error(`fuzz: ${what}${why}`, { exitCode: EXIT_FINDING });
  });
  saveReached(corpus, results);
  const findings = foundBy(results, corpus);
  const figures = results.map(({ progress }) => progress);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ kind: "end", figures, findings })}\n`);
  } else {
    for (const finding of findings) process.stdout.write(`\n${findingText(finding)}`);
    process.stdout.write(view.summary(figures, findings.length, corpus));
  }
  if (findings.length > 0) process.exitCode = EXIT_FINDING;
}

export function runCommand(): Command {
  const command = new Command("run")
    .description("run a campaign: random and mutated programs of calls, judged by every oracle")
    .argument("[target]", `what to fuzz: ${allTargets().join(", ")}`, targetOption, "hypercall")
    .addOption(
      new Option("--engine <name>", "what makes inputs")
        .choices([...engineNames])
        .default(engineNames[0]),
    )
    .option("--seconds <n>", "how long; 0 until Ctrl-C", wholeNumber, SECONDS_USUAL)
    .option("--cpu", "seconds are of this process's CPU time, on a busy machine", false)
    .option("--seed <n>", "the same seed, the same inputs (with --jobs 1)", wholeNumber, 1)
    .option("--jobs <n>", "threads", wholeNumber, 1)
    .option("--corpus <dir>", "where inputs and findings are kept")
    .option("--wasm <file>", "another build of the core", usualWasm)
    .option("--native", "compare each step with the core's native build, with sanitizers", false)
    .option("--redis <url>", "hand the campaign to the workers of a cluster")
    .option("--piece <n>", "seconds that a worker takes at once", wholeNumber, PIECE_SECONDS)
    .option("--until-found", "stop at the first finding", false)
    .option("--no-guided", "random inputs alone, nothing mutated")
    .option("--metrics <port>", "figures for Prometheus at 127.0.0.1:PORT/metrics", wholeNumber)
    .option("--json", "progress and result as lines of JSON on standard output", false)
    .addHelpText("after", EXAMPLES);
  return command.action((target: string, options: Options) => run(command, target, options));
}
