/** Turns sets of types into a question about the graph's nodes. */

import { BitSet } from "../compiler/bits.ts";
import type { FlowGraph } from "./flow-graph.ts";
import type { FlowQuestion } from "./flow-search.ts";

/**
 * Does anything get from types to types, but through others? Labels under which domains are only
 * seen are left out of a set that has other members: no domain has them as its own.
 */
export function flowQuestion(
  graph: FlowGraph,
  from: BitSet,
  to: BitSet,
  through: BitSet = new BitSet(),
): { question: FlowQuestion; vacuous: string | undefined } {
  const sources = withoutLabels(graph, outside(from, through));
  const targets = withoutLabels(graph, outside(to, through));
  const question = {
    from: sources.flatMap((type) => graph.nodesWithParts(type)),
    to: BitSet.of(targets.flatMap((type) => graph.nodesWithParts(type))),
    through: BitSet.of(
      through.toArray().flatMap((type) => [...graph.nodesOf(type), ...graph.partsOf(type)]),
    ),
  };
  return { question, vacuous: emptiness(graph, sources, targets) };
}

function outside(set: BitSet, other: BitSet): number[] {
  return set.toArray().filter((type) => !other.has(type));
}

function withoutLabels(graph: FlowGraph, types: readonly number[]): readonly number[] {
  const real = types.filter((type) => !graph.isHidden(type));
  return real.length === 0 ? types : real;
}

function emptiness(
  graph: FlowGraph,
  sources: readonly number[],
  targets: readonly number[],
): string | undefined {
  if (sources.length === 0) return "nothing is left of what it starts from";
  if (targets.length === 0) return "nothing is left of what it leads to";
  const isReal = (type: number): boolean => !graph.isHidden(type);
  if (!sources.some(isReal)) return "no domain has any of the labels that it starts from";
  if (!targets.some(isReal)) return "no domain has any of the labels that it leads to";
  return undefined;
}
