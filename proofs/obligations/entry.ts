// The two doors that cases come through: a hypercall at the dispatcher, and an exit at the
// exported function.

import { handleExit } from "../../spec/exit.ts";
import { dispatch } from "../../spec/hypercall.ts";
import { invariants } from "../../spec/invariants/index.ts";
import { constant, type Term, variable } from "../term/index.ts";
import { drainLoop, drainRounds, locate, openArgument, regrouped, systemTime } from "./blocks.ts";
import type { Case } from "./case.ts";
import { entered, vcpuArgument, vcpuNumber } from "./entered.ts";
import { lemmas } from "./lemmas.ts";
import { suspended } from "./whole_domain.ts";

/** What a case says of itself; the rest is the same for all that come through one door. */
type Own = Pick<Case, "family" | "operation"> & Partial<Case>;

/** The registers of a call that a case leaves open. */
export const anyFirst = variable("first", 64);
export const anySecond = variable("second", 64);
export const anyThird = variable("third", 64);

/** What every case may take as one step. */
const shared = {
  given: (s) => entered(s, vcpuArgument),
  blocks: [openArgument, locate, systemTime, regrouped, drainRounds, suspended],
  lemmas,
  repetitions: [drainLoop],
  invariants,
} satisfies Partial<Case>;

/** The registers of a case: the hypercall's number, and its arguments as far as they are fixed. */
export interface Registers {
  readonly number: number | Term;
  readonly first?: number | Term;
  readonly second?: number | Term;
  readonly third?: number | Term;
}

const register = (value: number | Term): Term =>
  typeof value === "number" ? constant(64, value) : value;

/** A hypercall, from the dispatcher on. */
export function hypercallCase(registers: Registers, own: Own): Case {
  const { number, first = anyFirst, second = anySecond, third = anyThird } = registers;
  return {
    ...shared,
    function: "hypercall/dispatch",
    args: [vcpuArgument, ...[number, first, second, third].map(register)],
    steps: (s, [vcpu, number, a, b, c]) => {
      const registers = { number: number!, first: a!, second: b!, third: c! };
      return s.attempt(() => dispatch(s, vcpu!, registers));
    },
    ...own,
  };
}

/** An exit, from the exported function on; the code may be a term that `when` narrows. */
export function exitCase(code: number | bigint | Term, own: Own): Case {
  const selects = typeof code === "object" ? code : constant(64, code);
  return {
    ...shared,
    function: "handleExit",
    args: [vcpuArgument],
    selects,
    prepare: (state) => state.write("vmcbExitCode", vcpuNumber, selects),
    steps: (s, [vcpu]) => {
      handleExit(s, vcpu!);
      return undefined;
    },
    ...own,
  };
}
