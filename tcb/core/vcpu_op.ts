// HYPERVISOR_vcpu_op: where a vCPU's vcpu_info, runstate and time lie, and its timers.

import {
  EBUSY,
  EFAULT,
  EINVAL,
  ENOENT,
  ENOSYS,
  ENXIO,
  EPERM,
  ETIME,
  VCPU_INFO_BYTES,
  VCPU_INFO_SELECTOR,
  VCPU_INFO_TIME,
} from "./abi";
import { mayArea, mayTimer } from "./access";
import { systemTime } from "./clock";
import * as column from "./columns";
import { vcpuRow } from "./event";
import { addReference, frameCountable } from "./frame";
import { argument32, argument64, openArgument, walk } from "./guest";
import { exchange8, load64, or64, store32, store64 } from "./machine";
import { entryOf, frameOf, gfnExists, translate } from "./p2m";
import { wake } from "./scheduler";
import { ENTRY_FOREIGN, ENTRY_PRESENT, NONE, NOWHERE } from "./states";
import { updateGroup } from "./timer";

const IS_UP: u64 = 3;
const REGISTER_RUNSTATE: u64 = 5;
const SET_PERIODIC: u64 = 6;
const SET_SINGLE: u64 = 8;
const STOP_SINGLE: u64 = 9;
const REGISTER_INFO: u64 = 10;
const REGISTER_TIME: u64 = 13;

/** Refuse a deadline that has passed instead of firing at once. */
const ONLY_FUTURE: u32 = 1;
/** Least period of a periodic timer, as in Xen. */
const PERIOD_MIN: u64 = 1000000;

/** Writes the pvclock parameters at a machine address: the version is odd while they change. */
export function writeTime(address: u64): void {
  store32(address, 1);
  store32(address + 4, 0);
  store64(address + 8, column.clockBootTicks());
  store64(address + 16, 0);
  store32(address + 24, column.clockMultiplier());
  store32(address + 28, column.clockShift());
  store32(address, 2);
}

/** { u64 gfn; u32 offset; u32 reserved }: moves a vCPU's vcpu_info, once. The frame is pinned.
 *  VCPU-INFO-*. */
function registerInfo(vcpu: u32, target: u32): i64 {
  const domain = column.vcpuDomain(vcpu);
  const gfn = argument64(0);
  const offset = argument32(8);
  if (column.vcpuInfoRegistered(target) != 0) return EINVAL;
  if ((offset & 7) != 0 || offset > 4096 - (VCPU_INFO_BYTES as u32)) return ENXIO;
  if (!gfnExists(gfn)) return EINVAL;
  const entry = entryOf(domain, gfn as u32);
  if ((entry & ENTRY_PRESENT) == 0 || (entry & ENTRY_FOREIGN) != 0) return EINVAL;
  const frame = frameOf(entry);
  if (!frameCountable(frame)) return EBUSY;
  const place = ((frame as u64) << 12) | (offset as u64);
  const old = column.vcpuInfo(target);
  for (let index: u64 = 0; index < VCPU_INFO_BYTES; index += 8) {
    store64(place + index, load64(old + index));
  }
  writeTime(place + VCPU_INFO_TIME);
  column.setVcpuInfo(target, place);
  column.setVcpuInfoRegistered(target, 1);
  addReference(frame);
  // Whatever was pending may have been noted in the old place: look at everything again.
  or64(place + VCPU_INFO_SELECTOR, NOWHERE);
  exchange8(place, 1);
  wake(target);
  return 0;
}

/** { u64 linear address }: kept as the guest-physical address that it has now. */
function registeredArea(vcpu: u32): u64 {
  const linear = argument64(0);
  const physical = walk(vcpu, column.vcpuDomain(vcpu), linear, true);
  if (physical == NOWHERE || (linear & 7) != 0) return NOWHERE;
  return physical;
}

function registerRunstate(vcpu: u32, target: u32): i64 {
  const area = registeredArea(vcpu);
  if (area == NOWHERE) return EFAULT;
  column.setVcpuRunstateArea(target, area + 1);
  writeRunstate(target);
  return 0;
}

/** Shows a vCPU's runstate where the guest asked for it: { u32 state; u64 since; u64 spent[4] }. */
export function writeRunstate(vcpu: u32): void {
  const area = column.vcpuRunstateArea(vcpu) - 1;
  if (area == NOWHERE || (area & 0xfff) > 4096 - 48) return;
  const address = translate(column.vcpuDomain(vcpu), area, true);
  if (address == NOWHERE) return;
  store32(address, column.vcpuRunstate(vcpu));
  store64(address + 8, column.vcpuRunstateSince(vcpu));
  for (let account: u32 = 0; account < 4; account++) {
    const spent = column.vcpuTimeSpent((vcpu << 2) | account);
    store64(address + 16 + ((account << 3) as u64), spent);
  }
}

function registerTime(vcpu: u32, target: u32): i64 {
  const area = registeredArea(vcpu);
  if (area == NOWHERE || (area & 0xfff) > 4096 - 32) return EFAULT;
  const address = translate(column.vcpuDomain(vcpu), area, true);
  if (address == NOWHERE) return EFAULT;
  column.setVcpuTimeArea(target, area + 1);
  writeTime(address);
  return 0;
}

/** { u64 deadline; u32 flags }: system time in ns; a deadline that has passed fires at once. */
function setSingle(vcpu: u32): i64 {
  const deadline = argument64(0);
  const flags = argument32(8);
  if ((flags & ONLY_FUTURE) != 0 && deadline < systemTime()) return ETIME;
  column.setVcpuDeadline(vcpu, max<u64>(deadline, 1));
  updateGroup(vcpu);
  return 0;
}

/** { u64 period }. */
function setPeriodic(vcpu: u32): i64 {
  const period = argument64(0);
  if (period < PERIOD_MIN || period > 0x3fffffffffffffff) return EINVAL;
  column.setVcpuPeriod(vcpu, period);
  column.setVcpuPeriodicNext(vcpu, systemTime() + period);
  updateGroup(vcpu);
  return 0;
}

function argumentBytes(operation: u64): u32 {
  if (operation == REGISTER_INFO || operation == SET_SINGLE) return 16;
  if (operation == REGISTER_RUNSTATE || operation == REGISTER_TIME) return 8;
  return operation == SET_PERIODIC ? 8 : 0;
}

/** The timer operations act on the calling vCPU alone. VCPU-TIMER-*. */
function timerOp(vcpu: u32, operation: u64): i64 {
  if (operation == SET_SINGLE) return setSingle(vcpu);
  if (operation == SET_PERIODIC) return setPeriodic(vcpu);
  if (operation == STOP_SINGLE) column.setVcpuDeadline(vcpu, 0);
  else column.setVcpuPeriodicNext(vcpu, 0);
  updateGroup(vcpu);
  return 0;
}

/** HYPERVISOR_vcpu_op(operation, vCPU number, address). VCPU-*. */
export function vcpuOp(vcpu: u32, operation: u64, id: u64, address: u64): i64 {
  const domain = column.vcpuDomain(vcpu);
  const label = column.domainLabel(domain);
  const self = column.domainSelfLabel(domain);
  const isTimer = operation >= SET_PERIODIC && operation <= STOP_SINGLE;
  if (isTimer ? !mayTimer(label, self) : !mayArea(label, self)) return EPERM;
  const target = id < 32 ? vcpuRow(domain, id as u32) : NONE;
  if (target == NONE) return ENOENT;
  const bytes = argumentBytes(operation);
  if (bytes != 0 && !openArgument(vcpu, address, bytes, false)) return EFAULT;
  if (isTimer) return target == vcpu ? timerOp(vcpu, operation) : EINVAL;
  if (operation == REGISTER_INFO) return registerInfo(vcpu, target);
  if (operation == REGISTER_RUNSTATE) return registerRunstate(vcpu, target);
  if (operation == REGISTER_TIME) return registerTime(vcpu, target);
  return operation == IS_UP ? (column.vcpuAwaitsStartup(target) == 0 ? 1 : 0) : ENOSYS;
}
