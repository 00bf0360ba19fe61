/** Checks neverallow rules against the access relation, whatever the booleans' values. */

import type { BitSet } from "./bits.ts";
import type { Related } from "./diagnostic.ts";
import type { Grant, NeverAllow, Policy } from "./policy.ts";
import type { AccessRelation } from "./relation.ts";
import type { DiagnosticSink } from "./sink.ts";

/** Offending rules that one diagnostic lists; the message says how many there are. */
const LISTED_RULES = 5;

/** One way in which a neverallow is broken. */
export interface NeverAllowViolation {
  readonly neverAllow: NeverAllow;
  readonly source: number;
  readonly target: number;
  readonly class: number;
  readonly permissions: number;
  /** Index into `policy.grantRules` of the rules that give it. */
  readonly rules: readonly number[];
}

/** The entries of one class side by side, so that a neverallow reads only what can concern it. */
interface ClassEntries {
  /** source key * 65536 + target key. */
  readonly pairs: Uint32Array;
  readonly values: Uint32Array;
  /** The entries of each target key, ascending: those of `key` begin at `firstOf[key]`. */
  readonly byTarget: Int32Array;
  readonly firstOf: Int32Array;
}

/** A neverallow whose targets are at most one in this many types looks at their entries alone. */
const FEW_TARGETS = 8;

/** Finds broken neverallows: for each, one violation for each offending entry of the relation. */
export class NeverAllowChecker {
  readonly #relation: AccessRelation;
  readonly #policy: Policy;
  readonly #byClass: ClassEntries[];

  constructor(relation: AccessRelation) {
    this.#relation = relation;
    this.#policy = relation.policy;
    this.#byClass = indexByClass(relation);
  }

  /** All violations of one neverallow, at most `limit`. */
  violations(neverAllow: NeverAllow, limit = Number.POSITIVE_INFINITY): NeverAllowViolation[] {
    const found: NeverAllowViolation[] = [];
    const test = new NeverAllowTest(this.#policy, neverAllow);
    for (const grant of neverAllow.grants) {
      this.#search(grant, test, limit, found);
    }
    return found;
  }

  #search(grant: Grant, test: NeverAllowTest, limit: number, found: NeverAllowViolation[]): void {
    const { values, pairs } = this.#byClass[grant.class];
    for (const entry of this.#candidates(this.#byClass[grant.class], test.neverAllow)) {
      const permissions = values[entry] & grant.permissions;
      if (permissions === 0) continue;
      const pair = pairs[entry];
      const witness = test.witness(pair >>> 16, pair & 0xffff);
      if (witness === undefined) continue;
      if (found.length >= limit) return;
      const { source, target } = witness;
      const rules = this.#relation.rulesFor(source, target, grant.class, permissions);
      const forbidden = permissions >>> 0;
      const where = { source, target, class: grant.class, permissions: forbidden };
      found.push({ neverAllow: test.neverAllow, ...where, rules });
    }
  }

  /** The entries of a class that may break a neverallow, ascending: all, or where its targets are
   *  few, theirs. */
  #candidates(entries: ClassEntries, { targets, self }: NeverAllow): Iterable<number> {
    const { types } = this.#policy;
    if (self || targets.size * FEW_TARGETS > types.length) return entries.values.keys();
    const { firstOf, byTarget } = entries;
    const keys = new Set<number>();
    for (const type of targets.toArray()) {
      keys.add(type);
      for (const attribute of types[type].attributes) keys.add(types.length + attribute);
    }
    const ranges = [...keys].map((key) => byTarget.subarray(firstOf[key], firstOf[key + 1]));
    return Int32Array.from(ranges.flatMap((range) => [...range])).sort();
  }
}

function indexByClass({ table, policy }: AccessRelation): ClassEntries[] {
  const counts = new Int32Array(policy.classes.length);
  for (let entry = 0; entry < table.count; entry++) counts[table.class(entry)]++;
  const index = Array.from(counts, (count) => ({
    pairs: new Uint32Array(count),
    values: new Uint32Array(count),
  }));
  counts.fill(0);
  for (let entry = 0; entry < table.count; entry++) {
    const classIndex = table.class(entry);
    const place = counts[classIndex]++;
    index[classIndex].pairs[place] = table.pairs[entry];
    index[classIndex].values[place] = table.values[entry];
  }
  const keyCount = policy.types.length + policy.attributes.length;
  return index.map((entries) => ({ ...entries, ...indexByTarget(entries.pairs, keyCount) }));
}

function indexByTarget(
  pairs: Uint32Array,
  keyCount: number,
): Pick<ClassEntries, "byTarget" | "firstOf"> {
  const firstOf = new Int32Array(keyCount + 2);
  for (const pair of pairs) firstOf[(pair & 0xffff) + 2]++;
  for (let key = 2; key < firstOf.length; key++) firstOf[key] += firstOf[key - 1];
  const byTarget = new Int32Array(pairs.length);
  for (const [entry, pair] of pairs.entries()) byTarget[firstOf[(pair & 0xffff) + 1]++] = entry;
  return { firstOf, byTarget };
}

/** Whether an entry's pair of keys meets the sets of one neverallow. */
class NeverAllowTest {
  readonly neverAllow: NeverAllow;
  readonly #policy: Policy;
  /** Whether each attribute has a type of the sets in it: 0 not looked at, 1 no, 2 yes. */
  readonly #sourceAttributes: Uint8Array;
  readonly #targetAttributes: Uint8Array;

  constructor(policy: Policy, neverAllow: NeverAllow) {
    this.#policy = policy;
    this.neverAllow = neverAllow;
    this.#sourceAttributes = new Uint8Array(policy.attributes.length);
    this.#targetAttributes = new Uint8Array(policy.attributes.length);
  }

  /** A pair of types that both the entry and the neverallow mean; undefined if there is none. */
  witness(sourceKey: number, targetKey: number): { source: number; target: number } | undefined {
    const { sources, targets, self, notSelf } = this.neverAllow;
    const byTarget = this.#meets(targetKey, targets, this.#targetAttributes);
    if (!byTarget && !self) return undefined;
    if (!this.#meets(sourceKey, sources, this.#sourceAttributes)) return undefined;
    const meantSources = this.#meant(sourceKey, sources);
    if (byTarget) {
      const meantTargets = this.#meant(targetKey, targets);
      for (const source of meantSources) {
        const target = notSelf ? meantTargets.find((type) => type !== source) : meantTargets[0];
        if (target !== undefined) return { source, target };
      }
    }
    if (!self) return undefined;
    const selfTypes = this.#typesOf(targetKey);
    const both = meantSources.find((type) => selfTypes.includes(type));
    return both === undefined ? undefined : { source: both, target: both };
  }

  #typesOf(key: number): readonly number[] {
    const { types, attributes } = this.#policy;
    return key < types.length ? [key] : attributes[key - types.length].types;
  }

  #meant(key: number, set: BitSet): number[] {
    return this.#typesOf(key).filter((type) => set.has(type));
  }

  /** Whether a key stands for some type of a set; attributes are looked at once. */
  #meets(key: number, set: BitSet, known: Uint8Array): boolean {
    const { types, attributes } = this.#policy;
    if (key < types.length) return set.has(key);
    const attribute = key - types.length;
    if (known[attribute] === 0) {
      known[attribute] = attributes[attribute].members.intersects(set) ? 2 : 1;
    }
    return known[attribute] === 2;
  }
}

/** Reports each broken neverallow once, with the rules that break it. */
export function checkNeverAllows(relation: AccessRelation, sink: DiagnosticSink): void {
  const { neverAllows } = relation.policy;
  if (neverAllows.length === 0) return;
  const checker = new NeverAllowChecker(relation);
  for (const neverAllow of neverAllows) {
    const violations = checker.violations(neverAllow);
    if (violations.length > 0) report(relation.policy, violations, sink);
  }
}

function report(policy: Policy, all: readonly NeverAllowViolation[], sink: DiagnosticSink): void {
  const [first] = all;
  const more = all.length === 1 ? "" : ` (and ${all.length - 1} more)`;
  const rules = [...new Set(all.flatMap((violation) => violation.rules))];
  const related: Related[] = [];
  for (const index of rules.slice(0, LISTED_RULES)) {
    const { node, condition } = policy.grantRules[index];
    if (node === undefined || policy.tree === undefined) continue;
    const when = condition === undefined ? "this rule" : "this conditional rule";
    related.push({ message: `${when} allows it`, span: policy.tree.span(node) });
  }
  sink.error({
    code: "neverallow",
    message: `neverallow is violated by allow ${describeViolation(policy, first)}${more}`,
    ...(policy.tree === undefined ? {} : { span: policy.tree.span(first.neverAllow.node) }),
    related,
  });
}

/** `source_t target_t:class { permissions }` */
export function describeViolation(
  policy: Policy,
  cell: Pick<NeverAllowViolation, "source" | "target" | "class" | "permissions">,
): string {
  const source = policy.types[cell.source].name;
  const target = policy.types[cell.target].name;
  const { name, permissions } = policy.classes[cell.class];
  const names = permissions.filter((_, bit) => ((cell.permissions >>> bit) & 1) === 1);
  return `${source} ${target}:${name} { ${names.join(" ")} }`;
}
