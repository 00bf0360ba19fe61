/** What a verdict on a flow is proved by; `verify.ts` checks it. */

/**
 * That nothing arrives: a set of nodes that nothing leaves, or one for each value of a boolean on
 * which the flow depends.
 */
export type ClosedCertificate =
  | { readonly kind: "closed"; readonly nodes: readonly number[] }
  | {
      readonly kind: "split";
      readonly boolean: number;
      readonly whenTrue: ClosedCertificate;
      readonly whenFalse: ClosedCertificate;
    };

/** That something arrives: the nodes on its way, and the booleans' values. */
export interface PathCertificate {
  readonly kind: "path";
  readonly nodes: readonly number[];
  readonly booleans: readonly boolean[];
}

export type Certificate = ClosedCertificate | PathCertificate;

/** A condition over booleans, by their numbers. */
export type ProblemCondition =
  | { readonly kind: "boolean"; readonly boolean: number }
  | { readonly kind: "not"; readonly operand: ProblemCondition }
  | {
      readonly kind: "and" | "or" | "xor" | "eq" | "neq";
      readonly left: ProblemCondition;
      readonly right: ProblemCondition;
    };

/** One step that something can take. */
export interface ProblemEdge {
  readonly from: number;
  readonly to: number;
  /**
   * Alternatives, each a list of conditions that must hold: condition c as 2c + 2, its opposite
   * as 2c + 1. No alternative: never.
   */
  readonly ways: readonly (readonly number[])[];
}

/** A question about flow as plain data: what the checker and a solver are given. */
export interface FlowProblem {
  readonly nodes: readonly string[];
  readonly booleans: readonly string[];
  readonly conditions: readonly ProblemCondition[];
  readonly edges: readonly ProblemEdge[];
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly through: readonly number[];
}
