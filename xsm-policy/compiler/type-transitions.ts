/** Type rules, expanded to pairs of types: what a new object is labelled. */

import type { Related } from "./diagnostic.ts";
import { EntryTable } from "./entry-table.ts";
import type { Policy, TypeRuleEntry } from "./policy.ts";
import { conditionOf, variantOf } from "./relation.ts";
import { evaluateCondition } from "./resolve-condition.ts";
import type { DiagnosticSink } from "./sink.ts";

export type TypeRuleKind = TypeRuleEntry["kind"];

/** All type rules of one kind. */
export class TypeRuleTable {
  /** Variant: the condition; value: the resulting type. */
  readonly table = new EntryTable();
  readonly kind: TypeRuleKind;
  readonly #policy: Policy;
  readonly #owners: TypeRuleEntry[] = [];
  /** For each (source, target, class), the entry of any condition that came first. */
  readonly #first = new EntryTable();
  #conditional = false;

  /** Expands the rules; a conflict goes to the sink, if there is one. */
  constructor(policy: Policy, kind: TypeRuleKind, sink?: DiagnosticSink) {
    this.#policy = policy;
    this.kind = kind;
    // As in libsepol, unconditional rules come first whatever the order of the text.
    const rules = policy.typeRules.filter((rule) => rule.kind === kind);
    for (const rule of rules) if (rule.condition === undefined) this.#add(rule, sink);
    for (const rule of rules) if (rule.condition !== undefined) this.#add(rule, sink);
  }

  #add(rule: TypeRuleEntry, sink: DiagnosticSink | undefined): void {
    this.#conditional ||= rule.condition !== undefined;
    for (const source of rule.sources.keys) {
      for (const classIndex of rule.classes) {
        if (rule.self && !this.#enter(rule, source, source, classIndex, sink)) return;
        for (const target of rule.targets.keys) {
          if (!this.#enter(rule, source, target, classIndex, sink)) return;
        }
      }
    }
  }

  /** Enters one pair; false after a conflict, of which one for each rule is enough. */
  #enter(
    rule: TypeRuleEntry,
    source: number,
    target: number,
    classIndex: number,
    sink: DiagnosticSink | undefined,
  ): boolean {
    const { table } = this;
    const before = table.count;
    const entry = table.enter(source, target, classIndex, variantOf(rule.condition));
    const firstsBefore = this.#first.count;
    const first = this.#first.enter(source, target, classIndex, 0);
    if (table.count === before) {
      if (table.values[entry] === rule.result) return true;
      this.#report(rule, entry, entry, sink);
      return false;
    }
    table.values[entry] = rule.result;
    this.#owners.push(rule);
    if (this.#first.count > firstsBefore) {
      this.#first.values[first] = entry;
      return true;
    }
    const other = this.#first.values[first];
    if (this.#sameConditional(other, entry)) return true;
    this.#report(rule, entry, other, sink);
    return false;
  }

  /** The two branches of one condition may differ; two conditions may not meet at all. */
  #sameConditional(one: number, other: number): boolean {
    const first = conditionOf(this.table.variant(one));
    const second = conditionOf(this.table.variant(other));
    return first !== undefined && second !== undefined && first.index === second.index;
  }

  #report(
    rule: TypeRuleEntry,
    entry: number,
    other: number,
    sink: DiagnosticSink | undefined,
  ): void {
    const { types, classes, tree } = this.#policy;
    const owner = this.#owners[other];
    const place = `${types[this.table.source(entry)].name} ${types[this.table.target(entry)].name}`;
    const result = types[this.table.values[other]].name;
    const related: Related[] = [];
    if (tree !== undefined && owner?.node !== undefined) {
      related.push({ message: `the other rule, to ${result}`, span: tree.span(owner.node) });
    }
    sink?.error({
      code: "conflict",
      message: `two ${rule.kind} rules for ${place}:${classes[this.table.class(entry)].name}`,
      ...(tree !== undefined && rule.node !== undefined ? { span: tree.span(rule.node) } : {}),
      related,
      hint: "only one type can result; the branches of one if block may differ",
    });
  }

  /** The type that a rule gives, or -1 where none applies. */
  result(source: number, target: number, classIndex: number, booleans: readonly boolean[]): number {
    const plain = this.table.find(source, target, classIndex, 0);
    if (plain !== -1) return this.table.values[plain];
    if (!this.#conditional) return -1;
    for (const [index, { expression }] of this.#policy.conditionals.entries()) {
      const branch = evaluateCondition(expression, booleans);
      const entry = this.table.find(source, target, classIndex, variantOf({ index, branch }));
      if (entry !== -1) return this.table.values[entry];
    }
    return -1;
  }
}
