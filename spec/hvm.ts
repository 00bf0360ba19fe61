// HYPERVISOR_hvm_op (xen/include/public/hvm/hvm_op.h): the parameters of a domain. A guest sets its
// own callback; the rest is set by who builds the domain.

import * as abi from "./abi.ts";
import { type Argument, argument32, argument64, openArgument, reply64 } from "./guest.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import * as xsm from "./xsm.ts";

/** struct xen_hvm_param. */
const PARAMETER_BYTES = 16;
const VECTOR_MIN = 32;

/** { u16 domain; u32 index; u64 value }: a parameter of the caller itself. */
interface Call {
  readonly domain: Word;
  readonly argument: Argument;
}

/** Goes on only if the argument names the caller. */
function requireSelf(s: Transaction, { domain, argument }: Call): void {
  s.clause("HVM-1", "A domain sets and gets its own parameters only.");
  const named = argument32(s, argument, 0).and(0xffff);
  s.require(named.eq(abi.DOMID_SELF).or(named.eq(domain)), abi.EPERM);
}

function setParameter(s: Transaction, call: Call): Word {
  const { domain, argument } = call;
  requireSelf(s, call);
  const index = argument32(s, argument, 4);
  const value = argument64(s, argument, 8);
  s.clause("HVM-SET-1", "The policy lets the caller set parameters of its own.");
  const row = s.row("domain", domain);
  xsm.authorise(s, row.label, row.selfLabel, xsm.HVM_SET_PARAMETER);
  s.clause("HVM-SET-2", "The parameter exists; only the callback is the guest's to set.");
  s.require(index.lt(abi.HVM_PARAMS), abi.EINVAL);
  s.require(index.eq(abi.HVM_PARAM_CALLBACK_IRQ), abi.EPERM);
  s.clause(
    "HVM-SET-3",
    "The callback is a vector from 32 to 255 of the guest's own table (type 2 in bits 63 to 56), or " +
      "none (0). It is kept, and its vector is where events are delivered from now on.",
  );
  const type = value.shr(56).eq(abi.CALLBACK_VECTOR);
  const vector = value.and(0xff);
  s.require(value.eq(0).or(type.and(vector.ge(VECTOR_MIN))), abi.EINVAL);
  row.set({ callbackVector: vector.low() });
  s.row("domainParameter", domain, index).set({ value });
  return s.word64(0);
}

function getParameter(s: Transaction, call: Call): Word {
  const { domain, argument } = call;
  requireSelf(s, call);
  const index = argument32(s, argument, 4);
  s.clause("HVM-GET-1", "The policy lets the caller get parameters of its own.");
  const row = s.row("domain", domain);
  xsm.authorise(s, row.label, row.selfLabel, xsm.HVM_GET_PARAMETER);
  s.clause("HVM-GET-2", "The parameter exists; its value is the reply.");
  s.require(index.lt(abi.HVM_PARAMS), abi.EINVAL);
  reply64(s, argument, 8, s.row("domainParameter", domain, index).value);
  return s.word64(0);
}

/** HYPERVISOR_hvm_op(operation, address). */
export function hvmOp(s: Transaction, vcpu: Word, operation: Word, address: Word): Word {
  const { domain } = s.row("vcpu", vcpu);
  const open = (write: boolean): Call => {
    s.clause(
      "HVM-2",
      "The argument structure is memory that the caller can read, and write for a reply.",
    );
    const size = s.word32(PARAMETER_BYTES);
    const argument = openArgument(s, vcpu, address, size, s.truth(write), abi.EFAULT);
    return { domain, argument };
  };
  const control = (answer: bigint) => () => {
    s.clause(
      "HVM-3",
      "All else is refused: page tables are nobody's to report (EINVAL), and there is no other " +
        "operation. The policy lets the caller ask at all.",
    );
    const row = s.row("domain", domain);
    xsm.authorise(s, row.label, row.selfLabel, xsm.HVM_CONTROL);
    return s.word64(answer);
  };
  return s.select(
    operation,
    [
      { value: abi.HVMOP_set_param, steps: () => setParameter(s, open(false)) },
      { value: abi.HVMOP_get_param, steps: () => getParameter(s, open(true)) },
      { value: abi.HVMOP_pagetable_dying, steps: control(abi.EINVAL) },
    ],
    control(abi.ENOSYS),
  );
}
