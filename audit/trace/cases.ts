// The proofs: each case is one operation, shown in every state. What it is about is found by
// carrying both sides out with terms, as the prover does: the clauses that the specification's
// steps come to, and the functions of the binary that are executed.

import type { Case } from "../../proofs/obligations/case.ts";
import { cases } from "../../proofs/obligations/index.ts";
import { execute } from "../../proofs/obligations/refine.ts";
import { Interpreter } from "../../proofs/wasm/execute.ts";
import { decodeModule } from "../../proofs/wasm/index.ts";
import { invariants } from "../../spec/invariants/index.ts";
import { columns } from "../../tcb/core/layout.ts";
import { shortHash } from "./source.ts";
import { SpecCode } from "./spec-code.ts";

/** Name of a case, as in "event_channel: send". */
const nameOf = ({ family, operation }: Case): string => `${family}: ${operation}`;

/** What a case is made of as text: functions by their source. */
function textOf(one: Case): string {
  return JSON.stringify(one, (_, value: unknown) => {
    if (typeof value === "function") return String(value);
    return typeof value === "bigint" ? `${value}n` : value;
  });
}

/** Hash of each case: what is executed, what is taken for granted, how it is split. */
export function caseHashes(): Map<string, string> {
  return new Map(cases.map((one) => [nameOf(one), shortHash(textOf(one))]));
}

/** What the proof of a case stands on. A change of anything else does not void it. */
export interface CaseGround {
  /** Ids of the clauses that the steps come to. */
  readonly clauses: readonly string[];
  /** Declarations of spec/. */
  readonly spec: readonly string[];
  /** Ids of the invariants that are assumed. */
  readonly invariants: readonly string[] | "all";
  /** Functions of the binary. */
  readonly wasm: readonly string[];
}

/** The names of the functions that are executed while `work` is done, besides its result. */
function watched<T>(work: () => T): { readonly done: T; readonly names: readonly string[] } {
  const names = new Set<string>();
  const original = Interpreter.prototype.body;
  Interpreter.prototype.body = function (callee, state) {
    names.add(callee.name);
    return original.call(this, callee, state);
  };
  try {
    return { done: work(), names: [...names].sort() };
  } finally {
    Interpreter.prototype.body = original;
  }
}

/** What each case stands on, on a build of the core. */
export function groundsOfCases(core: Uint8Array): Map<string, CaseGround> {
  const module = decodeModule(core);
  const code = new SpecCode();
  return new Map(
    cases.map((one) => {
      const { done, names } = watched(() => execute(module, columns, one));
      const clauses = new Set(done.spec.clauses.map(({ id }) => id));
      const ground: CaseGround = {
        clauses: [...clauses].sort(),
        spec: code.behind(clauses),
        invariants: one.invariants === invariants ? "all" : one.invariants.map(({ id }) => id),
        wasm: names,
      };
      return [nameOf(one), ground];
    }),
  );
}
