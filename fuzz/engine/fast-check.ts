// fast-check drives: each check is a model run of many programs, with the specification as
// the model, and a failing one is shrunk by fast-check along the target's own smaller inputs.

import fc from "fast-check";
import type { Engine, Limits, Run } from "./engine.ts";

const RUNS_EACH = 100;

/** Inputs of a run as fast-check's arbitrary values. */
class Inputs extends fc.Arbitrary<Uint8Array> {
  readonly #run: Run;

  constructor(run: Run) {
    super();
    this.#run = run;
  }

  generate(random: fc.Random): fc.Value<Uint8Array> {
    return new fc.Value(this.#run.generate(random.nextInt()), undefined);
  }

  canShrinkWithoutContext(value: unknown): value is Uint8Array {
    return value instanceof Uint8Array;
  }

  shrink(value: Uint8Array): fc.Stream<fc.Value<Uint8Array>> {
    const { smaller } = this.#run;
    function* values() {
      for (const bytes of smaller(value)) yield new fc.Value(bytes, undefined);
    }
    return new fc.Stream(values());
  }
}

/** One check; shrinking keeps to the first failure's key. */
function check(run: Run, seed: number): void {
  let key: string | undefined;
  const inputs = new Inputs(run);
  const passes = (bytes: Uint8Array): boolean => {
    if (key === undefined && run.stopped()) return true;
    const failed = run.input(bytes);
    if (failed === undefined) return true;
    key ??= failed;
    return failed !== key;
  };
  const details = fc.check(fc.property(inputs, passes), { seed, numRuns: RUNS_EACH });
  const [smallest] = details.counterexample ?? [];
  if (smallest !== undefined && key !== undefined) run.found(smallest, key);
}

export const fastCheckEngine: Engine = {
  name: "fast-check",
  comparisons: false,
  async run(run: Run, { seed }: Limits): Promise<void> {
    for (let round = 0; !run.stopped(); round++) {
      check(run, (seed * 7919 + round) | 0);
      // Messages and signals have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
};
