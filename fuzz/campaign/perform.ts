// Carries out a job in this process.

import { readFileSync } from "node:fs";
import { engineNamed } from "../engine/index.ts";
import { makeTarget } from "../targets/index.ts";
import { Campaign, type Progress } from "./campaign.ts";
import type { Job } from "./jobs.ts";
import { type Finding, hashOf, Store } from "./store.ts";

export interface JobListener {
  progress(progress: Progress): void;
  finding(finding: Finding): void;
  /** Gets a function that ends the job early. */
  started(end: () => void): void;
}

export interface JobResult {
  readonly progress: Progress;
  readonly findings: readonly string[];
  readonly counters: readonly number[];
  readonly clauses: readonly (readonly [string, string])[];
}

/** Runs a job to its end. */
export async function perform(job: Job, listener: JobListener): Promise<JobResult> {
  const core = new Uint8Array(readFileSync(job.wasm));
  const target = await makeTarget(job.target, core, job.module);
  const store = new Store(job.corpus);
  const { seconds, ofCpu, seed, untilFound, guided } = job;
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
  campaign.onFinding = (finding) => {
    findings.push(finding.id);
    listener.finding(finding);
  };
  listener.started(() => campaign.end());
  const progress = await campaign.run(engineNamed(job.engine));
  return { progress, findings, ...target.reached() };
}
