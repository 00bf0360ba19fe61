/**
 * The access relation of a policy: who may do what to whom, under which boolean setting.
 *
 * Kept as written over keys (types and attributes), one entry for each distinct
 * (source key, target key, class, condition), and expanded on demand: by one query, by one source
 * type, or as a whole in a fixed order.
 */

import { EntryTable } from "./entry-table.ts";
import type { GrantKind, Policy, RuleCondition } from "./policy.ts";
import { evaluateCondition } from "./resolve-condition.ts";

/** One cell of the expanded relation. `condition` is absent where the grant always holds. */
export interface AccessCell {
  readonly source: number;
  readonly target: number;
  readonly class: number;
  /** Bit n = permission n of the class; unsigned. */
  readonly permissions: number;
  readonly condition: RuleCondition | undefined;
}

/** The variant number of a condition in entry tables: 0 for none. */
export function variantOf(condition: RuleCondition | undefined): number {
  return condition === undefined ? 0 : condition.index * 2 + (condition.branch ? 2 : 1);
}

/** The condition of a variant number. */
export function conditionOf(variant: number): RuleCondition | undefined {
  if (variant === 0) return undefined;
  return { index: (variant - 1) >>> 1, branch: (variant & 1) === 0 };
}

export class AccessRelation {
  readonly policy: Policy;
  readonly kind: GrantKind;
  /** Entries over keys; the variant is the condition, the value the access vector. */
  readonly table: EntryTable;
  #bySource: { readonly first: Int32Array; readonly entries: Int32Array } | undefined;
  #rulesBySource: number[][] | undefined;
  #active: { readonly booleans: readonly boolean[]; readonly table: EntryTable } | undefined;
  readonly #declared: readonly boolean[];
  readonly #keys: (readonly number[])[] = [];

  constructor(policy: Policy, kind: GrantKind) {
    this.policy = policy;
    this.kind = kind;
    this.#declared = policy.booleans.map((boolean) => boolean.value);
    this.table = new EntryTable(kind === "allow" ? policy.grantRules.length : 0);
    for (const rule of policy.grantRules) {
      if (rule.kind === kind) this.#add(rule);
    }
  }

  /** How many key-level entries there are. */
  get entryCount(): number {
    return this.table.count;
  }

  #add(rule: Policy["grantRules"][number]): void {
    const { table } = this;
    const variant = variantOf(rule.condition);
    const sources = rule.sources.keys;
    const targets = rule.targets.keys;
    for (let s = 0; s < sources.length; s++) {
      const source = sources[s];
      for (let g = 0; g < rule.grants.length; g++) {
        const { class: classIndex, permissions } = rule.grants[g];
        if (rule.self) table.add(source, source, classIndex, variant, permissions);
        for (let t = 0; t < targets.length; t++) {
          table.add(source, targets[t], classIndex, variant, permissions);
        }
      }
    }
  }

  /** The types that a key stands for. */
  typesOf(key: number): readonly number[] {
    const { types, attributes } = this.policy;
    return key < types.length ? [key] : attributes[key - types.length].types;
  }

  /** A type's own key and those of its attributes, ascending. */
  keysOf(type: number): readonly number[] {
    const known = this.#keys[type];
    if (known !== undefined) return known;
    const { types } = this.policy;
    const keys = [type, ...types[type].attributes.map((attribute) => types.length + attribute)];
    this.#keys[type] = keys;
    return keys;
  }

  /**
   * Permissions of `source` on `target` in `class` when the booleans have the given values
   * (`booleans[i]`, default: as declared). Types only: constraints need contexts (decision.ts).
   */
  permissions(
    source: number,
    target: number,
    classIndex: number,
    booleans: readonly boolean[] = this.#declared,
  ): number {
    const table = this.#activeTable(booleans);
    const targets = this.keysOf(target);
    let mask = 0;
    for (const sourceKey of this.keysOf(source)) {
      for (const targetKey of targets) {
        const entry = table.find(sourceKey, targetKey, classIndex, 0);
        if (entry !== -1) mask |= table.values[entry];
      }
    }
    return mask >>> 0;
  }

  /** The entries that hold under a boolean setting, conditions folded in. */
  #activeTable(booleans: readonly boolean[]): EntryTable {
    if (this.policy.conditionals.length === 0) return this.table;
    if (this.#active?.booleans === booleans) return this.#active.table;
    const holds = this.policy.conditionals.map(({ expression }) =>
      evaluateCondition(expression, booleans),
    );
    const table = new EntryTable();
    for (let entry = 0; entry < this.table.count; entry++) {
      const condition = conditionOf(this.table.variant(entry));
      if (condition !== undefined && holds[condition.index] !== condition.branch) continue;
      const source = this.table.source(entry);
      const classIndex = this.table.class(entry);
      table.add(source, this.table.target(entry), classIndex, 0, this.table.values[entry]);
    }
    this.#active = { booleans, table };
    return table;
  }

  /** Numbers of the entries of one source key, in order of insertion. */
  entriesFrom(key: number): Int32Array {
    this.#bySource ??= this.#indexBySource();
    const { first, entries } = this.#bySource;
    return entries.subarray(first[key], first[key + 1]);
  }

  #indexBySource(): { first: Int32Array; entries: Int32Array } {
    const keyCount = this.policy.types.length + this.policy.attributes.length;
    const first = new Int32Array(keyCount + 2);
    for (let entry = 0; entry < this.table.count; entry++) first[this.table.source(entry) + 2]++;
    for (let key = 2; key < first.length; key++) first[key] += first[key - 1];
    const entries = new Int32Array(this.table.count);
    for (let entry = 0; entry < this.table.count; entry++) {
      entries[first[this.table.source(entry) + 1]++] = entry;
    }
    return { first, entries };
  }

  /**
   * Calls back for each expanded cell of one source type, ascending by target, class, condition
   * (unconditional first). Each (source, target, class, condition) comes once.
   */
  cellsFrom(source: number, visit: (cell: AccessCell) => void): void {
    const row = new EntryTable();
    for (const key of this.keysOf(source)) {
      for (const entry of this.entriesFrom(key)) {
        const classIndex = this.table.class(entry);
        const variant = this.table.variant(entry);
        for (const target of this.typesOf(this.table.target(entry))) {
          row.add(0, target, classIndex, variant, this.table.values[entry]);
        }
      }
    }
    const order = Array.from({ length: row.count }, (_, entry) => entry);
    order.sort((one, other) => compareEntries(row, one, other));
    for (const entry of order) {
      visit({
        source,
        target: row.target(entry),
        class: row.class(entry),
        permissions: row.values[entry],
        condition: conditionOf(row.variant(entry)),
      });
    }
  }

  /** All cells, ascending by source, then as `cellsFrom`. */
  cells(visit: (cell: AccessCell) => void): void {
    for (let source = 0; source < this.policy.types.length; source++) {
      this.cellsFrom(source, visit);
    }
  }

  /**
   * Indexes into `policy.grantRules` of the rules that give any of `permissions` to this cell,
   * in source order, conditional ones included.
   */
  rulesFor(source: number, target: number, classIndex: number, permissions: number): number[] {
    this.#rulesBySource ??= this.#indexRules();
    const { grantRules } = this.policy;
    const targets = this.keysOf(target);
    const found = new Set<number>();
    for (const key of this.keysOf(source)) {
      for (const index of this.#rulesBySource[key] ?? []) {
        const { grants, self, targets: named } = grantRules[index];
        const gives = grants.some(
          (grant) => grant.class === classIndex && (grant.permissions & permissions) !== 0,
        );
        if (!gives) continue;
        const itself = self && source === target;
        if (itself || named.keys.some((name) => targets.includes(name))) found.add(index);
      }
    }
    return [...found].sort((one, other) => one - other);
  }

  #indexRules(): number[][] {
    const index: number[][] = [];
    for (const [number, rule] of this.policy.grantRules.entries()) {
      if (rule.kind !== this.kind) continue;
      for (const key of rule.sources.keys) {
        index[key] ??= [];
        index[key].push(number);
      }
    }
    return index;
  }
}

function compareEntries(row: EntryTable, one: number, other: number): number {
  return (
    row.pairs[one] - row.pairs[other] ||
    row.class(one) - row.class(other) ||
    row.variant(one) - row.variant(other)
  );
}

/** The relation of a policy's allow rules (or of another kind of grant). */
export function buildRelation(policy: Policy, kind: GrantKind = "allow"): AccessRelation {
  return new AccessRelation(policy, kind);
}
