/** What `check` says of one promise. */

import type { Span } from "../compiler/source.ts";
import type { Certificate } from "./certificate.ts";
import type { GrantReport, StepReport } from "./witness.ts";

export type PromiseKind = "neverallow" | "neverflow" | "neverboth" | "typebounds";

/** One way in which a promise is broken. */
export interface Violation {
  readonly summary: string;
  /** Values of booleans under which it is possible, `name=value`; empty: whatever they are. */
  readonly booleans: string;
  /** The steps of a flow; empty for other promises. */
  readonly steps: readonly StepReport[];
  /** The grants that break it; for a flow they stand with its steps. */
  readonly grants: readonly GrantReport[];
}

export interface Verdict {
  readonly kind: PromiseKind;
  /** The promise as written, in one line. */
  readonly text: string;
  /** The comment above it. */
  readonly goal: string;
  readonly span: Span | undefined;
  readonly holds: boolean;
  /** The first of them; `violationCount` says how many there are. */
  readonly violations: readonly Violation[];
  readonly violationCount: number;
  /** What proves a verdict on a flow. */
  readonly certificate: Certificate | undefined;
  /** Why the promise says nothing, such as a set without a member. */
  readonly vacuous: string | undefined;
}
