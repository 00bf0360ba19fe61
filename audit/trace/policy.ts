// What the audit demands of each item, and the exceptions: audit/policy.json.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Item, Kind } from "./items.ts";
import { root } from "./source.ts";

export type Need = "code" | "proof" | "test";

/** A gap that somebody answers for, until a day. */
export interface Waiver {
  /** Regular expression for ids. */
  readonly id: string;
  readonly need: Need;
  readonly owner: string;
  /** As in 2027-01-31: from the day after, it is a gap again. */
  readonly until: string;
  readonly reason: string;
}

interface PromiseEvidence {
  /** Regular expression for the properties of obligations that show it. */
  readonly proof: string;
  /** Test files that show it. */
  readonly test: readonly string[];
}

/** Invariants that are sums over rows: what one step adds to them is proved, as an equality of
 *  counts; that the sums are right for ever follows by induction. */
interface Counted {
  /** Regular expression for ids. */
  readonly id: string;
  /** Regular expression for the properties of obligations that it follows from. */
  readonly proof: string;
}

export interface AuditPolicy {
  readonly needs: readonly { readonly kind: Kind; readonly needs: readonly Need[] }[];
  readonly promises: Readonly<Record<string, PromiseEvidence>>;
  readonly counted: readonly Counted[];
  readonly waivers: readonly Waiver[];
}

export const POLICY = "audit/policy.json";

/** Reads the policy. Throws Error if a waiver says too little. */
export function readPolicy(): AuditPolicy {
  const policy = JSON.parse(readFileSync(join(root, POLICY), "utf8")) as AuditPolicy;
  for (const [at, { id, need, owner, until, reason }] of policy.waivers.entries()) {
    const complete = [id, need, owner, reason].every((one) => (one ?? "") !== "");
    if (complete && /^\d{4}-\d{2}-\d{2}$/.test(until)) continue;
    throw new Error(`${POLICY}: waiver ${at + 1} needs id, need, owner, until (a day) and reason`);
  }
  return policy;
}

export function needsOf(policy: AuditPolicy, { kind }: Item): readonly Need[] {
  return policy.needs.find((one) => one.kind === kind)?.needs ?? [];
}

/** The waiver for a gap on a day (as in 2027-01-31), and whether it still holds. */
export function waiverOf(
  policy: AuditPolicy,
  id: string,
  need: Need,
  today: string,
): { waiver: Waiver; holds: boolean } | undefined {
  const found = policy.waivers.filter((one) => one.need === need && new RegExp(one.id).test(id));
  const waiver = found.find(({ until }) => today <= until) ?? found[0];
  return waiver && { waiver, holds: today <= waiver.until };
}

/** The properties that show an item, if the policy names them. */
export function shownBy({ promises, counted }: AuditPolicy, id: string): RegExp | undefined {
  const proof = promises[id]?.proof ?? counted.find((one) => new RegExp(one.id).test(id))?.proof;
  return proof === undefined ? undefined : new RegExp(proof);
}
