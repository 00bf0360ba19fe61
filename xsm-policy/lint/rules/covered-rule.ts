/** L041: a rule that grants nothing which other rules do not grant anyhow. */

import type { GrantRule, Policy } from "../../compiler/policy.ts";
import { type LintContext, noteAt } from "../context.ts";
import type { LintRule } from "../rule.ts";
import { fingerprint } from "./duplicate-rule.ts";

export const coveredRule: LintRule = {
  id: "L041",
  name: "covered-rule",
  severity: "note",
  summary: "all that a rule grants is granted by wider rules",
  check(context, report) {
    const cover = new Cover(context.policy);
    for (const { rule, wider } of coveredRules(context, cover)) {
      if (rule.node === undefined || wider.node === undefined) continue;
      report({
        message: "all that this rule grants is granted by wider rules",
        at: rule.node,
        hint: "drop it, or narrow the wider ones",
        related: [noteAt(context, "one of them", wider.node)],
      });
    }
  },
};

/** A rule and one of those that cover it. */
interface Covered {
  readonly rule: GrantRule;
  readonly wider: GrantRule;
}

/** The covered rules; those that a macro makes only if all its calls make covered ones. */
function coveredRules({ policy, tree, hasMacros }: LintContext, cover: Cover): Covered[] {
  const covered: (Covered & { readonly place: string })[] = [];
  const needed = new Set<string>();
  for (const rule of policy.grantRules) {
    if (rule.kind !== "allow" || rule.node === undefined) continue;
    const { file, line, column } = tree.span(rule.node);
    const place = hasMacros ? `${line}:${column}:${file}` : String(rule.node.start);
    const wider = cover.of(rule);
    if (wider === undefined) needed.add(place);
    else covered.push({ rule, wider, place });
  }
  return covered.filter(({ place }) => !needed.has(place));
}

/** What one rule gives to one entry of the relation. */
interface Share {
  readonly rule: GrantRule;
  readonly print: string;
  readonly permissions: number;
}

/** Finds for a rule whether others, which hold always, cover it. */
class Cover {
  readonly #policy: Policy;
  readonly #shares = new Map<string, Share[]>();
  readonly #wider = new Map<number, readonly number[]>();

  constructor(policy: Policy) {
    this.#policy = policy;
    for (const rule of policy.grantRules) {
      if (rule.kind !== "allow" || rule.condition !== undefined) continue;
      const print = fingerprint(rule);
      forEachEntry(rule, (source, target, classIndex, permissions) => {
        const key = `${source} ${target} ${classIndex}`;
        const shares = this.#shares.get(key);
        const share = { rule, print, permissions };
        if (shares === undefined) this.#shares.set(key, [share]);
        else shares.push(share);
        return true;
      });
    }
  }

  /** One of the rules that cover a rule; undefined if some of it would be lost without it. */
  of(rule: GrantRule): GrantRule | undefined {
    const print = fingerprint(rule);
    let witness: GrantRule | undefined;
    const isCovered = forEachEntry(rule, (source, target, classIndex, permissions) => {
      let left = permissions;
      for (const wideSource of this.#keysOver(source)) {
        for (const wideTarget of this.#keysOver(target)) {
          for (const share of this.#shares.get(`${wideSource} ${wideTarget} ${classIndex}`) ?? []) {
            if (share.print === print || (share.permissions & left) === 0) continue;
            left &= ~share.permissions;
            witness = share.rule;
          }
        }
      }
      return left === 0;
    });
    return isCovered ? witness : undefined;
  }

  /** A key and the attributes that have all its types. */
  #keysOver(key: number): readonly number[] {
    let keys = this.#wider.get(key);
    if (keys === undefined) {
      const { types, attributes } = this.#policy;
      const members = key < types.length ? [key] : attributes[key - types.length].types;
      const candidates = types[members[0]]?.attributes ?? [];
      const over = candidates
        .filter((index) => members.every((type) => attributes[index].members.has(type)))
        .map((index) => types.length + index);
      keys = [...new Set([key, ...over])];
      this.#wider.set(key, keys);
    }
    return keys;
  }
}

/** Calls back for each entry that a rule makes, until one answer is false; tells if none was. */
function forEachEntry(
  { sources, targets, self, grants }: GrantRule,
  visit: (source: number, target: number, classIndex: number, permissions: number) => boolean,
): boolean {
  for (const source of sources.keys) {
    const all = self ? [source, ...targets.keys] : targets.keys;
    for (const target of all) {
      for (const grant of grants) {
        if (!visit(source, target, grant.class, grant.permissions)) return false;
      }
    }
  }
  return sources.keys.length > 0;
}
