// What is handed to a solver.

import type { Term } from "../term/index.ts";
import type { Seed } from "./instances.ts";

export interface Goal {
  readonly family: string;
  readonly operation: string;
  readonly property: string;
  /** What the conclusion may be derived from; more of it at a higher level. */
  readonly hypotheses: (level: number) => readonly Term[];
  readonly conclusion: Term;
  /** Rows that the goal is about, besides those that it speaks of. */
  readonly rows: readonly Seed[];
  /** The goal is instead that hypotheses and conclusion can hold together. */
  readonly satisfiable?: boolean;
  /** A goal that implies this one, and that others of the case may share. */
  readonly stronger?: Goal;
  /** Goals that together imply this one, for where it is too much at once. */
  readonly parts?: () => readonly Goal[];
  /** It is known to be too much: the parts are shown at once. */
  readonly isApart?: boolean;
}
