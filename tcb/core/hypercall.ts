// The dispatcher of hypercalls: number and arguments from the registers of the caller's mode.

import {
  EFAULT, ENOSYS, EPERM, HYPERCALL_CONSOLE, HYPERCALL_EVENT_CHANNEL, HYPERCALL_HVM,
  HYPERCALL_MEMORY, HYPERCALL_SCHED, HYPERCALL_SET_TIMER, HYPERCALL_VCPU, HYPERCALL_VERSION,
} from "./abi";
import { mayConsoleWrite, mayTimer } from "./access";
import * as column from "./columns";
import { putByte } from "./console";
import { eventChannelOp } from "./event_channel";
import { RBX, RCX, RDI, RDX, readGpr, RSI, skip, writeGpr } from "./gpr";
import { isLongMode, locate } from "./guest";
import { hvmOp } from "./hvm";
import { load8 } from "./machine";
import { memoryOp } from "./memory_op";
import { schedOp } from "./sched_op";
import { NOWHERE } from "./states";
import { updateGroup } from "./timer";
import { vcpuOp } from "./vcpu_op";
import { versionOp } from "./version";
import { labelXen } from "./xsm";

const CONSOLE_WRITE: u64 = 0;
/** Bytes that one step of console_io takes. */
const CONSOLE_STEP: u64 = 64;

/** The call is not done: its arguments say what is left, and the instruction stays. */
const RESUME: i64 = i64.MIN_VALUE;

/** HYPERVISOR_console_io(write, count, address): CONSOLE_STEP bytes a step, then the call is resumed
 *  with what is left. CONSOLE-IO-*. */
function consoleIo(vcpu: u32, operation: u64, count: u64, address: u64): i64 {
  const domain = column.vcpuDomain(vcpu);
  if (!mayConsoleWrite(column.domainLabel(domain), labelXen())) return EPERM;
  if (operation != CONSOLE_WRITE) return ENOSYS;
  const left = count & 0x7fffffff;
  const step = min<u64>(left, CONSOLE_STEP);
  for (let index: u64 = 0; index < step; index++) {
    const byte = locate(vcpu, address + index, false);
    if (byte == NOWHERE) return EFAULT;
    putByte(domain, load8(byte));
  }
  if (left == step) return 0;
  writeGpr(vcpu, isLongMode(vcpu) ? RSI : RCX, left - step);
  writeGpr(vcpu, RDX, address + step);
  return RESUME;
}

/** HYPERVISOR_set_timer_op(deadline): the single-shot timer; 0 stops it. TIMER-SET-*. */
function setTimerOp(vcpu: u32, deadline: u64): i64 {
  const domain = column.vcpuDomain(vcpu);
  if (!mayTimer(column.domainLabel(domain), column.domainSelfLabel(domain))) return EPERM;
  column.setVcpuDeadline(vcpu, deadline);
  updateGroup(vcpu);
  return 0;
}

function dispatch(vcpu: u32, number: u64, a: u64, b: u64, c: u64): i64 {
  if (number == HYPERCALL_VERSION) return versionOp(vcpu, a, b);
  if (number == HYPERCALL_EVENT_CHANNEL) return eventChannelOp(vcpu, a, b);
  if (number == HYPERCALL_SCHED) return schedOp(vcpu, a, b);
  if (number == HYPERCALL_VCPU) return vcpuOp(vcpu, a, b, c);
  if (number == HYPERCALL_HVM) return hvmOp(vcpu, a, b);
  if (number == HYPERCALL_MEMORY) return memoryOp(vcpu, a, b);
  if (number == HYPERCALL_CONSOLE) return consoleIo(vcpu, a, b, c);
  if (number == HYPERCALL_SET_TIMER) return setTimerOp(vcpu, a);
  return ENOSYS;
}

/** VMMCALL exit: from CPL 0 only; 64-bit callers pass RDI, RSI, RDX, others EBX, ECX, EDX.
 *  HYPERCALL-*. */
export function exitHypercall(vcpu: u32): void {
  const domain = column.vcpuDomain(vcpu);
  column.setDomainHypercalls(domain, column.domainHypercalls(domain) + 1);
  let result: i64 = EPERM;
  if (column.vmcbCpl(vcpu) == 0) {
    const number = column.vmcbRax(vcpu);
    result = isLongMode(vcpu)
      ? dispatch(vcpu, number, readGpr(vcpu, RDI), readGpr(vcpu, RSI), readGpr(vcpu, RDX))
      : dispatch(
        vcpu,
        number & 0xffffffff,
        readGpr(vcpu, RBX) & 0xffffffff,
        readGpr(vcpu, RCX) & 0xffffffff,
        readGpr(vcpu, RDX) & 0xffffffff,
      );
  }
  if (result == RESUME) return;
  column.setVmcbRax(vcpu, result as u64);
  skip(vcpu, 3);
}
