// Finds all links anew: by running, by proving symbolically, by reading. What comes out is stored.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CaseGround, caseHashes, groundsOfCases } from "./cases.ts";
import { type CodeFunction, codeFunctions, functionAt } from "./code.ts";
import { coExecute, type Tie } from "./execution.ts";
import { type Item, items } from "./items.ts";
import type { CaseLinks, CodeLink, ItemLinks, Links, TestLinks } from "./links.ts";
import { type AuditPolicy, readPolicy, shownBy } from "./policy.ts";
import { checkersOf } from "./rules.ts";
import { root, sha256 } from "./source.ts";
import { SpecCode } from "./spec-code.ts";
import { runTests, type TestReach, testFiles } from "./tests.ts";
import { caseVerdicts, keepersOf, type ProofRun } from "./verdicts.ts";
import { wasmHashes } from "./wasm-code.ts";

/** Programs that are run to tie clauses to code. */
const PROGRAMS = 1500;
/** Tests of one item; more of them tell a reader nothing. */
const TESTS_MAX = 12;
const SUBSET_TEST = "test/tcb/subset/examples.test.ts";

export interface Derived {
  readonly links: Links;
  /** Steps of the core that were compared with the specification. */
  readonly steps: number;
}

/** Lines of ties by function, strongest function first. */
function byFunction(functions: readonly CodeFunction[], ties: readonly Tie[]): CodeLink[] {
  const found = new Map<CodeFunction, { lines: Set<number>; score: number }>();
  for (const { file, line, score } of ties) {
    const one = functionAt(functions, file, line);
    if (one === undefined) continue;
    const own = found.get(one) ?? { lines: new Set<number>(), score };
    own.lines.add(line - one.place.line);
    found.set(one, own);
  }
  return [...found].map(([one, { lines, score }]) => ({
    function: one.id,
    lines: [...lines].sort((a, b) => a - b),
    by: "execution",
    score,
  }));
}

/** The function of the same name, in the family's own file if there is one. */
function byName(functions: readonly CodeFunction[], item: Item): CodeLink[] {
  const same = functions.filter(
    ({ id, place }) => place.file.startsWith("tcb/core/") && id.endsWith(`#${item.section}`),
  );
  const own = same.filter(({ place }) => place.file === `tcb/core/${item.family}.ts`);
  const [one] = own.length > 0 ? own : same;
  return one === undefined ? [] : [{ function: one.id, lines: [0], by: "name", score: 0 }];
}

/** The function that carries out most of the rest of the same steps. */
function bySection(found: Findings, all: readonly Item[], item: Item): CodeLink[] {
  const same = all.filter(({ family, section }) => {
    return family === item.family && section === item.section;
  });
  const links = same.flatMap(({ id }) => byFunction(found.functions, found.ties.get(id) ?? []));
  const [best] = [...links].sort((one, two) => two.score - one.score);
  return best === undefined ? [] : [{ ...best, lines: [0], by: "section", score: 0 }];
}

interface Findings {
  readonly functions: readonly CodeFunction[];
  readonly checkers: ReadonlyMap<number, readonly CodeFunction[]>;
  readonly ties: ReadonlyMap<string, readonly Tie[]>;
  readonly reached: ReadonlyMap<string, number>;
  readonly casesOfClause: ReadonlyMap<string, readonly string[]>;
  readonly keepers: ReadonlyMap<string, readonly string[]>;
  readonly testsOfClause: ReadonlyMap<string, readonly string[]>;
  readonly policy: AuditPolicy;
  readonly run: ProofRun | undefined;
}

function clauseLinks(found: Findings, all: readonly Item[], item: Item): Omit<ItemLinks, "hash"> {
  const ways = [
    byFunction(found.functions, found.ties.get(item.id) ?? []),
    byName(found.functions, item),
    bySection(found, all, item),
  ];
  return {
    code: ways.find((links) => links.length > 0) ?? [],
    proof: found.casesOfClause.get(item.id) ?? [],
    tests: found.testsOfClause.get(item.id) ?? [],
    steps: found.reached.get(item.id) ?? 0,
  };
}

/** The cases that show what the policy names the properties of. */
function shownCases({ policy, run }: Pick<Findings, "policy" | "run">, item: Item): string[] {
  const shows = shownBy(policy, item.id);
  if (shows === undefined) return [];
  const own = (run?.obligations ?? []).filter(({ property }) => shows.test(property));
  return [...new Set(own.map(({ family, operation }) => `${family}: ${operation}`))].sort();
}

function promiseLinks(found: Findings, item: Item): Omit<ItemLinks, "hash"> {
  const tests = found.policy.promises[item.id]?.test ?? [];
  return { code: [], proof: shownCases(found, item), tests: tests.map((file) => `${file}#0`) };
}

function ruleLinks(found: Findings, item: Item): Omit<ItemLinks, "hash"> {
  const number = Number(item.id.slice("SUBSET-".length));
  const name = item.section.replace(/^\w+: /, "");
  const folder = `tcb/subset/examples/${String(number).padStart(2, "0")}-${name}`;
  const code = (found.checkers.get(number) ?? []).map(
    ({ id }): CodeLink => ({ function: id, lines: [0], by: "rule", score: 1 }),
  );
  const tests = existsSync(join(root, folder)) ? [`${SUBSET_TEST}#0`] : [];
  return { code, proof: [], tests };
}

function linksOf(found: Findings, all: readonly Item[], item: Item): ItemLinks {
  const { hash, id } = item;
  switch (item.kind) {
    case "clause":
      return { hash, ...clauseLinks(found, all, item) };
    case "invariant": {
      const proof = found.keepers.get(id) ?? shownCases(found, item);
      return { hash, code: [], proof, tests: found.testsOfClause.get(id) ?? [] };
    }
    case "promise":
      return { hash, ...promiseLinks(found, item) };
    case "rule":
      return { hash, ...ruleLinks(found, item) };
    case "assumption":
      return { hash, code: [], proof: [], tests: [] };
  }
}

/** Turns "what each has" into "who has each". */
function inverse(lists: Iterable<readonly [string, readonly string[]]>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, ids] of lists) {
    for (const id of ids) found.set(id, [...(found.get(id) ?? []), name]);
  }
  return found;
}

/** The tests of each clause: of as many files as possible, then more of them. */
function testsOfClauses(reach: readonly TestReach[], names: Record<string, string[]>) {
  const all = inverse(
    reach
      .filter(({ passed }) => passed)
      .map(({ file, name, clauses }) => [`${file}#${names[file]!.indexOf(name)}`, clauses]),
  );
  const fileOf = (test: string): string => test.replace(/#.*$/, "");
  return new Map(
    [...all].map(([id, tests]) => {
      const first = tests.filter(
        (one, at) => tests.findIndex((other) => fileOf(other) === fileOf(one)) === at,
      );
      const rest = tests.filter((one) => !first.includes(one));
      return [id, [...first, ...rest].slice(0, TESTS_MAX).sort()];
    }),
  );
}

/**
 * Finds all links.
 * @param run what the prover found; without it no proof is linked to a verdict
 */
export function derive(run: ProofRun | undefined, reach = runTests()): Derived {
  const core = new Uint8Array(readFileSync(join(root, "build/core.wasm")));
  const map = readFileSync(join(root, "build/core.wasm.map"), "utf8");
  const functions = codeFunctions();
  const executed = coExecute(core, map, PROGRAMS);
  const grounds = groundsOfCases(core);
  const names: Record<string, string[]> = {};
  for (const { file, name } of reach) names[file] = [...(names[file] ?? []), name];
  const found: Findings = {
    functions,
    checkers: checkersOf(functions),
    ties: executed.ties,
    reached: executed.reached,
    casesOfClause: inverse([...grounds].map(([name, { clauses }]) => [name, clauses] as const)),
    keepers: run === undefined ? new Map() : keepersOf(run),
    testsOfClause: testsOfClauses(reach, names),
    policy: readPolicy(),
    run,
  };
  const all = items();
  const linked = all.map((item) => [item.id, linksOf(found, all, item)] as const);
  const moves = Object.fromEntries(executed.moves.map(({ name, clauses }) => [name, clauses]));
  const links: Links = {
    version: 1,
    core: sha256(core),
    steps: executed.steps,
    moves,
    items: Object.fromEntries(linked),
    functions: functionsOf(found, linked),
    tests: testsOf(names, linked),
    ...proofLinks(run, core, grounds),
  };
  return { links, steps: executed.steps };
}

/** The links with the verdicts of another run: what is linked to what stays. */
export function withVerdicts(links: Links, run: ProofRun): Links {
  const keepers = keepersOf(run);
  const found = { policy: readPolicy(), run };
  const core = new Uint8Array(readFileSync(join(root, "build/core.wasm")));
  const grounds = groundsOfCases(core);
  const ofClause = inverse([...grounds].map(([name, { clauses }]) => [name, clauses] as const));
  const proofOf = (item: Item): readonly string[] => {
    if (item.kind === "clause") return ofClause.get(item.id) ?? [];
    const shown = shownCases(found, item);
    return item.kind === "invariant" ? (keepers.get(item.id) ?? shown) : shown;
  };
  const entries = items().flatMap((item) => {
    const own = links.items[item.id];
    return own === undefined ? [] : [[item.id, { ...own, proof: proofOf(item) }] as const];
  });
  const linked = { ...links.items, ...Object.fromEntries(entries) };
  return { ...links, items: linked, ...proofLinks(run, core, grounds) };
}

/** What is stored of the proofs. Verdicts on another build say nothing of this one's functions. */
function proofLinks(
  run: ProofRun | undefined,
  core: Uint8Array,
  grounds: ReadonlyMap<string, CaseGround>,
): Pick<Links, "provedCore" | "cases" | "wasm" | "spec"> {
  const verdicts = run === undefined ? new Map() : caseVerdicts(run);
  const none = { obligations: 0, proved: 0, digest: "", open: {} };
  const cases = [...caseHashes()].map(([name, hash]): [string, CaseLinks] => {
    const { spec, invariants, wasm } = grounds.get(name)!;
    const verdict = verdicts.get(name) ?? none;
    return [name, { hash, ...verdict, spec, invariants, wasm }];
  });
  const isProved = run?.core_sha256 === sha256(core);
  const among = (hashes: ReadonlyMap<string, string>, names: readonly string[]) =>
    Object.fromEntries([...new Set(names)].map((name) => [name, hashes.get(name) ?? ""]));
  const wasm = cases.flatMap(([, one]) => one.wasm);
  const spec = cases.flatMap(([, one]) => one.spec);
  return {
    provedCore: run?.core_sha256 ?? "",
    cases: Object.fromEntries(cases),
    wasm: isProved ? among(wasmHashes(core), wasm) : {},
    spec: among(new SpecCode().hashes(), spec),
  };
}

type Linked = readonly (readonly [id: string, links: ItemLinks])[];

/** Hashes of the functions that items are linked to. */
function functionsOf({ functions }: Findings, linked: Linked): Links["functions"] {
  const used = new Set(linked.flatMap(([, { code }]) => code.map((one) => one.function)));
  const own = functions.filter(({ id }) => used.has(id));
  return Object.fromEntries(own.map(({ id, hash }) => [id, hash]));
}

/** Names of the tests by file, and hashes of those that items are linked to. */
function testsOf(names: Readonly<Record<string, string[]>>, linked: Linked): Links["tests"] {
  const files = testFiles();
  const used = [...new Set(linked.flatMap(([, { tests }]) => tests))].sort();
  const found: Record<string, TestLinks & { hashes: Record<string, string> }> = {};
  for (const test of used) {
    const [file = "", number = "0"] = test.split("#");
    found[file] ??= { names: names[file] ?? [], hashes: {} };
    found[file].hashes[number] = files.get(file)?.hash(names[file]?.[Number(number)] ?? "") ?? "";
  }
  return found;
}
