// What the page is given: one object, made from the evidence.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Drift, driftOf } from "../bundle/diff.ts";
import type { Evidence } from "../bundle/evidence.ts";
import { stateOf } from "../evidence/trace.ts";
import { root } from "../trace/source.ts";

/** A failed proof, as the prover explains it. */
export interface Counterexample {
  readonly title: string;
  /** What was planted in the core. */
  readonly mistake: string;
  readonly operation: string;
  readonly text: string;
}

export interface CaseData {
  readonly family: string;
  readonly operation: string;
  readonly obligations: number;
  readonly proved: number;
  readonly open: Readonly<Record<string, string>>;
  /** Solvers with their versions, and the properties. */
  readonly solvers: readonly string[];
  readonly properties: readonly string[];
  readonly bound?: number;
  /** What the proof stands on: functions of the binary, declarations of spec/, invariants. */
  readonly wasm: readonly string[];
  readonly spec: readonly string[];
  readonly invariants: readonly string[] | "all";
}

function casesOf({ trace, proofs, bounds }: Evidence): Record<string, CaseData> {
  const found: Record<string, CaseData> = {};
  const own = new Map<string, Evidence["proofs"]["obligations"][number][]>();
  for (const one of proofs.obligations) {
    const name = `${one.family}: ${one.operation}`;
    own.set(name, [...(own.get(name) ?? []), one]);
  }
  const limits = new Map(bounds.operations.map((one) => [one.of, one.instructions]));
  for (const [name, one] of Object.entries(trace.cases)) {
    const { obligations, proved, open, wasm, spec, invariants } = one;
    const [family = "", operation = ""] = name.split(": ");
    const list = own.get(name) ?? [];
    const solvers = list.flatMap(({ opinions }) => opinions.map(([, version]) => version ?? ""));
    const bound = limits.get(name);
    found[name] = {
      family,
      operation,
      obligations,
      proved,
      open,
      solvers: [...new Set(solvers)].sort(),
      properties: list.map(({ property }) => property),
      wasm,
      spec,
      invariants,
      ...(bound === undefined ? {} : { bound }),
    };
  }
  return found;
}

/** The line of core.wat on which each function begins. */
function wasmLines(sources: Evidence["sources"]): Record<string, number> {
  const text = sources.find(([path]) => path === "core.wat")?.[1] ?? "";
  const found: Record<string, number> = {};
  for (const [at, line] of text.split("\n").entries()) {
    const [, name] = /^ *\(func \$(\S+)/.exec(line) ?? [];
    if (name !== undefined) found[name] = at + 1;
  }
  return found;
}

function demonstration(): Counterexample[] {
  const file = join(root, "audit/site/demonstration.json");
  return JSON.parse(readFileSync(file, "utf8")) as Counterexample[];
}

/**
 * The page's data.
 * @param before folder of an earlier bundle, and the one that is being written
 */
export function siteData(evidence: Evidence, before?: { old: string; now: string }) {
  const { trace, tcb, bounds, policy, core, sources, proofs } = evidence;
  const drift: Drift | undefined = before && driftOf(before.old, before.now);
  return {
    core,
    provedCore: trace.provedCore,
    steps: trace.steps,
    items: trace.items.map((item) => ({ ...item, state: stateOf(item) })),
    cases: casesOf(evidence),
    tests: trace.tests,
    moves: trace.moves,
    files: sources.map(([path, text]) => ({ path, lines: text.split("\n").length })),
    tcb,
    bounds: bounds.operations,
    policy,
    advisories: evidence.advisories,
    advisoryClasses: evidence.advisoryClasses,
    wasm: wasmLines(sources),
    drift,
    flows: proofs.flows as readonly string[],
    unspecified: proofs.unspecified,
    counterexamples: demonstration(),
  };
}

export type SiteData = ReturnType<typeof siteData>;
