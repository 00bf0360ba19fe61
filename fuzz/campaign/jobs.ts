// Work of a campaign. Whoever takes a job writes what it finds into the job's folder, where equal
// inputs and findings have equal names: a job that is delivered twice, or dies half-way, does no
// harm.

export type { JobBackend, JobEvents } from "../../jobs/backend.ts";

/** What the workers of a cluster know together. */
export interface Known {
  /** Names of inputs whose features are known, the oldest first: these need not run again. */
  readonly inputs: readonly string[];
  readonly features: readonly number[];
}

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
  /** A hosted native build of the same core, to be compared with. */
  readonly native?: string;
  readonly untilFound: boolean;
  readonly guided: boolean;
  readonly known?: Known;
}

export type Job = CampaignJob;
