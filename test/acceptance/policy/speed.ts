// [policy.speed]: beside checkpolicy and SETools on the same files, and in an editor.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { measurePolicy, type PolicyRow, policyTableText } from "../../../scripts/bench/policy.ts";
import { BuildError } from "../../../scripts/command.ts";
import { hasXenData, xenData } from "../../xsm-policy/compiler/sample.ts";
import { at, Client, find } from "../../xsm-policy/lsp/client.ts";
import type { Check } from "../check.ts";
import { withoutData } from "./data.ts";

const RUNS = 3;
const MOST_MEBIBYTES = 1536;

const MOST_EDIT_MILLISECONDS = 50;
const EDITS = 40;
/** Edits before those that count: an editor's session is longer than its first seconds. */
const WARMING = 20;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Milliseconds from an edit of Xen's policy to what is found in the text then. */
async function editTimes(): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-editor-"));
  const client = new Client();
  try {
    const text = xenData("policy.conf");
    const file = join(folder, "policy.conf");
    writeFileSync(file, text);
    await client.start();
    await client.open(file, text);
    const place = find(text, "allow domU_t", "allow domU_t".length);
    const typed = { start: place, end: { ...place, character: place.character + 1 } };
    const times: number[] = [];
    for (let edit = 0; edit < WARMING + EDITS; edit++) {
      const isTyping = edit % 2 === 0;
      const begin = performance.now();
      const found = await client.change(file, isTyping ? at(place) : typed, isTyping ? "x" : "");
      times.push(performance.now() - begin);
      if (found.some(({ message }) => message.includes("domU_tx")) !== isTyping) {
        throw new BuildError("the editor was told something else than the edit");
      }
    }
    return times.slice(WARMING);
  } finally {
    await client.stop();
    rmSync(folder, { recursive: true });
  }
}

function broken(rows: readonly PolicyRow[]): string[] {
  return rows.flatMap(({ name, ratio, bound, mebibytes }) => [
    ...(bound !== null && ratio > bound ? [`${name}: ${ratio.toFixed(3)} > ${bound}`] : []),
    ...(mebibytes > MOST_MEBIBYTES ? [`${name}: ${mebibytes} MiB`] : []),
  ]);
}

export const speed: Check = {
  name: "policy.speed",
  claim: "compile <= 1.0, neverallow <= 0.1, flows <= 0.02, diff <= 0.1 of theirs; edit <= 50 ms",
  short: false,
  async run() {
    if (!hasXenData) return withoutData();
    const times = await editTimes();
    const edit = { median_ms: median(times), worst_ms: Math.max(...times), edits: times.length };
    const rows = measurePolicy({
      runs: RUNS,
      say: (text) => void process.stderr.write(`policy.speed: ${text}\n`),
    });
    process.stderr.write(policyTableText(rows));
    const failures = broken(rows);
    if (edit.median_ms > MOST_EDIT_MILLISECONDS) failures.push(`an edit: ${edit.median_ms} ms`);
    const ratios = rows.map(({ name, ratio }) => `${name} ${ratio.toFixed(3)}`).join(", ");
    const summary = `${ratios}, edit ${edit.median_ms.toFixed(0)} ms; ${failures.join("; ")}`;
    return { passed: failures.length === 0, figures: { rows, edit, failures }, summary };
  },
};
