/** The labels that the hypervisor derives by type_transition: of channels, and of domains as seen.
 *  */

import type { Policy } from "../compiler/policy.ts";
import { TypeRuleTable } from "../compiler/type-transitions.ts";
import { ALWAYS, both, type Ways, waysOf } from "./conditions.ts";

/** A label that can result, and when. */
export interface DerivedLabel {
  readonly type: number;
  readonly ways: Ways;
}

/** A domain of type `owner` that a domain of type `viewer` sees under the label `label`. */
export interface View {
  readonly owner: number;
  readonly viewer: number;
  readonly label: number;
  readonly ways: Ways;
}

export class DerivedLabels {
  readonly #rules: TypeRuleTable;
  readonly #domain: number;
  readonly #event: number;
  readonly #byViewer = new Map<number, View[]>();
  readonly #byOwner = new Map<number, View[]>();
  readonly #results = new Set<number>();
  readonly #channelsKeepSource: boolean;
  #channelTargets: Map<number, number[]> | undefined;
  #conditions: number[] | undefined;

  constructor(policy: Policy) {
    this.#rules = new TypeRuleTable(policy, "type_transition");
    this.#domain = policy.classes.findIndex(({ name }) => name === "domain");
    this.#event = policy.classes.findIndex(({ name }) => name === "event");
    this.#channelsKeepSource = policy.classes[this.#event]?.defaultType === "source";
    this.#indexViews();
  }

  #indexViews(): void {
    const { table } = this.#rules;
    for (let entry = 0; entry < table.count; entry++) {
      if (table.class(entry) !== this.#domain) continue;
      const [owner, viewer] = [table.source(entry), table.target(entry)];
      const label = table.values[entry];
      if (label === owner) continue;
      this.#results.add(label);
      if (owner === viewer) continue;
      const view = { owner, viewer, label, ways: waysOf(table.variant(entry)) };
      push(this.#byViewer, viewer, view);
      push(this.#byOwner, owner, view);
    }
  }

  /** Whether domains of some type are seen under this label, by themselves or by others. */
  isView(type: number): boolean {
    return this.#results.has(type);
  }

  /** How domains of this type see those that they serve as a device model. */
  seenBy(viewer: number): readonly View[] {
    return this.#byViewer.get(viewer) ?? [];
  }

  /** How domains of this type are seen by a device model that serves them. */
  viewsOf(owner: number): readonly View[] {
    return this.#byOwner.get(owner) ?? [];
  }

  /** The labels of an event channel that `source` opens towards `target`. */
  channel(source: number, target: number): DerivedLabel[] {
    const { table } = this.#rules;
    const plain = table.find(source, target, this.#event, 0);
    if (plain !== -1) return [{ type: table.values[plain], ways: ALWAYS }];
    const found: DerivedLabel[] = [];
    let otherwise = ALWAYS;
    for (const variant of this.#variants()) {
      const entry = table.find(source, target, this.#event, variant);
      if (entry === -1) continue;
      found.push({ type: table.values[entry], ways: waysOf(variant) });
      otherwise = both(otherwise, waysOf(variant % 2 === 1 ? variant + 1 : variant - 1));
    }
    const byDefault = this.#channelsKeepSource ? source : target;
    if (otherwise.length > 0) found.push({ type: byDefault, ways: otherwise });
    return found;
  }

  /** The conditions under which type rules stand. */
  #variants(): readonly number[] {
    const { table } = this.#rules;
    if (this.#conditions === undefined) {
      const seen = new Set<number>();
      for (let entry = 0; entry < table.count; entry++) seen.add(table.variant(entry));
      seen.delete(0);
      this.#conditions = [...seen].sort((one, other) => one - other);
    }
    return this.#conditions;
  }

  /** The targets towards which a rule gives channels of `source` a label. */
  channelTargets(source: number): readonly number[] {
    if (this.#channelTargets === undefined) {
      this.#channelTargets = new Map();
      const { table } = this.#rules;
      for (let entry = 0; entry < table.count; entry++) {
        if (table.class(entry) !== this.#event) continue;
        push(this.#channelTargets, table.source(entry), table.target(entry));
      }
    }
    return this.#channelTargets.get(source) ?? [];
  }
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
