// fuzz.promote: a finding becomes a test with one command; the test fails with the mistake, and
// passes on the core without it.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseProgram } from "../../../fuzz/program/text.ts";
import { HypercallTarget } from "../../../fuzz/targets/hypercall.ts";
import { realTarget, runOn } from "../../fuzz/judged.ts";
import { compileVariant } from "../../fuzz/variant.ts";
import type { Check, Outcome } from "../check.ts";
import { root, runProgram } from "../cli.ts";

const SECONDS = 120;
const XENOLITH = join(root, "bin/xenolith");

/** The program that a promoted test holds. */
function programOf(test: string): string {
  return /judged\(`\n([\s\S]*?)\n\s*`\)/.exec(test)?.[1] ?? "";
}

async function promote(folder: string): Promise<Outcome> {
  const mistake = {
    file: "event_channel.ts",
    right: "  column.setPortState(other, PORT_INTERDOMAIN);\n",
    wrong: "",
  };
  const core = compileVariant([mistake]);
  const wasm = join(folder, "core.wasm");
  const corpus = join(folder, "corpus");
  const output = join(folder, "found.test.ts");
  writeFileSync(wasm, core);
  const run = ["fuzz", "run", "--wasm", wasm, "--corpus", corpus, "--until-found", "--json"];
  const campaign = await runProgram(XENOLITH, [...run, "--seconds", String(SECONDS)], 2 * SECONDS);
  const last = JSON.parse(campaign.stdout.trim().split("\n").at(-1) ?? "{}");
  const id: string = last.findings?.[0]?.id ?? "none";
  await runProgram(XENOLITH, ["fuzz", "promote", id, "--corpus", corpus, "-o", output], SECONDS);
  const program = programOf(readFileSync(output, "utf8"));
  const before = runOn(new HypercallTarget(core), parseProgram(program)).says;
  const after = runOn(realTarget(), parseProgram(program)).says;
  const passed = program !== "" && before !== undefined && after === undefined;
  const summary = passed
    ? `finding ${id}: with the mistake "${before}", without it nothing`
    : `finding ${id}: with the mistake ${before ?? "nothing"}, without it ${after ?? "nothing"}`;
  return { passed, figures: { id, program, before, after }, summary };
}

export const fuzzPromote: Check = {
  name: "fuzz.promote",
  claim: "a finding goes to a readable test, failing before the fix and passing after it",
  short: false,
  async run(): Promise<Outcome> {
    const folder = mkdtempSync(join(tmpdir(), "xenolith-promote-"));
    try {
      return await promote(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
