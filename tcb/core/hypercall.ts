// The dispatcher of hypercalls: number and arguments from the registers of the caller's mode.

import {
  EFAULT,
  ENOSYS,
  EPERM,
  HYPERCALL_CONSOLE,
  HYPERCALL_CONTROL,
  HYPERCALL_EVENT_CHANNEL,
  HYPERCALL_GRANT_TABLE,
  HYPERCALL_HVM,
  HYPERCALL_MEMORY,
  HYPERCALL_MULTICALL,
  HYPERCALL_PHYSDEV,
  HYPERCALL_SCHED,
  HYPERCALL_SET_TIMER,
  HYPERCALL_VCPU,
  HYPERCALL_VERSION,
  RESUME,
} from "./abi";
import { mayConsoleWrite, mayPhysdev, mayTimer } from "./access";
import * as column from "./columns";
import { putByte } from "./console";
import { controlOp } from "./control_op";
import { eventChannelOp } from "./event_channel";
import { RBX, RCX, RDI, RDX, RSI, readGpr, skip, writeGpr } from "./gpr";
import { grantTableOp } from "./grant_table";
import { argument64, isLongMode, locate, openArgument } from "./guest";
import { hvmOp } from "./hvm";
import { load8, store64 } from "./machine";
import { memoryOp } from "./memory_op";
import { resumeWith } from "./resume";
import { schedOp } from "./sched_op";
import { NOWHERE } from "./states";
import { updateGroup } from "./timer";
import { vcpuOp } from "./vcpu_op";
import { versionOp } from "./version";
import { labelXen } from "./xsm";

const CONSOLE_WRITE: u64 = 0;
/** Bytes that one step of console_io takes. */
const CONSOLE_STEP: u64 = 64;

/** HYPERVISOR_console_io(write, count, address): CONSOLE_STEP bytes a step, then the call is
 *  resumed with what is left. CONSOLE-IO-*. */
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
  return resumeWith(operation, left - step, address + step);
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
  if (number == HYPERCALL_GRANT_TABLE) return grantTableOp(vcpu, a, b, c);
  if (number == HYPERCALL_MEMORY) return memoryOp(vcpu, a, b);
  if (number == HYPERCALL_HVM) return hvmOp(vcpu, a, b);
  if (number == HYPERCALL_CONSOLE) return consoleIo(vcpu, a, b, c);
  if (number == HYPERCALL_SET_TIMER) return setTimerOp(vcpu, a);
  if (number == HYPERCALL_PHYSDEV) return physdevOp(vcpu);
  if (number == HYPERCALL_CONTROL) return controlOp(vcpu, a);
  return ENOSYS;
}

/** HYPERVISOR_physdev_op: a PVH guest has no physical interrupts. PHYSDEV-1. */
function physdevOp(vcpu: u32): i64 {
  const domain = column.vcpuDomain(vcpu);
  if (!mayPhysdev(column.domainLabel(domain), column.domainSelfLabel(domain))) return EPERM;
  return ENOSYS;
}

/** HYPERVISOR_multicall(list, count): one entry { u64 number; u64 result; u64 argument[6] } a step.
 *  An entry that is itself to be resumed keeps its progress in the entry. MULTICALL-*. */
function multicall(vcpu: u32, list: u64, left: u64): i64 {
  const count = left & 0xffffffff;
  if (count == 0) return 0;
  if ((list & 63) != 0 || !openArgument(vcpu, list, 64, true)) return EFAULT;
  const number = argument64(0);
  const a = argument64(16);
  const b = argument64(24);
  const c = argument64(32);
  // The inner call has an argument structure of its own, so the entry's place is kept here.
  const entry = column.argumentFirst();
  const answer = number == HYPERCALL_MULTICALL ? ENOSYS : dispatch(vcpu, number, a, b, c);
  if (answer == RESUME) {
    store64(entry + 16, column.callFirst());
    store64(entry + 24, column.callSecond());
    store64(entry + 32, column.callThird());
    return resumeWith(list, count, 0);
  }
  store64(entry + 8, answer as u64);
  return resumeWith(list + 64, count - 1, 0);
}

/** A resumed call: the instruction stays, the registers say what is left. HYPERCALL-RESUME. */
function keepArguments(vcpu: u32, first: u32, second: u32): void {
  writeGpr(vcpu, first, column.callFirst());
  writeGpr(vcpu, second, column.callSecond());
  writeGpr(vcpu, RDX, column.callThird());
}

/** A call by its number and first three arguments: RDI, RSI, RDX of 64-bit callers, EBX, ECX, EDX
 *  of others. */
function call(vcpu: u32, long: bool): i64 {
  let number = column.vmcbRax(vcpu);
  let a: u64, b: u64;
  let c = readGpr(vcpu, RDX);
  if (long) {
    a = readGpr(vcpu, RDI);
    b = readGpr(vcpu, RSI);
  } else {
    number &= 0xffffffff;
    a = readGpr(vcpu, RBX) & 0xffffffff;
    b = readGpr(vcpu, RCX) & 0xffffffff;
    c &= 0xffffffff;
  }
  return number == HYPERCALL_MULTICALL ? multicall(vcpu, a, b) : dispatch(vcpu, number, a, b, c);
}

/** VMMCALL exit: from CPL 0 only. HYPERCALL-*. */
export function exitHypercall(vcpu: u32): void {
  let result: i64 = EPERM;
  if (column.vmcbCpl(vcpu) == 0) {
    const long = isLongMode(vcpu);
    result = call(vcpu, long);
    if (result == RESUME) {
      if (long) keepArguments(vcpu, RDI, RSI);
      else keepArguments(vcpu, RBX, RCX);
      return;
    }
  }
  column.setVmcbRax(vcpu, result as u64);
  skip(vcpu, 3);
}
