// Work that several may carry out, and who does. A job is plain data, and carrying it out twice, or
// half and then once more, does no harm: whoever hands jobs out may lose a worker at any moment.

/** What a job tells while it runs. */
export interface JobEvents {
  progress(job: number, figures: unknown): void;
  finding(job: number, finding: unknown): void;
}

export interface JobBackend<Job> {
  readonly name: string;
  /** Runs all jobs; gives each one's result. Throws Error when a job fails for good. */
  run(jobs: readonly Job[], events: JobEvents): Promise<readonly unknown[]>;
  /** Asks all jobs to save and end. */
  stop(): void;
}

/** Events of one job, on its worker's side. */
export interface JobListener {
  progress(figures: unknown): void;
  finding(finding: unknown): void;
  /** Gets a function that ends the job early. */
  started(end: () => void): void;
}

/** Carries out a job; what it gives is plain data. */
export type Perform<Job> = (job: Job, listener: JobListener) => Promise<unknown>;
