// What an acceptance check is: a claim of the project with a name, which exits 0 or 1 and writes
// down the figures that it found.

export interface Outcome {
  readonly passed: boolean;
  /** What was measured: plain JSON, in a stable order. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** One line for a reader: what held, or what did not. */
  readonly summary: string;
}

export interface Check {
  /** As in `npm run accept -- metal.size`. */
  readonly name: string;
  /** What must hold, in a sentence. */
  readonly claim: string;
  /** Short checks run in CI. */
  readonly short: boolean;
  run(): Promise<Outcome>;
}
