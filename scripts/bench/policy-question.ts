// One piece of work with policies, done in a running process: how long from the bytes on disk
// to the answer's text. `policy-question.ts flows POLICY SOURCE MAP`, `policy-question.ts diff OLD NEW`.

import { writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { diffPolicies } from "../../xsm-policy/analysis/diff.ts";
import { diffText } from "../../xsm-policy/analysis/diff-command.ts";
import { readDirectionMap } from "../../xsm-policy/analysis/direction-map.ts";
import { FlowGraph } from "../../xsm-policy/analysis/flow-graph.ts";
import { flowsAround, nearestByType, nodesNamed } from "../../xsm-policy/analysis/flows.ts";
import { flowsText } from "../../xsm-policy/analysis/flows-command.ts";
import { loadForAnalysis } from "../../xsm-policy/analysis/input.ts";
import { BitSet } from "../../xsm-policy/compiler/bits.ts";
import { loadPolicy } from "../../xsm-policy/compiler/load-policy.ts";
import { writeOutput } from "../../xsm-policy/compiler/output.ts";

const SHOWN = 50;

function sound(path: string) {
  const { ready } = loadForAnalysis(path);
  if (ready === undefined) throw new Error(`${path} cannot be read`);
  return ready;
}

/** The work, by name; each gives the bytes or the text that is its result. */
const questions: Readonly<Record<string, (words: readonly string[]) => string | Uint8Array>> = {
  compile([source, binary]) {
    const { relation, ok } = loadPolicy(source!);
    if (!ok || relation === undefined) throw new Error(`${source} does not compile`);
    const bytes = writeOutput(relation, "policydb-30");
    writeFileSync(binary!, bytes);
    return bytes;
  },
  flows([policy, source, map]) {
    const graph = new FlowGraph(sound(policy!).relation, readDirectionMap(map));
    const flows = flowsAround(graph, nodesNamed(graph, source!), new BitSet());
    return flowsText(graph, nearestByType(graph, flows), SHOWN);
  },
  diff([before, after]) {
    return diffText(diffPolicies(sound(before!), sound(after!)), SHOWN);
  },
};

const [name = "", ...words] = process.argv.slice(2);
const begin = performance.now();
const answer = questions[name]!(words);
const seconds = (performance.now() - begin) / 1000;
process.stdout.write(`${JSON.stringify({ seconds, length: answer.length })}\n`);
