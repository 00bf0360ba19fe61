/** What a policy promises. */

import type { Span } from "../compiler/source.ts";

/** A name in a set; `excluded` if it was written with a `-`. */
export interface AssertedName {
  readonly text: string;
  readonly excluded: boolean;
  readonly span: Span;
}

/** A set as written: `a`, `{ a -b }`, `~a`, `~{ a b }` or `*`. Nested braces are flattened. */
export interface AssertedSet {
  readonly names: readonly AssertedName[];
  readonly star: boolean;
  readonly complement: boolean;
  readonly span: Span;
}

interface Promise {
  /** The comment above the statement, without its `#` signs; empty if there is none. */
  readonly goal: string;
  readonly span: Span;
}

/** What a source may do to targets. */
export interface AssertedAccess {
  readonly targets: AssertedSet;
  readonly classes: AssertedSet;
  readonly permissions: AssertedSet;
}

/** No rule lets a source do this to a target. */
export interface NeverAllow extends Promise, AssertedAccess {
  readonly kind: "neverallow";
  readonly sources: AssertedSet;
}

/** Nothing gets from one set of types to another, but through those of a third if it is given. */
export interface NeverFlow extends Promise {
  readonly kind: "neverflow";
  readonly from: AssertedSet;
  readonly to: AssertedSet;
  readonly through: AssertedSet | undefined;
}

/** Separation of duty: no source may do both, not even one after the other under two labels. */
export interface NeverBoth extends Promise {
  readonly kind: "neverboth";
  readonly sources: AssertedSet;
  readonly first: AssertedAccess;
  readonly second: AssertedAccess;
}

export type Assertion = NeverAllow | NeverFlow | NeverBoth;
