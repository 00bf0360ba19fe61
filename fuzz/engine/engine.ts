// How inputs are come by. An engine hands inputs to a run until its time is over; what is kept and
// what is a finding is the run's to say.

export interface Limits {
  /** 0: until it is stopped. */
  readonly seconds: number;
  readonly seed: number;
}

/** What an engine drives. */
export interface Run {
  /** Runs an input; gives the key of what it failed by, if it failed in a new way. */
  input(bytes: Uint8Array): string | undefined;
  /** A failing input was made as small as the engine can. */
  found(bytes: Uint8Array, key: string): void;
  /** A fresh input, by the engine's own chance. */
  generate(seed: number): Uint8Array;
  smaller(bytes: Uint8Array): Iterable<Uint8Array>;
  /** How many counters there are, for engines that keep inputs of their own. */
  marks(): number;
  /** Has each further input count there what it reached. */
  countInto(counts: Uint8Array): void;
  /** Is it time to stop? */
  stopped(): boolean;
  /** Somebody asked for the end. */
  end(): void;
}

export interface Engine {
  readonly name: string;
  /** Does it make use of comparisons that are counted? */
  readonly comparisons: boolean;
  run(run: Run, limits: Limits): Promise<void>;
}
