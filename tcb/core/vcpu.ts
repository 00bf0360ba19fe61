// vCPU rows: creation, the state in which one starts (PVH entry, or STARTUP), and the areas that a
// guest registers.

import { systemTime } from "./clock";
import * as column from "./columns";
import { VCPUS } from "./limits";
import { resetApic } from "./local_apic";
import { linearBase } from "./machine";
import { mapRoot } from "./p2m";
import { RUNSTATE_OFFLINE, suspend } from "./scheduler";
import { VCPU_FREE, VCPU_OFFLINE } from "./states";
import { updateGroup } from "./timer";

// What exits (APM volume 2, table B-1): interrupts, NMI, SMI, INIT, RDPMC, CPUID, INVD, HLT,
// INVLPGA, ports, MSRs, shutdown; VMRUN and all SVM instructions, WBINVD, MONITOR, MWAIT, XSETBV,
// RDPRU.
const INTERCEPT_1: u32 = 0x9d44800f;
const INTERCEPT_2: u32 = 0x00007e7f;
/** #AC and #MC: an endless delivery must not hold the CPU. */
const INTERCEPT_EXCEPTIONS: u32 = 0x00060002;
/** Virtual interrupts masked by the guest's own flags. */
const INTERRUPT_CONTROL: u64 = 0x01000000;
export const EFER_SVME: u64 = 0x1000;
const PAT_RESET: u64 = 0x0007040600070406;

/** The first free vCPU row at or after `from`, or VCPUS. */
export function freeVcpu(): u32 {
  let row: u32 = 0;
  while (row < VCPUS - 1 && column.vcpuState(row) != VCPU_FREE) row++;
  return row;
}

function setSegments(vcpu: u32, attributes: u32, limit: u32): void {
  column.setVmcbDsAttributes(vcpu, attributes);
  column.setVmcbEsAttributes(vcpu, attributes);
  column.setVmcbSsAttributes(vcpu, attributes);
  column.setVmcbFsAttributes(vcpu, attributes);
  column.setVmcbGsAttributes(vcpu, attributes);
  column.setVmcbDsLimit(vcpu, limit);
  column.setVmcbEsLimit(vcpu, limit);
  column.setVmcbSsLimit(vcpu, limit);
  column.setVmcbFsLimit(vcpu, limit);
  column.setVmcbGsLimit(vcpu, limit);
}

/** All general registers, segments and control registers to zero; the intercepts stay. */
function clearRegisters(vcpu: u32): void {
  memory.fill(column.gprValueBase + (vcpu << 7), 0, 128);
  memory.fill(column.vmcbInterceptCrBase + (vcpu << 12) + 0x400, 0, 0x300);
  column.setVmcbEventInjection(vcpu, 0);
  column.setVmcbInterruptControl(vcpu, INTERRUPT_CONTROL);
  column.setVmcbInterruptState(vcpu, 0);
  column.setVmcbEfer(vcpu, EFER_SVME);
  column.setVmcbRflags(vcpu, 2);
  column.setVmcbDr6(vcpu, 0xffff0ff0);
  column.setVmcbDr7(vcpu, 0x400);
  column.setVmcbPat(vcpu, PAT_RESET);
  column.setVmcbLdtrAttributes(vcpu, 0x82);
  column.setVmcbLdtrLimit(vcpu, 0xffff);
  column.setVmcbTrAttributes(vcpu, 0x8b);
  column.setVmcbTrLimit(vcpu, 0xffff);
  column.setVmcbGdtrLimit(vcpu, 0xffff);
  column.setVmcbIdtrLimit(vcpu, 0xffff);
}

/** x87 and SSE as after FNINIT and reset of MXCSR; debug registers and TSC_AUX zero. */
function clearState(vcpu: u32): void {
  memory.fill(column.stateWordBase + (vcpu << 10), 0, 1024);
  column.setStateWord(vcpu << 7, 0x37f);
  column.setStateWord((vcpu << 7) | 3, 0x1f80);
}

/** A new vCPU of a domain, offline: what starts it gives it registers. VCPU-CREATE. */
export function createVcpu(vcpu: u32, domain: u32, id: u32): void {
  column.setVcpuDomain(vcpu, domain);
  column.setVcpuId(vcpu, id);
  column.setVcpuState(vcpu, VCPU_OFFLINE);
  column.setVcpuRunstate(vcpu, RUNSTATE_OFFLINE);
  column.setVcpuRunstateSince(vcpu, systemTime());
  column.setDomainVcpuRow((domain << 5) | id, vcpu + 1);
  memory.fill(column.vmcbInterceptCrBase + (vcpu << 12), 0, 0x400);
  column.setVmcbIntercept1(vcpu, INTERCEPT_1);
  column.setVmcbIntercept2(vcpu, INTERCEPT_2);
  column.setVmcbInterceptException(vcpu, INTERCEPT_EXCEPTIONS);
  column.setVmcbIopmAddress(
    vcpu,
    linearBase() + (column.iopmWordBase as u64) + ((domain << 14) as u64),
  );
  column.setVmcbMsrpmAddress(vcpu, linearBase() + (column.msrpmWordBase as u64));
  column.setVmcbAsid(vcpu, domain + 1);
  column.setVmcbInterruptControl(vcpu, INTERRUPT_CONTROL);
  column.setVmcbNestedControl(vcpu, 1);
  column.setVmcbNestedCr3(vcpu, mapRoot(domain));
  resetApic(vcpu);
}

/** A vCPU's row becomes free: everything that a later vCPU could inherit is zero. VCPU-FORGET. */
export function forgetVcpu(vcpu: u32): void {
  if (column.cpuStateOwner(0) == vcpu + 1) column.setCpuStateOwner(0, 0);
  if (column.cpuCurrent(0) == vcpu + 1) column.setCpuCurrent(0, 0);
  suspend(vcpu);
  column.setVcpuState(vcpu, VCPU_FREE);
  column.setVcpuDomain(vcpu, 0);
  column.setVcpuId(vcpu, 0);
  column.setVcpuInfo(vcpu, 0);
  column.setVcpuInfoRegistered(vcpu, 0);
  column.setVcpuRunstateArea(vcpu, 0);
  column.setVcpuTimeArea(vcpu, 0);
  column.setVcpuRunstate(vcpu, 0);
  column.setVcpuRunstateSince(vcpu, 0);
  column.setVcpuDeadline(vcpu, 0);
  column.setVcpuPeriod(vcpu, 0);
  column.setVcpuPeriodicNext(vcpu, 0);
  column.setVcpuPollDeadline(vcpu, 0);
  column.setVcpuPolling(vcpu, 0);
  column.setVcpuPollPort(vcpu, 0);
  column.setVcpuNmi(vcpu, 0);
  column.setVcpuAttention(vcpu, 0);
  column.setVcpuAwaitsStartup(vcpu, 0);
  memory.fill(column.vcpuTimeSpentBase + (vcpu << 5), 0, 32);
  memory.fill(column.vcpuVirqPortBase + (vcpu << 6), 0, 64);
  updateGroup(vcpu);
  clearRegisters(vcpu);
  clearState(vcpu);
}

/** The state of a PVH entry (docs/misc/pvh.pandoc): flat 32-bit protected mode. VCPU-PVH. */
export function startPvh(vcpu: u32, entry: u64, startInfo: u64): void {
  clearRegisters(vcpu);
  clearState(vcpu);
  setSegments(vcpu, 0xc93, 0xffffffff);
  column.setVmcbCsAttributes(vcpu, 0xc9b);
  column.setVmcbCsLimit(vcpu, 0xffffffff);
  column.setVmcbCsSelector(vcpu, 8);
  column.setVmcbTrLimit(vcpu, 0x67);
  column.setVmcbCr0(vcpu, 0x11);
  column.setVmcbRip(vcpu, entry);
  column.setGprValue((vcpu << 4) | 3, startInfo);
}

/** The state after a STARTUP interrupt: real mode at page `vector`. VCPU-STARTUP. */
export function startReal(vcpu: u32, vector: u32): void {
  clearRegisters(vcpu);
  clearState(vcpu);
  setSegments(vcpu, 0x93, 0xffff);
  column.setVmcbCsAttributes(vcpu, 0x9b);
  column.setVmcbCsLimit(vcpu, 0xffff);
  column.setVmcbCsSelector(vcpu, vector << 8);
  column.setVmcbCsBase(vcpu, (vector as u64) << 12);
  column.setVmcbCr0(vcpu, 0x10);
}
