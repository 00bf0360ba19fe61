// HYPERVISOR_hvm_op: the parameters of a domain. A guest may set its callback; the rest is set when
// the domain is built.

import { DOMID_SELF, EFAULT, EINVAL, ENOSYS, EPERM, PARAMETER_CALLBACK, PARAMETERS } from "./abi";
import { mayGetParameter, mayHvmControl, maySetParameter } from "./access";
import * as column from "./columns";
import { argument32, argument64, openArgument, setArgument64 } from "./guest";

const SET_PARAMETER: u64 = 0;
const GET_PARAMETER: u64 = 1;
const PAGETABLE_DYING: u64 = 9;
/** Callback type 2 in bits 63-56: a vector of the guest's own table. */
const CALLBACK_VECTOR: u64 = 2;

/** The domain that an argument names: the caller itself, or nobody. */
function namesSelf(domain: u32): bool {
  const named = argument32(0) & 0xffff;
  return named == DOMID_SELF || named == domain;
}

function setCallback(domain: u32, value: u64): i64 {
  if (value == 0) {
    column.setDomainCallbackVector(domain, 0);
    return 0;
  }
  if (value >> 56 != CALLBACK_VECTOR || (value & 0xff) < 32) return EINVAL;
  column.setDomainCallbackVector(domain, (value & 0xff) as u32);
  return 0;
}

/** { u16 domain; u32 index; u64 value }. HVM-PARAMETER-*. */
function setParameter(domain: u32): i64 {
  if (!namesSelf(domain)) return EPERM;
  const index = argument32(4);
  const value = argument64(8);
  const label = column.domainLabel(domain);
  if (!maySetParameter(label, column.domainSelfLabel(domain))) return EPERM;
  if (index >= PARAMETERS) return EINVAL;
  if (index != PARAMETER_CALLBACK) return EPERM;
  const result = setCallback(domain, value);
  if (result == 0) column.setDomainParameterValue((domain << 6) | index, value);
  return result;
}

function getParameter(domain: u32): i64 {
  if (!namesSelf(domain)) return EPERM;
  const index = argument32(4);
  if (!mayGetParameter(column.domainLabel(domain), column.domainSelfLabel(domain))) return EPERM;
  if (index >= PARAMETERS) return EINVAL;
  setArgument64(8, column.domainParameterValue((domain << 6) | index));
  return 0;
}

/** HYPERVISOR_hvm_op(operation, address). HVM-*. */
export function hvmOp(vcpu: u32, operation: u64, address: u64): i64 {
  const domain = column.vcpuDomain(vcpu);
  if (operation == SET_PARAMETER || operation == GET_PARAMETER) {
    if (!openArgument(vcpu, address, 16, operation == GET_PARAMETER)) return EFAULT;
    return operation == SET_PARAMETER ? setParameter(domain) : getParameter(domain);
  }
  const label = column.domainLabel(domain);
  if (!mayHvmControl(label, column.domainSelfLabel(domain))) return EPERM;
  return operation == PAGETABLE_DYING ? EINVAL : ENOSYS;
}
