// Work of a campaign, and who carries it out. A job is plain data; whoever takes it writes what it
// finds into the job's folder, where equal inputs and findings have equal names: a job that is
// delivered twice, or dies half-way, does no harm.

export interface CampaignJob {
  readonly kind: "campaign";
  /** The project's folder. */
  readonly root: string;
  readonly target: string;
  /** The module that the target comes from, if it is not of this wing. */
  readonly module?: string;
  readonly engine: string;
  readonly seconds: number;
  /** Whether these are seconds of this process's CPU time. */
  readonly ofCpu: boolean;
  readonly seed: number;
  readonly corpus: string;
  /** The core to run. */
  readonly wasm: string;
  readonly untilFound: boolean;
  readonly guided: boolean;
}

export type Job = CampaignJob;

export interface JobEvents {
  progress(job: number, figures: unknown): void;
  finding(job: number, finding: unknown): void;
}

export interface JobBackend {
  readonly name: string;
  /** Runs all jobs; gives each one's result. Throws Error when a job fails for good. */
  run(jobs: readonly Job[], events: JobEvents): Promise<readonly unknown[]>;
  /** Asks all jobs to save and end. */
  stop(): void;
}
