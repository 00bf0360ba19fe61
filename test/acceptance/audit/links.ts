// audit.links: what breaks a link is told as what it is. Ten changes are planted in a copy of the
// tree, one after another; and two that change nothing that counts.

import { type Gap, TreeCopy } from "../../audit/copy.ts";
import type { Check, Outcome } from "../check.ts";

interface Plant {
  readonly name: string;
  /** What has to be told: state, id, need. */
  readonly told: readonly [state: string, id: string, need: string];
  readonly change: (tree: TreeCopy) => void;
}

const EVENTS = "spec/event_channel.ts";
const CORE = "tcb/core/event_channel.ts";
const CASES = "proofs/obligations/event_channel.ts";
const TEST = "test/spec/event_channel.test.ts";
const LINKS = "audit/links.json";
const INSERTED = 's.clause("EVTCHN-NEW-1", "A new sentence.");\n  s.clause("EVTCHN-ALLOC-2"';

const plants: readonly Plant[] = [
  {
    name: "a clause's step is edited",
    told: ["outdated", "EVTCHN-ALLOC-1", "code"],
    change: (tree) =>
      tree.replace(
        EVENTS,
        "s.require(owner.eq(domain), abi.EPERM)",
        "s.require(owner.ne(domain), abi.EPERM)",
      ),
  },
  {
    name: "a clause's sentence is edited",
    told: ["outdated", "EVTCHN-ALLOC-1", "test"],
    change: (tree) =>
      tree.replace(
        EVENTS,
        "A domain opens ports for itself only.",
        "A domain opens ports for anybody.",
      ),
  },
  {
    name: "a clause is deleted",
    told: ["orphaned", "EVTCHN-BIND-4", "code"],
    change: (tree) => tree.replace(EVENTS, /s[.]clause\("EVTCHN-BIND-4"[^;]*;/, ""),
  },
  {
    name: "two clauses get one id",
    told: ["ambiguous", "EVTCHN-BIND-3", "code"],
    change: (tree) => tree.replace(EVENTS, '"EVTCHN-BIND-4"', '"EVTCHN-BIND-3"'),
  },
  {
    name: "a clause is added",
    told: ["uncovered", "EVTCHN-NEW-1", "proof"],
    change: (tree) => tree.replace(EVENTS, 's.clause("EVTCHN-ALLOC-2"', INSERTED),
  },
  {
    name: "a branch of the code is deleted",
    told: ["predated", "EVTCHN-VIRQ-2", "code"],
    change: (tree) => tree.replace(CORE, /\n *if \([^\n]*\) return EEXIST;/, ""),
  },
  {
    name: "a function of the code is deleted",
    told: ["orphaned", "EVTCHN-VIRQ-2", "code"],
    change: (tree) => tree.replace(CORE, "function bindVirq(", "function bindVirqLater("),
  },
  {
    name: "a test is deleted",
    told: ["orphaned", "EVTCHN-VIRQ-2", "test"],
    change: (tree) => tree.remove(TEST),
  },
  {
    name: "a test is changed",
    told: ["predated", "EVTCHN-VIRQ-2", "test"],
    change: (tree) => tree.replace(TEST, "expect(", "void expect; expect("),
  },
  {
    name: "a proof is deleted",
    told: ["orphaned", "EVTCHN-VIRQ-2", "proof"],
    change: (tree) => tree.replace(CASES, "  bind_virq: abi.EVTCHNOP_bind_virq,\n", ""),
  },
  {
    name: "a proof states another thing",
    told: ["predated", "EVTCHN-ALLOC-2", "proof"],
    change: (tree) => tree.replace(CASES, '["EVTCHN-ALLOC-2"]', "[]"),
  },
  {
    name: "a solver gives up",
    told: ["timeout", "EVTCHN-VCPU-1", "proof"],
    change: (tree) => plantVerdict(tree, "timeout"),
  },
  {
    name: "a proof fails",
    told: ["unproved", "EVTCHN-VCPU-1", "proof"],
    change: (tree) => plantVerdict(tree, "sat"),
  },
];

/** Lets the last run of the prover end otherwise for one operation. */
function plantVerdict(tree: TreeCopy, verdict: string): void {
  const right = /("event_channel: bind_vcpu": \{.*"open":)\{[^}]*\}/;
  const line = right.exec(tree.read(LINKS));
  tree.replace(LINKS, right, `${line?.[1]}{"result":"${verdict}"}`);
}

const harmless: readonly Plant[] = [
  {
    name: "a comment is added",
    told: ["", "", ""],
    change: (tree) => tree.replace(EVENTS, "\nfunction", "\n// A remark.\n\nfunction"),
  },
  {
    name: "the code is laid out anew",
    told: ["", "", ""],
    change: (tree) => tree.replace(CORE, "\nfunction bindVirq(", "\n\n\nfunction  bindVirq ("),
  },
];

const lineOf = ({ state, id, need }: Gap): string => `${state} ${id} ${need}`;

/** What is wrong with what was told of a change; undefined: nothing. */
function wrong(tree: TreeCopy, before: ReadonlySet<string>, plant: Plant): string | undefined {
  plant.change(tree);
  const { gaps, text } = tree.check();
  tree.restore();
  const fresh = gaps.filter((gap) => !before.has(lineOf(gap)));
  const told = plant.told.join(" ");
  if (told.trim() === "") {
    return fresh.length === 0 ? undefined : `${plant.name}: told ${lineOf(fresh[0]!)}`;
  }
  const found = fresh.find((gap) => lineOf(gap) === told);
  if (found !== undefined && found.place.line > 0) return undefined;
  const instead = fresh.slice(0, 3).map(lineOf).join("; ") || text.slice(-200);
  return `${plant.name}: not told "${told}" but "${instead}"`;
}

async function run(): Promise<Outcome> {
  const tree = new TreeCopy();
  try {
    const own = tree.check();
    // As if the core that is built had been proved: else that alone would be told of every proof.
    const { core } = JSON.parse(tree.read(LINKS)) as { core: string };
    tree.rewrite(LINKS, /"provedCore": "[^"]*"/, `"provedCore": "${core}"`);
    const before = new Set(tree.check().gaps.map(lineOf));
    const missed = [...plants, ...harmless]
      .map((plant) => wrong(tree, before, plant))
      .filter((one) => one !== undefined);
    const gaps = own.gaps.length;
    const figures = { planted: plants.length, harmless: harmless.length, missed, gaps };
    const passed = missed.length === 0 && own.status === 0;
    const summary =
      `${plants.length - missed.length} of ${plants.length} planted changes were told as what they ` +
      `are; the tree itself has ${gaps} gaps`;
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
