// What the subjects of the service domains share: inputs taken apart, and what is wrong in words.

import type { Sight, Subject } from "../../../fuzz/targets/bytes.ts";

export type Failure = NonNullable<Sight["failure"]>;

export function problem(oracle: string, about: string, says: string): Failure {
  return { oracle, about, says };
}

/** A subject of bytes: what `look` finds wrong, with words for what it came to in `features`. */
export function bytesSubject(
  name: string,
  seeds: readonly Uint8Array[],
  words: readonly string[],
  look: (bytes: Uint8Array, features: Set<string>) => Failure | undefined,
): Subject {
  return {
    name,
    isText: false,
    seeds,
    words,
    look: (bytes) => {
      const features = new Set<string>();
      const failure = look(bytes, features);
      const sight = { features: [...features] };
      return failure === undefined ? sight : { ...sight, failure };
    },
  };
}

/** Pieces of `size` bytes, the last filled with zeros; at most `most` of them. */
export function pieces(bytes: Uint8Array, size: number, most: number): Uint8Array[] {
  const count = Math.min(Math.ceil(bytes.length / size), most);
  return Array.from({ length: count }, (_, index) => {
    const piece = new Uint8Array(size);
    piece.set(bytes.subarray(index * size, (index + 1) * size));
    return piece;
  });
}
