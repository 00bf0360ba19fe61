/** What a file of expectations states. */

import type { AssertedAccess, AssertedSet } from "../assertions/assertion.ts";
import type { Span } from "../compiler/source.ts";

/** A full label, `user:role:type`, where users and roles matter. */
export interface WrittenContext {
  readonly text: string;
  readonly span: Span;
}

/** A boolean with the value that it must have. */
export interface BooleanSetting {
  readonly name: string;
  readonly value: boolean;
  readonly span: Span;
}

interface Expected {
  readonly span: Span;
  /** The statement in one line. */
  readonly text: string;
  /** The comment above, without its `#` signs; empty if there is none. */
  readonly reason: string;
  readonly when: readonly BooleanSetting[];
}

/** That sources may do something to targets, or that none may. */
export interface AccessExpectation extends Expected {
  readonly kind: "allow" | "deny";
  readonly source: AssertedSet | WrittenContext;
  /** The targets' set is empty where `targetContext` stands in its place. */
  readonly access: AssertedAccess;
  readonly targetContext: WrittenContext | undefined;
}

/** That something can get from one set of types to another, or that it cannot. */
export interface FlowExpectation extends Expected {
  readonly kind: "flow" | "noflow";
  readonly from: AssertedSet;
  readonly to: AssertedSet;
  readonly through: AssertedSet | undefined;
}

export type Expectation = AccessExpectation | FlowExpectation;

/** Whether an operand is a full label. */
export function isContext(operand: AssertedSet | WrittenContext): operand is WrittenContext {
  return "text" in operand;
}
