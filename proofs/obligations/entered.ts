import { DOMAIN_RUNNING, VCPU_RUNNABLE } from "../../spec/states.ts";
import { VCPUS } from "../../tcb/core/limits.ts";
import { type Term, truncate, variable } from "../term/index.ts";
import type { SymbolicTransaction } from "./symbolic.ts";
import { conditionOf, wordOf } from "./values.ts";

/** The vCPU row that an exit is of. */
export const vcpuArgument = variable("vcpu", 32);

/** Its number as tables by vCPU want it. */
export const vcpuNumber = truncate(vcpuArgument, Math.log2(VCPUS));

/** What holds when the machine calls handleExit: that vCPU has just left its guest. */
export function entered(s: SymbolicTransaction, vcpu: Term): Term[] {
  const row = s.row("vcpu", wordOf(vcpu));
  return [
    wordOf(vcpu).lt(VCPUS),
    s.row("cpu", 0).current.eq(wordOf(vcpu).add(1)),
    row.state.eq(VCPU_RUNNABLE),
    s.row("domain", row.domain).state.eq(DOMAIN_RUNNING),
  ].map(conditionOf);
}
