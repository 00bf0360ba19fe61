/** Decides every promise of a policy: neverallow, typebounds, and the files of assertions. */

import type { Assertion, NeverFlow } from "../assertions/assertion.ts";
import type { BitSet } from "../compiler/bits.ts";
import { NeverAllowChecker, type NeverAllowViolation } from "../compiler/check-neverallow.ts";
import type { Diagnostic } from "../compiler/diagnostic.ts";
import type { NeverAllow } from "../compiler/policy.ts";
import { type AccessRelation, variantOf } from "../compiler/relation.ts";
import { typeBoundsVerdicts } from "./check-bounds.ts";
import { Duties } from "./check-duties.ts";
import { any, Conditions, waysOf } from "./conditions.ts";
import type { DirectionMap } from "./direction-map.ts";
import { FlowGraph } from "./flow-graph.ts";
import { flowQuestion } from "./flow-question.ts";
import { FlowSearch, type FlowVerdict } from "./flow-search.ts";
import { EdgeList } from "./problem.ts";
import { PromiseSets } from "./promise-sets.ts";
import { Provenance, statementText } from "./provenance.ts";
import type { Verdict, Violation } from "./verdict.ts";
import { verifyCertificate } from "./verify.ts";
import { Witnesses } from "./witness.ts";

/** Violations of one neverallow that are told in full. */
const SHOWN_VIOLATIONS = 5;

/** Violations of one neverallow that are counted. */
const COUNTED_VIOLATIONS = 10_000;

export interface CheckResult {
  readonly verdicts: readonly Verdict[];
  /** Names that the assertions misspell, and other problems with them. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A certificate that the separate checker refuses: the analysis itself is wrong. */
export class CertificateError extends Error {}

/** An assertion with the text of its file. */
export interface WrittenAssertion {
  readonly assertion: Assertion;
  /** The statement in one line. */
  readonly text: string;
}

/** Decides the neverallow rules and bounds of a policy, and the assertions given. */
export function checkPolicy(
  relation: AccessRelation,
  assertions: readonly WrittenAssertion[],
  map?: DirectionMap,
): CheckResult {
  const checker = new PolicyChecker(relation, map);
  return checker.check(assertions);
}

export class PolicyChecker {
  readonly #relation: AccessRelation;
  readonly #map: DirectionMap | undefined;
  readonly #conditions: Conditions;
  readonly #provenance: Provenance;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #sets: PromiseSets;
  #neverAllows: NeverAllowChecker | undefined;
  #flows: FlowChecker | undefined;

  constructor(relation: AccessRelation, map?: DirectionMap) {
    this.#relation = relation;
    this.#map = map;
    this.#conditions = new Conditions(relation.policy);
    this.#provenance = new Provenance(relation);
    this.#sets = new PromiseSets(relation.policy, (found) => this.#diagnostics.push(found));
  }

  /** Decides everything. */
  check(assertions: readonly WrittenAssertion[]): CheckResult {
    const { policy } = this.#relation;
    const verdicts: Verdict[] = policy.neverAllows.map((rule) => this.#ofPolicy(rule));
    verdicts.push(...typeBoundsVerdicts(this.#relation, this.#provenance, this.#conditions));
    for (const { assertion, text } of assertions) verdicts.push(this.#assertion(assertion, text));
    return { verdicts, diagnostics: this.#diagnostics };
  }

  #ofPolicy(rule: NeverAllow): Verdict {
    const { tree } = this.#relation.policy;
    const text = tree === undefined ? "" : statementText(tree, rule.node);
    return this.#neverAllow(rule, { text, goal: "", span: tree?.span(rule.node) });
  }

  #assertion(assertion: Assertion, text: string): Verdict {
    const { goal, span } = assertion;
    const written = { text, goal, span };
    if (assertion.kind === "neverflow") return this.#neverFlow(assertion, written);
    const sources = this.#sets.types(assertion.sources).types;
    if (assertion.kind === "neverboth") {
      const first = this.#sets.access(assertion.first);
      const second = this.#sets.access(assertion.second);
      return new Duties(this.#flowChecker().graph, this.#provenance).verdict(
        sources,
        first,
        second,
        written,
      );
    }
    const { targets, grants } = this.#sets.access(assertion);
    const { types, self, notSelf } = targets;
    const node = { start: 0, end: 0 };
    return this.#neverAllow({ sources, targets: types, self, notSelf, grants, node }, written);
  }

  #neverAllow(rule: NeverAllow, written: Pick<Verdict, "text" | "goal" | "span">): Verdict {
    this.#neverAllows ??= new NeverAllowChecker(this.#relation);
    const found = this.#neverAllows.violations(rule, COUNTED_VIOLATIONS);
    const isEmpty = rule.sources.size === 0 || (rule.targets.size === 0 && !rule.self);
    return {
      kind: "neverallow",
      ...written,
      holds: found.length === 0,
      violations: found.slice(0, SHOWN_VIOLATIONS).map((each) => this.#violation(each)),
      violationCount: found.length,
      certificate: undefined,
      vacuous: isEmpty || rule.grants.length === 0 ? "one of its sets is empty" : undefined,
    };
  }

  #violation({ source, target, class: index, permissions }: NeverAllowViolation): Violation {
    const { types, classes } = this.#relation.policy;
    const names = classes[index].permissions.filter((_, bit) => ((permissions >>> bit) & 1) === 1);
    const rules = this.#provenance.rules(source, target, index, permissions);
    const grant = {
      source: types[source].name,
      target: types[target].name,
      class: classes[index].name,
      permissions: names,
      rules,
    };
    return {
      summary: `${grant.source} may ${grant.class} { ${names.join(" ")} } on ${grant.target}`,
      booleans: this.#settingOf(rules.map(({ rule }) => rule)),
      steps: [],
      grants: [grant],
    };
  }

  /** The setting under which one of some rules is in force; empty if one always is. */
  #settingOf(rules: readonly number[]): string {
    const { grantRules } = this.#relation.policy;
    const ways = any(rules.map((rule) => waysOf(variantOf(grantRules[rule].condition))));
    const setting = this.#conditions.satisfy(ways, this.#conditions.open);
    return setting === undefined ? "" : this.#conditions.settingText(ways, setting);
  }

  #neverFlow(assertion: NeverFlow, written: Pick<Verdict, "text" | "goal" | "span">): Verdict {
    const from = this.#sets.types(assertion.from).types;
    const to = this.#sets.types(assertion.to).types;
    const through =
      assertion.through === undefined ? undefined : this.#sets.types(assertion.through).types;
    return { ...written, ...this.#flowChecker().verdict(from, to, through) };
  }

  #flowChecker(): FlowChecker {
    this.#flows ??= new FlowChecker(new FlowGraph(this.#relation, this.#map));
    return this.#flows;
  }
}

/** Decides questions about flow, and has every certificate checked. */
class FlowChecker {
  readonly graph: FlowGraph;
  readonly #search: FlowSearch;
  readonly #edges: EdgeList;
  readonly #witnesses: Witnesses;

  constructor(graph: FlowGraph) {
    this.graph = graph;
    this.#search = new FlowSearch(graph);
    this.#edges = new EdgeList(graph);
    this.#witnesses = new Witnesses(graph);
  }

  verdict(
    from: BitSet,
    to: BitSet,
    through: BitSet | undefined,
  ): Omit<Verdict, "text" | "goal" | "span"> {
    const { question, vacuous } = flowQuestion(this.graph, from, to, through);
    const found = this.#search.decide(question);
    const holds = found.kind !== "path";
    const certificate = holds ? found : this.#pathCertificate(found);
    const concerned = certificate.kind === "path" ? certificate.nodes : closedNodes(certificate);
    const problem = this.#edges.partialProblem(question, concerned);
    const objection = verifyCertificate(problem, certificate);
    if (objection !== undefined) throw new CertificateError(objection);
    return {
      kind: "neverflow",
      holds,
      violations: found.kind === "path" ? [this.#violation(found)] : [],
      violationCount: holds ? 0 : 1,
      certificate,
      vacuous,
    };
  }

  #pathCertificate({ nodes, assignment }: Extract<FlowVerdict, { kind: "path" }>) {
    const declared = this.#search.conditions.declared;
    const booleans = declared.map((value, index) => assignment[index] ?? value);
    return { kind: "path" as const, nodes, booleans };
  }

  #violation({ nodes, steps, assignment }: Extract<FlowVerdict, { kind: "path" }>): Violation {
    const { conditions } = this.#search;
    const count = nodes.length - 1;
    const path = nodes.map((node) => this.graph.text(node)).join(" -> ");
    const needed = steps.filter((ways) => ways.every((way) => way.length > 0)).flat();
    return {
      summary: `${path} (${count} step${count === 1 ? "" : "s"})`,
      booleans: conditions.settingText(needed, assignment),
      steps: this.#witnesses.steps(nodes, assignment),
      grants: [],
    };
  }
}

/** All nodes of a certificate's closed sets. */
function closedNodes(certificate: Exclude<FlowVerdict, { kind: "path" }>): number[] {
  if (certificate.kind === "closed") return [...certificate.nodes];
  return [...closedNodes(certificate.whenTrue), ...closedNodes(certificate.whenFalse)];
}
