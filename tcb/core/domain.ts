// Domains: creation, run and stop. What a stopped domain holds stays its own until it is destroyed.

import { SHUTDOWN_CRASH } from "./abi";
import { systemTime } from "./clock";
import * as column from "./columns";
import { flushLine, putName } from "./console";
import { vcpuRow } from "./event";
import { DOMAINS, EXIT_KINDS, VCPUS_PER_DOMAIN } from "./limits";
import { halt } from "./machine";
import { enterRunstate, RUNSTATE_OFFLINE, resume, suspend } from "./scheduler";
import { DOMAIN_PAUSED, DOMAIN_RUNNING, DOMAIN_SHUTDOWN, NONE } from "./states";
import { emitLine, putDecimal, putHex, putText } from "./text";

/** A domain and a reason, on the console. */
function announce(domain: u32, text: string): u32 {
  let at = putDecimal(putText(0, "xenolith: domain "), domain as u64);
  at = putName(putText(at, " "), domain);
  return putText(at, text);
}

/** Takes all vCPUs of a domain out of the choice, or puts the runnable ones into it. */
function suspendAll(domain: u32): void {
  for (let id: u32 = 0; id < VCPUS_PER_DOMAIN; id++) {
    const vcpu = vcpuRow(domain, id);
    if (vcpu != NONE) suspend(vcpu);
  }
}

function resumeAll(domain: u32): void {
  for (let id: u32 = 0; id < VCPUS_PER_DOMAIN; id++) {
    const vcpu = vcpuRow(domain, id);
    if (vcpu != NONE) resume(vcpu);
  }
}

/** A built or paused domain runs (again). DOMAIN-UNPAUSE. */
export function unpauseDomain(domain: u32): void {
  column.setDomainState(domain, DOMAIN_RUNNING);
  resumeAll(domain);
}

/** DOMAIN-PAUSE. */
export function pauseDomain(domain: u32): void {
  column.setDomainState(domain, DOMAIN_PAUSED);
  suspendAll(domain);
}

/** A domain stops for good, by its own wish or because it cannot go on. DOMAIN-SHUTDOWN. */
export function shutdownDomain(domain: u32, reason: u32): void {
  if (column.domainLineLength(domain) != 0) flushLine(domain);
  column.setDomainState(domain, DOMAIN_SHUTDOWN);
  column.setDomainReason(domain, reason);
  suspendAll(domain);
  emitLine(putDecimal(announce(domain, " shut down, reason "), reason as u64));
}

/** A domain did what it cannot recover from. The line names what, and where. DOMAIN-CRASH. */
export function crashDomain(vcpu: u32, text: string, detail: u64): void {
  const domain = column.vcpuDomain(vcpu);
  let at = announce(domain, " crashed: ");
  at = putHex(putText(putText(at, text), " "), detail);
  at = putDecimal(putText(at, " vcpu "), column.vcpuId(vcpu) as u64);
  at = putHex(putText(at, " rip "), column.vmcbRip(vcpu));
  at = putHex(putText(at, " rsp "), column.vmcbRsp(vcpu));
  at = putHex(putText(at, " cr0 "), column.vmcbCr0(vcpu));
  at = putHex(putText(at, " cr3 "), column.vmcbCr3(vcpu));
  at = putHex(putText(at, " cr4 "), column.vmcbCr4(vcpu));
  at = putHex(putText(at, " efer "), column.vmcbEfer(vcpu));
  at = putHex(putText(at, " rflags "), column.vmcbRflags(vcpu));
  emitLine(at);
  shutdownDomain(domain, SHUTDOWN_CRASH);
}

/** VMRUN refused a vCPU's state. The VMCB may then hold the host's registers (QEMU leaves them
 *  there): none is printed. */
export function crashInvalid(vcpu: u32): void {
  const domain = column.vcpuDomain(vcpu);
  const at = announce(domain, " crashed: invalid state, vcpu ");
  emitLine(putDecimal(at, column.vcpuId(vcpu) as u64));
  shutdownDomain(domain, SHUTDOWN_CRASH);
}

// ---- the end ------------------------------------------------------------------------------------

function putExitName(place: u32, kind: u32): u32 {
  if (kind == 0) return putText(place, " exit.interrupt=");
  if (kind == 1) return putText(place, " exit.window=");
  if (kind == 2) return putText(place, " exit.cpuid=");
  if (kind == 3) return putText(place, " exit.halt=");
  if (kind == 4) return putText(place, " exit.io=");
  if (kind == 5) return putText(place, " exit.msr=");
  if (kind == 6) return putText(place, " exit.hypercall=");
  if (kind == 7) return putText(place, " exit.npf=");
  if (kind == 8) return putText(place, " exit.shutdown=");
  if (kind == 9) return putText(place, " exit.cache=");
  if (kind == 10) return putText(place, " exit.exception=");
  return putText(place, " exit.other=");
}

/** What a domain did, in one line of key=value. */
function report(domain: u32): void {
  let at = announce(domain, " state=");
  at = putDecimal(at, column.domainState(domain) as u64);
  at = putDecimal(putText(at, " reason="), column.domainReason(domain) as u64);
  at = putDecimal(putText(at, " vcpus="), column.domainVcpus(domain) as u64);
  at = putDecimal(putText(at, " frames="), column.domainFrames(domain) as u64);
  let spent: u64 = 0;
  for (let id: u32 = 0; id < VCPUS_PER_DOMAIN; id++) {
    const vcpu = vcpuRow(domain, id);
    if (vcpu == NONE) continue;
    enterRunstate(vcpu, RUNSTATE_OFFLINE, systemTime());
    spent += column.vcpuTimeSpent(vcpu << 2);
  }
  at = putDecimal(putText(at, " ns="), spent);
  at = putDecimal(putText(at, " hypercalls="), column.domainExitCount((domain << 4) | 6));
  at = putDecimal(putText(at, " denials="), column.domainDenials(domain));
  for (let kind: u32 = 0; kind < EXIT_KINDS; kind++) {
    const count = column.domainExitCount((domain << 4) | kind);
    if (count != 0) at = putDecimal(putExitName(at, kind), count);
  }
  emitLine(at);
}

/** Stops the machine when no domain for whose sake it stays on can ever run again. DOMAIN-END. */
export function haltWhenDone(): void {
  let crashed: u32 = 0;
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    const state = column.domainState(domain);
    if (state == DOMAIN_SHUTDOWN && column.domainReason(domain) == SHUTDOWN_CRASH) crashed = 1;
    if (column.domainBackground(domain) != 0) continue;
    if (state == DOMAIN_RUNNING || state == DOMAIN_PAUSED) return;
  }
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    if (column.domainState(domain) != 0) report(domain);
  }
  halt(crashed);
}
