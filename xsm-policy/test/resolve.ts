/** Turns the names of an expectation into types, permissions, labels and settings of a policy. */

import { type AssertedTypes, PromiseSets } from "../analysis/promise-sets.ts";
import { ContextError, contextFromText } from "../compiler/context-text.ts";
import type { Diagnostic } from "../compiler/diagnostic.ts";
import type { Context, Grant, Policy } from "../compiler/policy.ts";
import { didYouMean } from "../compiler/suggest.ts";
import {
  type AccessExpectation,
  type BooleanSetting,
  type Expectation,
  isContext,
  type WrittenContext,
} from "./expectation.ts";

/** The values that an expectation fixes, by boolean; others are open. */
export type FixedBooleans = ReadonlyMap<number, boolean>;

/** Who may do something to whom: one pair of types, with labels where they are given. */
export interface AccessPair {
  readonly source: number;
  readonly target: number;
  readonly contexts: { readonly source: Context; readonly target: Context } | undefined;
}

export interface ResolvedAccessExpectation {
  readonly pairs: readonly AccessPair[];
  readonly grants: readonly Grant[];
}

/** Resolves expectations; each name that is unknown is reported where it stands. */
export class ExpectationResolver {
  readonly sets: PromiseSets;
  readonly #policy: Policy;
  readonly #report: (diagnostic: Diagnostic) => void;

  constructor(policy: Policy, report: (diagnostic: Diagnostic) => void) {
    this.#policy = policy;
    this.#report = report;
    this.sets = new PromiseSets(policy, report);
  }

  /** The values that `when` fixes. */
  booleans({ when }: Expectation): FixedBooleans {
    const fixed = new Map<number, boolean>();
    for (const setting of when) {
      const index = this.#boolean(setting);
      if (index !== -1) fixed.set(index, setting.value);
    }
    return fixed;
  }

  #boolean({ name, span }: BooleanSetting): number {
    const names = this.#policy.booleans.map((boolean) => boolean.name);
    const index = names.indexOf(name);
    if (index === -1) {
      this.#error(`unknown boolean '${name}'`, span, didYouMean(name, names));
    }
    return index;
  }

  /** The pairs and permissions of an access expectation; nothing after an error. */
  access(expectation: AccessExpectation): ResolvedAccessExpectation {
    const { source, targetContext, access } = expectation;
    const { targets, grants } = this.sets.access(access);
    if (isContext(source) || targetContext !== undefined) {
      const contexts = this.#contexts(source, targetContext, expectation);
      return { pairs: contexts === undefined ? [] : [contexts], grants };
    }
    return { pairs: pairsOf(this.sets.types(source).types.toArray(), targets), grants };
  }

  #contexts(
    source: AccessExpectation["source"],
    target: WrittenContext | undefined,
    { span }: Expectation,
  ): AccessPair | undefined {
    if (!isContext(source) || target === undefined) {
      const hint = "write user:role:type for both, or a set of types for both";
      this.#error("only one of source and target is a full label", span, hint);
      return undefined;
    }
    const one = this.#context(source);
    const other = this.#context(target);
    if (one === undefined || other === undefined) return undefined;
    return { source: one.type, target: other.type, contexts: { source: one, target: other } };
  }

  #context({ text, span }: WrittenContext): Context | undefined {
    try {
      return contextFromText(this.#policy, text);
    } catch (failure) {
      if (!(failure instanceof ContextError)) throw failure;
      this.#error(failure.message, span);
      return undefined;
    }
  }

  #error(message: string, span: Diagnostic["span"], hint?: string): void {
    this.#report({
      severity: "error",
      code: "expectation-name",
      message,
      ...(span && { span }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

function pairsOf(sources: readonly number[], targets: AssertedTypes): AccessPair[] {
  const { types, self, notSelf } = targets;
  return sources.flatMap((source) => {
    const all = types.clone();
    if (self) all.add(source);
    if (notSelf) all.delete(source);
    return all.toArray().map((target) => ({ source, target, contexts: undefined }));
  });
}
