// Events on their way to a guest: the pending and mask bits in shared_info, the selector and upcall
// byte in vcpu_info, and the wake-up. Words shared with the guest are changed by atomic operations,
// in Xen's order (xen/common/event_2l.c).

import { SHARED_MASK, SHARED_PENDING, VCPU_INFO_SELECTOR } from "./abi";
import * as column from "./columns";
import { VCPUS_PER_DOMAIN } from "./limits";
import { and64, exchange8, load64, or64 } from "./machine";
import { wake } from "./scheduler";
import { VCPU_FREE } from "./states";

/** Row of a domain's vCPU by its number, or 0xffffffff. */
export function vcpuRow(domain: u32, id: u32): u32 {
  if (id >= VCPUS_PER_DOMAIN) return 0xffffffff;
  return column.domainVcpuRow((domain << 5) | id) - 1;
}

/** Machine address of a domain's shared_info. Every domain that has run has one. */
export function sharedInfo(domain: u32): u64 {
  return ((column.domainSharedInfo(domain) - 1) as u64) << 12;
}

function bitOf(port: u32): u64 {
  return (1 as u64) << ((port & 63) as u64);
}

function wordOf(port: u32): u64 {
  return ((port >> 6) << 3) as u64;
}

/** Marks a port pending and notifies its vCPU. A domain that was never unpaused has no shared_info
 *  and hears nothing. EVENT-RAISE. */
export function raise(domain: u32, port: u32): void {
  if (column.domainSharedInfo(domain) == 0) return;
  const shared = sharedInfo(domain);
  const bit = bitOf(port);
  if ((or64(shared + SHARED_PENDING + wordOf(port), bit) & bit) != 0) return;
  if ((load64(shared + SHARED_MASK + wordOf(port)) & bit) != 0) {
    wakePoller(domain, port);
    return;
  }
  notify(domain, port);
}

/** Sets the selector bit and the upcall byte of the port's vCPU, and wakes it. */
function notify(domain: u32, port: u32): void {
  const vcpu = vcpuRow(domain, column.portVcpu((domain << 12) | port));
  if (vcpu == 0xffffffff || column.vcpuState(vcpu) == VCPU_FREE) return;
  const info = column.vcpuInfo(vcpu);
  const bit = (1 as u64) << ((port >> 6) as u64);
  if ((or64(info + VCPU_INFO_SELECTOR, bit) & bit) == 0) exchange8(info, 1);
  wake(vcpu);
}

/** A masked event wakes nobody but the vCPU that polls for it. */
function wakePoller(domain: u32, port: u32): void {
  const vcpu = vcpuRow(domain, column.portVcpu((domain << 12) | port));
  if (vcpu != 0xffffffff && column.vcpuPolling(vcpu) != 0) wake(vcpu);
}

/** Clears a port's mask bit and delivers what waited behind it. EVENT-UNMASK. */
export function unmask(domain: u32, port: u32): void {
  const shared = sharedInfo(domain);
  const bit = bitOf(port);
  const old = and64(shared + SHARED_MASK + wordOf(port), ~bit);
  if ((old & bit) == 0) return;
  if ((load64(shared + SHARED_PENDING + wordOf(port)) & bit) != 0) notify(domain, port);
}

/** Forgets a port's pending bit, when the port is closed. */
export function forget(domain: u32, port: u32): void {
  if (column.domainSharedInfo(domain) == 0) return;
  and64(sharedInfo(domain) + SHARED_PENDING + wordOf(port), ~bitOf(port));
}

/** Is a port's pending bit set? */
export function isPending(domain: u32, port: u32): bool {
  return (load64(sharedInfo(domain) + SHARED_PENDING + wordOf(port)) & bitOf(port)) != 0;
}
