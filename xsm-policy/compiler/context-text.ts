/** Contexts given as text (by a user, a seclabel, a log) to contexts of a policy. */

import { BitSet } from "./bits.ts";
import { contextIsValid, EMPTY_RANGE } from "./mls.ts";
import type { Context, Level, Policy, Range } from "./policy.ts";
import { didYouMean } from "./suggest.ts";

/** What is wrong with a context. */
export class ContextError extends Error {}

/**
 * The context that `user:role:type[:range]` means in a policy.
 * @throws ContextError with what is wrong and, where a name is unknown, the nearest known one
 */
export function contextFromText(policy: Policy, text: string): Context {
  const [user, role, type, ...rest] = text.split(":");
  if (type === undefined || rest.length > 0 !== policy.mls) {
    const form = policy.mls ? "user:role:type:range" : "user:role:type";
    throw new ContextError(`'${text}' is not a context of this policy; write ${form}`);
  }
  const context = {
    user: find(policy.users, user, "user"),
    role: find(policy.roles, role, "role"),
    type: findAliased(policy.types, type, "type"),
    range: policy.mls ? rangeFromText(policy, rest.join(":")) : EMPTY_RANGE,
  };
  if (!contextIsValid(policy, context)) {
    throw new ContextError(
      `'${text}' is not valid: the user lacks the role, the role the type, or the user the range`,
    );
  }
  return context;
}

function find(all: readonly { readonly name: string }[], name: string, what: string): number {
  const index = all.findIndex((candidate) => candidate.name === name);
  if (index !== -1) return index;
  const hint = didYouMean(
    name,
    all.map((candidate) => candidate.name),
  );
  throw new ContextError(`unknown ${what} '${name}'${hint === undefined ? "" : `; ${hint}`}`);
}

interface Aliased {
  readonly name: string;
  readonly aliases: readonly string[];
}

function findAliased(all: readonly Aliased[], name: string, what: string): number {
  const index = all.findIndex(({ aliases }) => aliases.includes(name));
  return index === -1 ? find(all, name, what) : index;
}

function rangeFromText(policy: Policy, text: string): Range {
  const [low, high, more] = text.split("-").map((part) => part.trim());
  if (low === undefined || more !== undefined) throw new ContextError(`'${text}' is no range`);
  const lowLevel = levelFromText(policy, low);
  return { low: lowLevel, high: high === undefined ? lowLevel : levelFromText(policy, high) };
}

function levelFromText(policy: Policy, text: string): Level {
  const [name, categories, more] = text.split(":");
  if (name === undefined || more !== undefined) throw new ContextError(`'${text}' is no level`);
  const sensitivity = findAliased(policy.sensitivities, name, "sensitivity");
  const members = new BitSet();
  for (const part of categories?.split(",") ?? []) {
    const [first, last = first] = part.split(".");
    const from = findAliased(policy.categories, first, "category");
    const to = findAliased(policy.categories, last, "category");
    for (let category = from; category <= to; category++) members.add(category);
  }
  return { sensitivity, categories: members };
}
