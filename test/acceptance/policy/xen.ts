// [policy.xen]: Xen's own policy means here what it means to checkpolicy and libsepol.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPolicy } from "../../../xsm-policy/compiler/load-policy.ts";
import { compareDecisions } from "../../xsm-policy/compiler/context-decisions.ts";
import differences from "../../xsm-policy/compiler/probe-differences.json" with { type: "json" };
import { judge, readProbes } from "../../xsm-policy/compiler/probes.ts";
import { hasXenData, xenData, xenDataPath } from "../../xsm-policy/compiler/sample.ts";
import type { Check, Outcome } from "../check.ts";
import { runProgram, xenolith } from "../cli.ts";
import { withoutData } from "./data.ts";

const TUPLES = 1448;
const DECISIONS = 262_132;
const PROBES = 70;

/** Lines that only one of two texts has. */
function differingLines(one: string, other: string): number {
  const [mine, theirs] = [one.trimEnd().split("\n"), other.trimEnd().split("\n")];
  const [known, wanted] = [new Set(mine), new Set(theirs)];
  const missing = theirs.filter((line) => !known.has(line)).length;
  return mine.filter((line) => !wanted.has(line)).length + missing;
}

/** Whether checkpolicy loads our binary and reads the tuples of the data in it. */
async function readsBack(folder: string, version: 24 | 30): Promise<boolean> {
  const ours = join(folder, `ours.${version}`);
  const conf = xenDataPath("policy.conf");
  const form = ["--format", `policydb-${version}`];
  const written = await xenolith(["policy", "compile", conf, "-o", ours, ...form]);
  const again = join(folder, `again.${version}`);
  const words = ["-b", "-t", "Xen", "-c", String(version), ours, "-o", again];
  const loaded = await runProgram("checkpolicy", words, 60);
  if (written.code !== 0 || loaded.code !== 0) return false;
  const back = await xenolith(["policy", "compile", again, "--format", "tuples"]);
  return back.stdout === xenData("allow.tsv");
}

function probeFigures() {
  const probes = readProbes();
  const unlike = probes.filter((probe) => judge(probe).accepted !== probe.accepted);
  const listed = new Set(differences.map(({ probe }) => probe));
  return {
    asked: probes.length,
    same: probes.length - unlike.length,
    listed: unlike.filter(({ probe }) => listed.has(probe)).length,
    unlisted: unlike.filter(({ probe }) => !listed.has(probe)).map(({ probe }) => probe),
  };
}

async function compare(folder: string): Promise<Outcome> {
  const { relation } = loadPolicy(xenDataPath("policy.conf"));
  if (relation === undefined) {
    return { passed: false, figures: {}, summary: "Xen's policy does not compile" };
  }
  const file = join(folder, "tuples.tsv");
  const words = ["policy", "compile", xenDataPath("policy.conf"), "-o", file];
  await xenolith([...words, "--format", "tuples"]);
  const text = readFileSync(file, "latin1");
  const tuples = text.trimEnd().split("\n").length - 1;
  const differing = differingLines(text, xenData("allow.tsv"));
  const decisions = compareDecisions(relation);
  const probes = probeFigures();
  const policydb = { 24: await readsBack(folder, 24), 30: await readsBack(folder, 30) };
  const passed =
    tuples === TUPLES &&
    differing === 0 &&
    decisions.cells === DECISIONS &&
    decisions.wrong.length === 0 &&
    probes.asked >= PROBES &&
    probes.unlisted.length === 0 &&
    policydb[24] &&
    policydb[30];
  const figures = {
    tuples,
    differing_tuples: differing,
    decisions: decisions.cells,
    wrong_decisions: decisions.wrong.length,
    probes,
    read_back_by_checkpolicy: policydb,
  };
  const asked = `${probes.same} of ${probes.asked} probes alike, ${probes.listed} listed`;
  const wrong = `${decisions.wrong.length} of ${decisions.cells} decisions wrong`;
  return {
    passed,
    figures,
    summary: `${differing} of ${tuples} tuples differ, ${wrong}, ${asked}`,
  };
}

export const xen: Check = {
  name: "policy.xen",
  claim: "Xen's own policy: all tuples, decisions and probes as checkpolicy has them, or listed",
  // It wants data that a checkout alone does not have.
  short: false,
  async run() {
    if (!hasXenData) return withoutData();
    const folder = mkdtempSync(join(tmpdir(), "xenolith-policy-"));
    try {
      return await compare(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
