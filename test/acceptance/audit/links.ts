// audit.links: what breaks a link is told as what it is. Changes are planted in a copy of the
// tree, one after another; and two that change nothing that counts.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Links, linksText } from "../../../audit/trace/links.ts";
import { wasmHashes } from "../../../audit/trace/wasm-code.ts";
import { type Gap, TreeCopy } from "../../audit/copy.ts";
import type { Check, Outcome } from "../check.ts";
import { root } from "../cli.ts";

interface Plant {
  readonly name: string;
  /** What has to be told: state, id, need; nothing of a harmless change. */
  readonly told: string;
  readonly file: string;
  /** What is replaced; the whole file goes if nothing is named. */
  readonly right?: string | RegExp;
  readonly wrong: string;
}

const EVENTS = "spec/event_channel.ts";
const CORE = "tcb/core/event_channel.ts";
const CASES = "proofs/obligations/event_channel.ts";
const TEST = "test/spec/event_channel.test.ts";
const LINKS = "audit/links.json";
const NEW_CLAUSE = 's.clause("EVTCHN-NEW-1", "A new sentence.");\n  s.clause("EVTCHN-ALLOC-2"';
/** The end of what is stored of one operation's proof. */
const VERDICT = /(?<="event_channel: bind_vcpu": \{.*"open":)\{[^}]*\}/;

/** The hash of a function of the binary that an operation's proof executes. */
const EXECUTED = /(?<="tcb[/]core[/]hypercall[/]dispatch": ")[0-9a-f]+/;

/** Name, what has to be told, the file, what is replaced in it, by what. */
const rows: readonly (readonly [string, string, string, (string | RegExp)?, string?])[] = [
  [
    "a step of a clause is edited",
    "outdated EVTCHN-ALLOC-1 code",
    EVENTS,
    "owner.eq(",
    "owner.ne(",
  ],
  [
    "a sentence is edited",
    "outdated EVTCHN-ALLOC-1 test",
    EVENTS,
    "for itself only",
    "for anybody",
  ],
  [
    "a clause is deleted",
    "orphaned EVTCHN-BIND-4 code",
    EVENTS,
    /s[.]clause\("EVTCHN-BIND-4"[^;]*;/,
  ],
  [
    "one id is given twice",
    "ambiguous EVTCHN-BIND-3 code",
    EVENTS,
    "EVTCHN-BIND-4",
    "EVTCHN-BIND-3",
  ],
  [
    "a clause is added",
    "uncovered EVTCHN-NEW-1 proof",
    EVENTS,
    's.clause("EVTCHN-ALLOC-2"',
    NEW_CLAUSE,
  ],
  ["a branch is deleted", "predated EVTCHN-VIRQ-2 code", CORE, /\n *if \([^\n]*\) return EEXIST;/],
  [
    "a function is deleted",
    "orphaned EVTCHN-VIRQ-2 code",
    CORE,
    "function bindVirq(",
    "function later(",
  ],
  ["a test is deleted", "orphaned EVTCHN-VIRQ-2 test", TEST],
  ["a test is changed", "predated EVTCHN-VIRQ-2 test", TEST, "expect(", "void expect; expect("],
  ["a proof is deleted", "orphaned EVTCHN-VIRQ-2 proof", CASES, /\n *bind_virq: abi[^\n]*/],
  ["a proof states less", "predated EVTCHN-ALLOC-2 proof", CASES, '["EVTCHN-ALLOC-2"]', "[]"],
  [
    "a helper of the specification is edited",
    "predated EVTCHN-ALLOC-2 proof",
    EVENTS,
    "word.and(0xffff)",
    "word.and(0x7fff)",
  ],
  ["an executed function is another", "predated EVTCHN-ALLOC-2 proof", LINKS, EXECUTED, "0"],
  ["a solver gives up", "timeout EVTCHN-VCPU-1 proof", LINKS, VERDICT, '{"result":"timeout"}'],
  ["a proof fails", "unproved EVTCHN-VCPU-1 proof", LINKS, VERDICT, '{"result":"sat"}'],
  ["a remark is added", "", EVENTS, "\nfunction", "\n// A remark.\n\nfunction"],
  ["code is laid out anew", "", CORE, "\nfunction bindVirq(", "\n\n\nfunction  bindVirq ("],
];

const plants = rows.map(([name, told, file, right, wrong = ""]): Plant => {
  const change = { name, told, file, wrong };
  return right === undefined ? change : { ...change, right };
});
const harmless = plants.filter(({ told }) => told === "");

const lineOf = ({ state, id, need }: Gap): string => `${state} ${id} ${need}`;

/** What is wrong with what was told of a change; undefined: nothing. */
function wrong(tree: TreeCopy, before: ReadonlySet<string>, plant: Plant): string | undefined {
  if (plant.right === undefined) tree.remove(plant.file);
  else tree.replace(plant.file, plant.right, plant.wrong);
  const { gaps, text } = tree.check();
  tree.restore();
  const fresh = gaps.filter((gap) => !before.has(lineOf(gap)));
  const { told } = plant;
  if (told === "") {
    return fresh.length === 0 ? undefined : `${plant.name}: told ${lineOf(fresh[0]!)}`;
  }
  const found = fresh.find((gap) => lineOf(gap) === told);
  if (found !== undefined && found.place.line > 0) return undefined;
  const instead = fresh.slice(0, 3).map(lineOf).join("; ") || text.slice(-200);
  return `${plant.name}: not told "${told}" but "${instead}"`;
}

/** As if all of the core that is built had been proved: else that would be told of each proof. */
function asIfProved(links: Links): Links {
  const hashes = wasmHashes(new Uint8Array(readFileSync(join(root, "build/core.wasm"))));
  const cases = Object.entries(links.cases).map(([name, one]) => {
    return [name, { ...one, obligations: Math.max(1, one.obligations), open: {} }] as const;
  });
  const wasm = Object.fromEntries(
    cases.flatMap(([, one]) => one.wasm.map((name) => [name, hashes.get(name) ?? ""])),
  );
  return { ...links, cases: Object.fromEntries(cases), wasm };
}

async function run(): Promise<Outcome> {
  const tree = new TreeCopy();
  try {
    const own = tree.check();
    tree.rewrite(LINKS, /^.*$/s, linksText(asIfProved(JSON.parse(tree.read(LINKS)) as Links)));
    const before = new Set(tree.check().gaps.map(lineOf));
    const missed = plants
      .map((plant) => wrong(tree, before, plant))
      .filter((one) => one !== undefined);
    const gaps = own.gaps.length;
    const figures = { planted: plants.length, harmless: harmless.length, missed, gaps };
    const passed = missed.length === 0 && own.status === 0;
    const summary =
      `${plants.length - missed.length} of ${plants.length} changes were told as what they are; ` +
      `the tree itself has ${gaps} gaps`;
    return { passed, figures, summary };
  } finally {
    tree.dispose();
  }
}

export const links: Check = {
  name: "audit.links",
  claim: "every clause is linked at both ends, and a broken link is told as what it is",
  short: false,
  run,
};
