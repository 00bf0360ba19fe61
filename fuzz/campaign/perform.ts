// Carries out a job in this process.

import { readFileSync } from "node:fs";
import { engineNamed } from "../engine/index.ts";
import { makeTarget } from "../targets/index.ts";
import type { Target } from "../targets/target.ts";
import { Campaign, type Progress } from "./campaign.ts";
import type { Job } from "./jobs.ts";
import { type Finding, hashOf, Store } from "./store.ts";

/** An input that a campaign keeps, and what it reached first. */
export interface KeptInput {
  readonly bytes: Uint8Array;
  readonly features: readonly number[] | undefined;
}

export interface JobListener {
  progress(progress: Progress): void;
  finding(finding: Finding): void;
  input(input: KeptInput): void;
  /** Gets a function that ends the job early. */
  started(end: () => void): void;
}

export interface JobResult {
  readonly progress: Progress;
  readonly findings: readonly string[];
  readonly counters: readonly number[];
  readonly clauses: readonly (readonly [string, string])[];
}

/** The target of a job: one that an earlier job made, if it is the same. */
async function targetOf(
  { target: name, module, engine, native }: Job,
  core: Uint8Array<ArrayBuffer>,
  targets: Map<string, Target>,
): Promise<Target> {
  const key = `${name} ${engine} ${native} ${hashOf(core)}`;
  const comparisons = engineNamed(engine).comparisons;
  const target = targets.get(key) ?? (await makeTarget(name, core, module, comparisons, native));
  targets.set(key, target);
  return target;
}

/** Runs a job to its end. `targets` are those of earlier jobs: making one takes seconds. */
export async function perform(
  job: Job,
  listener: JobListener,
  targets: Map<string, Target> = new Map(),
): Promise<JobResult> {
  const core = new Uint8Array(readFileSync(job.wasm));
  const target = await targetOf(job, core, targets);
  const store = new Store(job.corpus);
  const { seconds, ofCpu, seed, untilFound, guided, known } = job;
  if (known !== undefined) target.learn?.(known.features);
  const campaign = new Campaign(target, store, {
    seconds,
    ofCpu,
    seed,
    untilFound,
    guided,
    core: hashOf(core),
  });
  const findings: string[] = [];
  campaign.onProgress = (progress) => listener.progress(progress);
  campaign.onInput = (bytes, features) => listener.input({ bytes, features });
  campaign.onFinding = (finding) => {
    findings.push(finding.id);
    listener.finding(finding);
  };
  listener.started(() => campaign.end());
  const progress = await campaign.run(engineNamed(job.engine), known?.inputs);
  return { progress, findings, ...target.reached() };
}
