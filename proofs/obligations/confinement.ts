// Confinement under one policy: which pairs of labels nothing links. The proofs show, for every
// policy, that a step changes rows of another domain only by a flow (footprint.ts), that flows need
// a channel, a mapping or a permission, and that channels, mappings and commands come to be by
// permissions alone. What is left is to look the permissions up.

import { GRANT_MAP_READ } from "../../spec/grant_map.ts";
import { type Question, vectorOf } from "../../spec/lang/question.ts";
import { EVENT_BIND, EVENT_CREATE, XENOLITH } from "../../spec/xsm.ts";
import { CLASSES, LABELS } from "../../tcb/core/limits.ts";

/** A policy as the core keeps it. */
export interface PolicyTable {
  readonly names: readonly string[];
  /** [source * LABELS + target]: label of the channels that the source opens towards the target. */
  readonly channel: ArrayLike<number>;
  /** [(source * LABELS + target) * CLASSES + class] */
  readonly allowed: ArrayLike<number>;
}

const vectorAt = ({ allowed }: PolicyTable, source: number, target: number, group: number) =>
  allowed[(source * LABELS + target) * CLASSES + group] ?? 0;

function allows(table: PolicyTable, source: number, target: number, question: Question): boolean {
  const missing = vectorOf(question) & ~vectorAt(table, source, target, question.class);
  return missing === 0;
}

/** Ways in which a domain labelled `source` may come to act on one labelled `target`. */
function waysTo(table: PolicyTable, source: number, target: number): string[] {
  const channel = table.channel[source * LABELS + target] ?? 0;
  const opens = allows(table, source, channel, EVENT_CREATE);
  const ways = [];
  if (opens && allows(table, channel, target, EVENT_BIND)) ways.push("event channel");
  if (allows(table, source, target, GRANT_MAP_READ)) ways.push("grant mapping");
  if (vectorAt(table, source, target, XENOLITH) !== 0) ways.push("command");
  return ways;
}

/**
 * What links domains of two labels, as "a -> b: way". Empty: by the proofs, no operation of the one
 * changes a row of the other, as long as that policy is in force and there was no channel and no
 * mapping between them when it came into force.
 * @throws RangeError for a name that is no label of the policy
 */
export function linksBetween(table: PolicyTable, one: string, other: string): string[] {
  const [first, second] = [one, other].map((name) => {
    const label = table.names.indexOf(name);
    if (label < 0) throw new RangeError(`the policy has no label ${name}`);
    return label;
  }) as [number, number];
  const pairs = [
    [first, second],
    [second, first],
  ] as const;
  return pairs.flatMap(([source, target]) =>
    waysTo(table, source, target).map(
      (way) => `${table.names[source]} -> ${table.names[target]}: ${way}`,
    ),
  );
}
