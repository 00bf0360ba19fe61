/** Writes the assertions about a policy as questions in SMT-LIB. */

import type { AssertedAccess, Assertion } from "../assertions/assertion.ts";
import type { BitSet } from "../compiler/bits.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import type { WrittenAssertion } from "./check.ts";
import { type Ways, waysOf } from "./conditions.ts";
import type { DirectionMap } from "./direction-map.ts";
import { FlowGraph } from "./flow-graph.ts";
import { flowQuestion } from "./flow-question.ts";
import { EdgeList } from "./problem.ts";
import { PromiseSets } from "./promise-sets.ts";
import { booleanLines, conjunction, disjunction, flowQuestionText, waysText } from "./smt.ts";

/** Bits of a type's number: the policy database has 16 for it. */
const TYPE_BITS = 16;

/** One question for each assertion; comments on top say which, and what the answers mean. */
export function smtOfAssertions(
  relation: AccessRelation,
  assertions: readonly WrittenAssertion[],
  map: DirectionMap,
): string[] {
  const writer = new QuestionWriter(relation, map);
  return assertions.map(({ assertion, text }) => {
    const answers = answersOf(assertion);
    const head = `; ${text}\n; ${answers.holds}: it holds; ${answers.broken}: it is broken\n`;
    return `${head}${writer.question(assertion)}(check-sat)\n`;
  });
}

/** A flow is asked for as a proof that there is none; other promises as a search for a breach. */
export function answersOf({ kind }: Assertion): { holds: string; broken: string } {
  return kind === "neverflow"
    ? { holds: "sat", broken: "unsat" }
    : { holds: "unsat", broken: "sat" };
}

export class QuestionWriter {
  readonly #relation: AccessRelation;
  readonly #graph: FlowGraph;
  readonly #edges: EdgeList;
  readonly #sets: PromiseSets;

  constructor(relation: AccessRelation, map?: DirectionMap) {
    this.#relation = relation;
    this.#graph = new FlowGraph(relation, map);
    this.#edges = new EdgeList(this.#graph);
    this.#sets = new PromiseSets(relation.policy, () => undefined);
  }

  /** Declarations and assertions of one question. */
  question(assertion: Assertion): string {
    if (assertion.kind === "neverflow") {
      const from = this.#sets.types(assertion.from).types;
      const to = this.#sets.types(assertion.to).types;
      const through = assertion.through && this.#sets.types(assertion.through).types;
      const { question } = flowQuestion(this.#graph, from, to, through);
      return flowQuestionText(this.#edges.problem(question));
    }
    const lines = booleanLines(this.#relation.policy.booleans.map(({ name }) => name));
    const sources = this.#sets.types(assertion.sources).types;
    lines.push(...this.#labels(["source"]), `(assert ${memberOf("source", sources)})`);
    if (assertion.kind === "neverallow") {
      lines.push(...this.#labels(["target"]));
      lines.push(`(assert ${this.#access("source", "target", assertion)})`);
      return `${lines.join("\n")}\n`;
    }
    const names = ["first", "second", "target1", "target2"];
    lines.push(...this.#labels(names));
    for (const label of ["first", "second"]) {
      lines.push(`(assert ${this.#canBecome("source", label)})`);
    }
    lines.push(`(assert ${this.#access("first", "target1", assertion.first)})`);
    lines.push(`(assert ${this.#access("second", "target2", assertion.second)})`);
    return `${lines.join("\n")}\n`;
  }

  #waysText(ways: Ways): string {
    const conditions = this.#relation.policy.conditionals.map(({ expression }) => expression);
    return waysText(ways, { conditions });
  }

  #labels(names: readonly string[]): string[] {
    return names.map((name) => `(declare-const ${name} (_ BitVec ${TYPE_BITS}))`);
  }

  /** That a source may do some of what an access names to a target. */
  #access(source: string, target: string, access: AssertedAccess): string {
    const { targets, grants } = this.#sets.access(access);
    const { relation } = this.#graph.grants;
    const { table } = relation;
    const masks = new Map(grants.map(({ class: index, permissions }) => [index, permissions]));
    const cases: string[] = [];
    for (let entry = 0; entry < table.count; entry++) {
      if ((table.values[entry] & (masks.get(table.class(entry)) ?? 0)) === 0) continue;
      const members = [
        memberOfTypes(source, relation.typesOf(table.source(entry))),
        memberOfTypes(target, relation.typesOf(table.target(entry))),
        this.#waysText(waysOf(table.variant(entry))),
      ];
      cases.push(conjunction(members));
    }
    const same = `(= ${source} ${target})`;
    let meant = memberOf(target, targets.types);
    if (targets.notSelf) meant = `(and ${meant} (not ${same}))`;
    if (targets.self) meant = `(or ${meant} ${same})`;
    return conjunction([meant, disjunction(cases)]);
  }

  /** That a domain of one label can come to have another: in no more changes than there are types.
   *  */
  #canBecome(from: string, to: string): string {
    const changes = this.#relabellings();
    let reached = `(= ${from} ${to})`;
    const labels = new Set(changes.flatMap((change) => [change.from, change.to]));
    for (const start of labels) {
      for (const { end, needed } of closure(start, changes)) {
        reached = disjunction([
          reached,
          conjunction([`(= ${from} ${typeText(start)})`, `(= ${to} ${typeText(end)})`, needed]),
        ]);
      }
    }
    return reached;
  }

  #relabellings(): Change[] {
    const changes: Change[] = [];
    const { grants, policy } = this.#graph;
    const transition = grants.mask("domain", "transition");
    for (let from = 0; from < policy.types.length; from++) {
      for (const to of grants.targetsOf(from, grants.class("domain"), transition)) {
        const reasons = this.#graph
          .nodesOf(from)
          .flatMap((node) =>
            this.#graph.nodesOf(to).flatMap((end) => this.#graph.reasons(node, end)),
          )
          .filter(({ kind }) => kind === "relabel");
        if (reasons.length === 0) continue;
        changes.push({
          from,
          to,
          needed: disjunction(reasons.map(({ ways }) => this.#waysText(ways))),
        });
      }
    }
    return changes;
  }
}

interface Change {
  readonly from: number;
  readonly to: number;
  readonly needed: string;
}

/** Every way from a label to others that passes no label twice. */
function closure(start: number, changes: readonly Change[]): { end: number; needed: string }[] {
  const found: { end: number; needed: string }[] = [];
  const walk = (at: number, seen: readonly number[], needed: readonly string[]): void => {
    for (const change of changes) {
      if (change.from !== at || seen.includes(change.to)) continue;
      const all = [...needed, change.needed];
      found.push({ end: change.to, needed: conjunction(all) });
      walk(change.to, [...seen, change.to], all);
    }
  };
  walk(start, [start], []);
  return found;
}

function typeText(type: number): string {
  return `(_ bv${type} ${TYPE_BITS})`;
}

function memberOf(name: string, set: BitSet): string {
  return memberOfTypes(name, set.toArray());
}

function memberOfTypes(name: string, types: readonly number[]): string {
  return disjunction(types.map((type) => `(= ${name} ${typeText(type)})`));
}
