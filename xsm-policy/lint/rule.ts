/** What a lint rule is, and what it finds. */

import type { Node } from "../compiler/ast.ts";
import type { Related } from "../compiler/diagnostic.ts";
import type { Span } from "../compiler/source.ts";
import type { LintContext } from "./context.ts";

/** `error`: the policy will not do at all; `warning`: probably wrong; `note`: worth a look. */
export const SEVERITIES = ["error", "warning", "note"] as const;

export type LintSeverity = (typeof SEVERITIES)[number];

/** What is said of a rule in listings and outputs. */
export interface RuleDescription {
  /** `L` and three digits; never given to another rule. */
  readonly id: string;
  readonly name: string;
  readonly severity: LintSeverity;
  /** One sentence without a full stop. */
  readonly summary: string;
}

export interface LintRule extends RuleDescription {
  check(context: LintContext, report: (found: Report) => void): void;
}

/** What a rule says of one place. */
export interface Report {
  readonly message: string;
  /** The place, as part of the tree or as it was written. */
  readonly at: Node | Span;
  /** The whole statement, where the place is only a part of it: a waiver there counts too. */
  readonly within?: Node;
  readonly hint?: string;
  readonly related?: readonly Related[];
}

/** Something found, where, and what to do. */
export interface Finding {
  readonly rule: RuleDescription;
  readonly message: string;
  readonly span: Span;
  readonly within?: Span;
  readonly hint?: string;
  readonly related?: readonly Related[];
  /** How often the same place is found wrong, when several macro calls lead to it. */
  readonly times: number;
}
