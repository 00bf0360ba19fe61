// Xen's advisories, number by number: impossible here, tested here, or open. The tests are the
// advisory regressions of the fuzzing wing, read by their syntax trees.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { type Place, parse, placeOf, root, textOf, walk } from "../trace/source.ts";

/** What is said of an advisory. */
export type AdvisoryVerdict = "impossible" | "regression" | "open" | "elsewhere";

export interface Advisory {
  readonly xsa: number;
  readonly class: string;
  /** Of the fix; empty if unknown. */
  readonly date: string;
  readonly verdict: AdvisoryVerdict;
  readonly reason: string;
  /** The regression's place. */
  readonly test?: Place;
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

/** All advisories. A class of the core without a regression for its number is open. */
export function advisories(): Advisory[] {
  const classes = JSON.parse(
    readFileSync(join(root, "audit/advisory-classes.json"), "utf8"),
  ) as Record<string, ClassVerdict>;
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
      const [kind, reason] = known;
      return { ...base, verdict: kind === "core" ? "open" : kind, reason };
    });
}

/** OpenVEX without a time: the time of a statement is that of the bundle's attestation. */
export function openVex(all: readonly Advisory[], core: string) {
  const statuses = {
    impossible: { status: "not_affected", justification: "vulnerable_code_not_present" },
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
    version: 1,
    statements: all.map(({ xsa, verdict, reason }) => {
      const status = statuses[verdict];
      const text = status.status === "not_affected" ? { impact_statement: reason } : {};
      return { vulnerability: { name: `XSA-${xsa}` }, products: [product], ...status, ...text };
    }),
  };
}
