// Xen's advisories, number by number: impossible here, proved, tested, or open. The tests are the
// advisory regressions of the fuzzing wing, read by their syntax trees; what no test plays is
// judged in audit/advisory-verdicts.json, else by its class.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { type Place, parse, placeOf, root, textOf, walk } from "../trace/source.ts";

/** What is said of an advisory. */
export type AdvisoryVerdict = "impossible" | "proved" | "regression" | "open" | "elsewhere";

export interface Advisory {
  readonly xsa: number;
  readonly class: string;
  /** Of the fix; empty if unknown. */
  readonly date: string;
  readonly verdict: AdvisoryVerdict;
  readonly reason: string;
  /** The regression's place. */
  readonly test?: Place;
  /** Ids of the items whose proofs show it. */
  readonly clauses?: readonly string[];
}

/** A class of advisories as a whole. */
export interface AdvisoryClass {
  readonly name: string;
  /** That of its members if they have one in common; "mixed" else. */
  readonly verdict: AdvisoryVerdict | "mixed";
  readonly reason: string;
  /** How many of its members have each verdict. */
  readonly members: Readonly<Partial<Record<AdvisoryVerdict, number>>>;
}

interface Regression {
  readonly says: string;
  readonly place: Place;
}

const REGRESSIONS = "test/fuzz/advisories";

/** The regressions by advisory number. */
function regressions(): Map<number, Regression> {
  const found = new Map<number, Regression>();
  const files = readdirSync(join(root, REGRESSIONS)).filter((name) => name.endsWith(".ts"));
  for (const name of files.sort()) {
    const source = parse(`${REGRESSIONS}/${name}`);
    walk(source, (node) => {
      if (!ts.isObjectLiteralExpression(node)) return;
      const value = (key: string): string | undefined => {
        const one = node.properties.find((property) => property.name?.getText() === key);
        return one !== undefined && ts.isPropertyAssignment(one)
          ? textOf(one.initializer)
          : undefined;
      };
      const [xsa, says] = [value("xsa"), value("says")];
      if (xsa === undefined || says === undefined) return;
      const place = placeOf(source, node.getStart());
      for (const number of xsa.split(",")) found.set(Number(number), { says, place });
    });
  }
  return found;
}

type ClassVerdict = readonly ["impossible" | "elsewhere" | "core" | "open", string];

/** A judgement of some numbers, as it stands in advisory-verdicts.json. */
interface Judgement {
  readonly xsa: readonly number[];
  readonly verdict: AdvisoryVerdict;
  readonly reason: string;
  readonly clauses?: readonly string[];
  /** A test's file. */
  readonly test?: string;
}

const JUDGEMENTS = "audit/advisory-verdicts.json";
const CLASSES = "audit/advisory-classes.json";

const readJson = <T>(file: string): T => JSON.parse(readFileSync(join(root, file), "utf8")) as T;

/** What is said of a number beside its class; throws if it names what is not there. */
function judged(one: Judgement, proved: ProofState): Omit<Advisory, "xsa" | "class" | "date"> {
  const { verdict, reason, clauses, test } = one;
  if (test !== undefined && !existsSync(join(root, test))) {
    throw new Error(`${JUDGEMENTS}: ${test} is not there`);
  }
  const place = test === undefined ? {} : { test: { file: test, line: 1, column: 1 } };
  if (clauses === undefined) return { verdict, reason, ...place };
  const states = clauses.map((id) => {
    const state = proved(id);
    if (state === undefined) throw new Error(`${JUDGEMENTS}: there is no item ${id}`);
    return state;
  });
  // A proof that does not stand is none.
  return { verdict: states.every(Boolean) ? verdict : "open", reason, clauses };
}

/** Whether an item is proved; undefined: there is no such item. */
type ProofState = (id: string) => boolean | undefined;

/** All advisories. A class of the core without a regression for its number is open. */
export function advisories(proved: ProofState): Advisory[] {
  const classes = readJson<Record<string, ClassVerdict>>(CLASSES);
  const judgements = readJson<Judgement[]>(JUDGEMENTS);
  const tests = regressions();
  const lines = readFileSync(join(root, "audit/advisories.tsv"), "utf8").trim().split("\n");
  return lines
    .filter((line) => !line.startsWith("#"))
    .map((line) => {
      const [number = "", name = "", date = ""] = line.split("\t");
      const xsa = Number(number);
      const known = classes[name];
      if (known === undefined) throw new Error(`audit/advisories.tsv: no class is named ${name}`);
      const base = { xsa, class: name, date };
      const test = tests.get(xsa);
      if (test !== undefined) {
        return { ...base, verdict: "regression", reason: test.says, test: test.place };
      }
      const own = judgements.find((one) => one.xsa.includes(xsa));
      if (own !== undefined) return { ...base, ...judged(own, proved) };
      const [kind, reason] = known;
      return { ...base, verdict: kind === "core" ? "open" : kind, reason };
    });
}

/** The classes of all advisories, with what their members come to. */
export function advisoryClasses(all: readonly Advisory[]): AdvisoryClass[] {
  const classes = readJson<Record<string, ClassVerdict>>(CLASSES);
  return Object.entries(classes).map(([name, [, reason]]) => {
    const members: Partial<Record<AdvisoryVerdict, number>> = {};
    for (const one of all.filter((advisory) => advisory.class === name)) {
      members[one.verdict] = (members[one.verdict] ?? 0) + 1;
    }
    const kinds = Object.keys(members) as AdvisoryVerdict[];
    return { name, verdict: kinds.length === 1 ? kinds[0]! : "mixed", reason, members };
  });
}

/** OpenVEX. Its time is the day of the last advisory that is judged: evidence has no clock. */
export function openVex(all: readonly Advisory[], core: string) {
  const statuses = {
    impossible: { status: "not_affected", justification: "vulnerable_code_not_present" },
    proved: {
      status: "not_affected",
      justification: "vulnerable_code_cannot_be_controlled_by_adversary",
    },
    elsewhere: { status: "not_affected", justification: "component_not_present" },
    regression: {
      status: "not_affected",
      justification: "vulnerable_code_cannot_be_controlled_by_adversary",
    },
    open: { status: "under_investigation" },
  } as const;
  const product = { "@id": `pkg:generic/xenolith-core?checksum=sha256:${core}` };
  return {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": `urn:xenolith:vex:${core}`,
    author: "Xenolith audit",
    timestamp: `${all.map(({ date }) => date).reduce((a, b) => (a > b ? a : b), "")}T00:00:00Z`,
    version: 1,
    statements: all.map(({ xsa, verdict, reason }) => {
      const status = statuses[verdict];
      const text = status.status === "not_affected" ? { impact_statement: reason } : {};
      return { vulnerability: { name: `XSA-${xsa}` }, products: [product], ...status, ...text };
    }),
  };
}
