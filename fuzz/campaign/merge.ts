// The smallest set of inputs that reaches everything that all of them reach.

import type { Target } from "../targets/target.ts";

interface Measured {
  readonly bytes: Uint8Array;
  readonly features: readonly number[];
}

/** Distils inputs: short ones first, each only if it adds something. */
export function distil(target: Target, inputs: readonly Uint8Array[]): Uint8Array[] {
  target.keepsFeatures = true;
  const measured: Measured[] = inputs.map((bytes) => {
    target.run(bytes);
    return { bytes, features: target.features() };
  });
  target.keepsFeatures = false;
  measured.sort((a, b) => a.bytes.length - b.bytes.length);
  const covered = new Set<number>();
  return measured
    .filter(({ features }) => {
      const adds = features.some((feature) => !covered.has(feature));
      for (const feature of features) covered.add(feature);
      return adds;
    })
    .map(({ bytes }) => bytes);
}
