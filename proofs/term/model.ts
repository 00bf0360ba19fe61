import { type Assignment, argumentKey, evaluateAll } from "./evaluate.ts";
import type { Probe } from "./print.ts";
import { postorder, type Term } from "./term.ts";

/** A probe for each variable and each application in the terms: what a model has to say. */
export function probesOf(terms: readonly Term[]): readonly Probe[] {
  return postorder(terms)
    .filter((term) => term.operator === "variable" || term.operator === "apply")
    .map((term, at) => ({ name: `gv!${at}`, term }));
}

/** The assignment that a model's values of the probes describe; `evaluate` then checks it. */
export function assignmentOf(
  probes: readonly Probe[],
  model: ReadonlyMap<string, bigint>,
): Assignment {
  const variables = new Map<string, bigint>();
  const functions = new Map<string, Map<string, bigint>>();
  const assignment = { variables, functions };
  // Probes are in postorder: arguments are known before the applications that take them.
  for (const { name, term } of probes) {
    const value = model.get(name) ?? 0n;
    if (term.operator === "variable") {
      variables.set(term.name, value);
      continue;
    }
    const values = functions.get(term.name) ?? new Map<string, bigint>();
    functions.set(
      term.name,
      values.set(argumentKey(evaluateAll(term.operands, assignment)), value),
    );
  }
  return assignment;
}
