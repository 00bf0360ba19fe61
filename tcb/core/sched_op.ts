// HYPERVISOR_sched_op: yield, block, poll, shutdown.

import { EFAULT, EINVAL, ENOSYS, EPERM, SHUTDOWN_CRASH } from "./abi";
import { maySchedule, mayShutdownSelf } from "./access";
import * as column from "./columns";
import { shutdownDomain } from "./domain";
import { isPending } from "./event";
import { argument32, argument64, openArgument } from "./guest";
import { deliverable } from "./inject";
import { PORTS } from "./limits";
import { stop, yieldSlice } from "./scheduler";
import { VCPU_BLOCKED } from "./states";
import { updateGroup } from "./timer";

const YIELD: u64 = 0;
const BLOCK: u64 = 1;
const SHUTDOWN: u64 = 2;
const POLL: u64 = 3;
/** Ports that one poll may wait for; more are refused by name in docs/abi.md. */
const POLL_MAX: u32 = 1;

/** { u64 ports; u32 count; u64 deadline }: waits until a port is pending or the deadline passes.
 *  A return without either is allowed, as in Xen. SCHED-POLL-*. */
function poll(vcpu: u32): i64 {
  const ports = argument64(0);
  const count = argument32(8);
  const deadline = argument64(16);
  if (count > 128) return EINVAL;
  if (count > POLL_MAX || deliverable(vcpu)) return 0;
  const domain = column.vcpuDomain(vcpu);
  if (count == 1) {
    if (!openArgument(vcpu, ports, 4, false)) return EFAULT;
    const port = argument32(0);
    if (port >= PORTS) return EINVAL;
    if (isPending(domain, port)) return 0;
    column.setVcpuPollPort(vcpu, port);
  }
  column.setVcpuPolling(vcpu, count);
  column.setVcpuPollDeadline(vcpu, deadline);
  updateGroup(vcpu);
  stop(vcpu, VCPU_BLOCKED);
  return 0;
}

/** HYPERVISOR_sched_op(operation, address). SCHED-*. */
export function schedOp(vcpu: u32, operation: u64, address: u64): i64 {
  const domain = column.vcpuDomain(vcpu);
  const label = column.domainLabel(domain);
  const self = column.domainSelfLabel(domain);
  if (operation == SHUTDOWN) {
    if (!mayShutdownSelf(label, self)) return EPERM;
    if (!openArgument(vcpu, address, 4, false)) return EFAULT;
    shutdownDomain(domain, min<u32>(argument32(0), SHUTDOWN_CRASH + 2));
    return 0;
  }
  if (!maySchedule(label, self)) return EPERM;
  if (operation == YIELD) {
    yieldSlice();
    return 0;
  }
  if (operation == BLOCK) {
    if (!deliverable(vcpu)) stop(vcpu, VCPU_BLOCKED);
    return 0;
  }
  if (operation != POLL) return ENOSYS;
  if (!openArgument(vcpu, address, 24, false)) return EFAULT;
  return poll(vcpu);
}
