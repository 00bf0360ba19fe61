// Functions of the code that the proofs speak of by name: a build is proved as it is if it still
// has them. An optimiser that copies all of a function into its callers takes a boundary away.

import { cases } from "./index.ts";

/** Ends of the names of inner functions, such as "guest/openArgument", sorted. */
export function boundaries(): readonly string[] {
  const names = cases.flatMap((one) => [
    one.function,
    ...(one.blocks ?? []).map(({ name }) => name),
    ...(one.lemmas ?? []).map((lemma) => lemma.function),
    ...(one.repetitions ?? []).map(({ calls }) => calls),
    ...(one.rounds ?? []).flatMap(({ calls }) => calls),
    ...(one.round?.of.calls ?? []),
    ...(one.searches ?? []).flatMap(({ calls }) => calls ?? []),
  ]);
  return [...new Set(names)].filter((name) => name.includes("/")).sort();
}
