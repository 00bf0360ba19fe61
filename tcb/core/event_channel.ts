// Event channels: the 2-level ABI. A port is a row; both ends of a channel name each other. Each
// operation is decode, check, commit; the clauses are in spec/event_channel.ts.

import {
  DOMID_SELF,
  EEXIST,
  EFAULT,
  EINVAL,
  ENOENT,
  ENOSPC,
  ENOSYS,
  EPERM,
  EVTCHN_ALLOC_UNBOUND,
  EVTCHN_BIND_INTERDOMAIN,
  EVTCHN_BIND_IPI,
  EVTCHN_BIND_VCPU,
  EVTCHN_BIND_VIRQ,
  EVTCHN_CLOSE,
  EVTCHN_RESET,
  EVTCHN_SEND,
  EVTCHN_STATUS,
  EVTCHN_UNMASK,
  PORT_CLOSED,
  PORT_CONSOLE,
  PORT_INTERDOMAIN,
  PORT_IPI,
  PORT_UNBOUND,
  PORT_VIRQ,
  VIRQ_DEBUG,
} from "./abi";
import {
  mayEventBind,
  mayEventCreate,
  mayEventReset,
  mayEventSend,
  mayEventStatus,
  mayPort,
} from "./access";
import * as column from "./columns";
import { drainConsole } from "./console";
import { forget, raise, unmask, vcpuRow } from "./event";
import { argument32, locate, openArgument, setArgument32, setArgument64 } from "./guest";
import { DOMAINS, PORTS, VIRQS } from "./limits";
import { load32 } from "./machine";
import { resumeWith } from "./resume";
import { DOMAIN_DYING, DOMAIN_FREE, NONE, NOWHERE } from "./states";
import { labelChannel, labelTarget } from "./xsm";

/** Row of a port. Both numbers are in range. */
function row(domain: u32, port: u32): u32 {
  return (domain << 12) | port;
}

// ---- the ports in use ---------------------------------------------------------------------------

/** The lowest port that is not in use, or NONE. EVTCHN-FREE. */
export function firstPort(domain: u32): u32 {
  const full = column.portFullWord(domain);
  if (full == NOWHERE) return NONE;
  const word = (ctz(~full) as u32) & 63;
  const used = column.portUsedWord((domain << 6) | word);
  return (word << 6) | ((ctz(~used) as u32) & 63);
}

/** Takes the port that firstPort named into use. */
export function usePort(domain: u32, port: u32): void {
  const word = (domain << 6) | (port >> 6);
  const used = column.portUsedWord(word) | ((1 as u64) << ((port & 63) as u64));
  column.setPortUsedWord(word, used);
  if (used != NOWHERE) return;
  const bit = (1 as u64) << ((port >> 6) as u64);
  column.setPortFullWord(domain, column.portFullWord(domain) | bit);
}

function releasePort(domain: u32, port: u32): void {
  const word = (domain << 6) | (port >> 6);
  const bit = (1 as u64) << ((port & 63) as u64);
  column.setPortUsedWord(word, column.portUsedWord(word) & ~bit);
  const full = (1 as u64) << ((port >> 6) as u64);
  column.setPortFullWord(domain, column.portFullWord(domain) & ~full);
}

/** Writes all columns of a port. */
export function setPort(
  domain: u32,
  port: u32,
  state: u32,
  peerDomain: u32,
  peerPort: u32,
  vcpu: u32,
  virq: u32,
  label: u32,
): void {
  const at = row(domain, port);
  column.setPortState(at, state);
  column.setPortPeerDomain(at, peerDomain);
  column.setPortPeerPort(at, peerPort);
  column.setPortVcpu(at, vcpu);
  column.setPortVirq(at, virq);
  column.setPortLabel(at, label);
}

/** Is `domain` a domain that calls may name? */
function domainLives(domain: u32): bool {
  if (domain >= DOMAINS) return false;
  const state = column.domainState(domain);
  return state != DOMAIN_FREE && state != DOMAIN_DYING;
}

// ---- operations ---------------------------------------------------------------------------------

/** Label of the channel that `domain` opens towards `remote`, or NONE: it may not. EVTCHN-OPEN-*. */
function openChannel(domain: u32, remote: u32): u32 {
  if (!domainLives(remote)) return NONE;
  const source = column.domainLabel(domain);
  const target = labelTarget(domain, remote);
  const label = labelChannel(source, target);
  return mayEventCreate(source, label) && mayEventBind(label, target) ? label : NONE;
}

/** A new port of `domain` that waits for `remote`; negative: why there is none. EVTCHN-OFFER-*. */
export function offerPort(domain: u32, remote: u32): i64 {
  const label = openChannel(domain, remote);
  if (label == NONE) return EPERM;
  const port = firstPort(domain);
  if (port == NONE) return ENOSPC;
  usePort(domain, port);
  setPort(domain, port, PORT_UNBOUND, remote, 0, 0, 0, label);
  return port as i64;
}

/** EVTCHNOP_alloc_unbound { u16 dom; u16 remote_dom; u32 port }. EVTCHN-ALLOC-*. */
function allocUnbound(domain: u32): i64 {
  const named = argument32(0);
  const self = named & 0xffff;
  if (self != DOMID_SELF && self != domain) return EPERM;
  const wanted = named >> 16;
  const port = offerPort(domain, wanted == DOMID_SELF ? domain : wanted);
  if (port < 0) return port;
  setArgument32(4, port as u32);
  return 0;
}

/** EVTCHNOP_bind_interdomain { u16 remote_dom; u32 remote_port; u32 local_port }. EVTCHN-BIND-*.
 *  Permission, existence and offer are one refusal: the errno tells nothing of another's ports. */
function bindInterdomain(domain: u32): i64 {
  const wanted = argument32(0) & 0xffff;
  const remotePort = argument32(4);
  const remote = wanted == DOMID_SELF ? domain : wanted;
  const label = openChannel(domain, remote);
  if (label == NONE) return EPERM;
  if (remotePort >= PORTS) return EPERM;
  const other = row(remote, remotePort);
  if (column.portState(other) != PORT_UNBOUND) return EPERM;
  if (column.portPeerDomain(other) != domain) return EPERM;
  if (!mayEventBind(column.portLabel(other), labelTarget(remote, domain))) return EPERM;
  const port = firstPort(domain);
  if (port == NONE) return ENOSPC;
  usePort(domain, port);
  setPort(domain, port, PORT_INTERDOMAIN, remote, remotePort, 0, 0, label);
  column.setPortState(other, PORT_INTERDOMAIN);
  column.setPortPeerPort(other, port);
  setArgument32(8, port);
  raise(domain, port);
  return 0;
}

/** EVTCHNOP_bind_virq { u32 virq; u32 vcpu; u32 port }. EVTCHN-VIRQ-*. */
function bindVirq(domain: u32): i64 {
  const virq = argument32(0);
  const id = argument32(4);
  if (virq >= VIRQS) return EINVAL;
  const vcpu = vcpuRow(domain, id);
  if (vcpu == NONE) return ENOENT;
  if (virq > VIRQ_DEBUG && id != 0) return EINVAL;
  const binding = (vcpu << 5) | virq;
  if (column.vcpuVirqPort(binding) != 0) return EEXIST;
  const port = firstPort(domain);
  if (port == NONE) return ENOSPC;
  usePort(domain, port);
  setPort(domain, port, PORT_VIRQ, 0, 0, id, virq, column.domainSelfLabel(domain));
  column.setVcpuVirqPort(binding, port);
  setArgument32(8, port);
  return 0;
}

/** EVTCHNOP_bind_ipi { u32 vcpu; u32 port }. EVTCHN-IPI-*. */
function bindIpi(domain: u32): i64 {
  const id = argument32(0);
  if (vcpuRow(domain, id) == NONE) return ENOENT;
  const port = firstPort(domain);
  if (port == NONE) return ENOSPC;
  usePort(domain, port);
  setPort(domain, port, PORT_IPI, 0, 0, id, 0, column.domainSelfLabel(domain));
  setArgument32(4, port);
  return 0;
}

/** EVTCHNOP_send { u32 port }: the everyday one, which reads its only word where it lies. Between
 *  domains the channel's label is asked about, otherwise the domain's own. EVTCHN-SEND-*. */
function send(vcpu: u32, address: u64): i64 {
  const domain = column.vcpuDomain(vcpu);
  const place = (address & 3) != 0 ? NOWHERE : locate(vcpu, address, false);
  if (place == NOWHERE) return EFAULT;
  const port = load32(place);
  if (port >= PORTS) return EINVAL;
  const at = row(domain, port);
  const state = column.portState(at);
  if (state == PORT_INTERDOMAIN) {
    if (!mayEventSend(column.domainLabel(domain), column.portLabel(at))) return EPERM;
    raise(column.portPeerDomain(at), column.portPeerPort(at));
    return 0;
  }
  if (!mayPort(column.domainLabel(domain), column.domainSelfLabel(domain))) return EPERM;
  if (state == PORT_CONSOLE) {
    drainConsole(domain);
    return 0;
  }
  if (state == PORT_IPI) {
    raise(domain, port);
    return 0;
  }
  return state == PORT_UNBOUND ? 0 : EINVAL;
}

/** EVTCHNOP_status { u16 dom; u32 port; u32 status; u32 vcpu; u64 u }. EVTCHN-STATUS-*. */
function status(domain: u32): i64 {
  const named = argument32(0) & 0xffff;
  const port = argument32(4);
  if (named != DOMID_SELF && named != domain) return EPERM;
  if (port >= PORTS) return EINVAL;
  const at = row(domain, port);
  if (!mayEventStatus(column.domainLabel(domain), column.portLabel(at))) return EPERM;
  const state = column.portState(at);
  let detail: u64 = 0;
  if (state == PORT_UNBOUND) detail = column.portPeerDomain(at) as u64;
  if (state == PORT_VIRQ) detail = column.portVirq(at) as u64;
  if (state == PORT_INTERDOMAIN) {
    detail = (column.portPeerDomain(at) as u64) | ((column.portPeerPort(at) as u64) << 32);
  }
  setArgument32(8, state == PORT_CONSOLE ? PORT_INTERDOMAIN : state);
  setArgument32(12, column.portVcpu(at));
  setArgument64(16, detail);
  return 0;
}

/** The lowest port in use among the 64 of a word, but for port 0 and `kept`; NONE: there is none. */
function lowestOpen(domain: u32, word: u32, kept: u32): u32 {
  let open = column.portUsedWord((domain << 6) | word);
  if (word == 0) open &= ~(1 as u64);
  if (word == kept >> 6) open &= ~((1 as u64) << ((kept & 63) as u64));
  return open == 0 ? NONE : (word << 6) | (ctz(open) as u32);
}

/** Closes the lowest port in use of a word of a dying domain, its console's as well; false: none.
 *  TEARDOWN-PORTS. */
export function closeLowest(domain: u32, word: u32): bool {
  const port = lowestOpen(domain, word, 0);
  if (port == NONE) return false;
  if (column.portState(row(domain, port)) == PORT_CONSOLE) {
    setPort(domain, port, PORT_UNBOUND, 0, 0, 0, 0, 0);
  }
  closePort(domain, port);
  return true;
}

/** Closes a port of a domain; the other end of a channel becomes unbound again. EVTCHN-CLOSE-*. */
export function closePort(domain: u32, port: u32): i64 {
  const at = row(domain, port);
  const state = column.portState(at);
  if (state == PORT_CLOSED || state == PORT_CONSOLE) return EINVAL;
  if (state == PORT_VIRQ) {
    const virq = column.portVirq(at);
    // A global interrupt stays vCPU 0's, wherever its port was moved to.
    const vcpu = vcpuRow(domain, virq > VIRQ_DEBUG ? 0 : column.portVcpu(at));
    column.setVcpuVirqPort((vcpu << 5) | virq, 0);
  }
  if (state == PORT_INTERDOMAIN) {
    const other = row(column.portPeerDomain(at), column.portPeerPort(at));
    column.setPortState(other, PORT_UNBOUND);
    column.setPortPeerDomain(other, domain);
    column.setPortPeerPort(other, 0);
  }
  setPort(domain, port, PORT_CLOSED, 0, 0, 0, 0, 0);
  releasePort(domain, port);
  forget(domain, port);
  return 0;
}

function close(domain: u32): i64 {
  const port = argument32(0);
  if (port >= PORTS) return EINVAL;
  return closePort(domain, port);
}

/** EVTCHNOP_bind_vcpu { u32 port; u32 vcpu }. EVTCHN-VCPU-*. */
function bindVcpu(domain: u32): i64 {
  const port = argument32(0);
  const id = argument32(4);
  if (port >= PORTS) return EINVAL;
  if (vcpuRow(domain, id) == NONE) return ENOENT;
  const at = row(domain, port);
  const state = column.portState(at);
  const movable =
    state == PORT_UNBOUND ||
    state == PORT_INTERDOMAIN ||
    state == PORT_CONSOLE ||
    (state == PORT_VIRQ && column.portVirq(at) > VIRQ_DEBUG);
  if (!movable) return EINVAL;
  column.setPortVcpu(at, id);
  return 0;
}

/** EVTCHNOP_reset { u16 dom }: closes every port but the console's; one port a step, and the word
 *  of ports that comes next is kept. EVTCHN-RESET-*. */
function reset(domain: u32, address: u64): i64 {
  const named = argument32(0) & 0xffff;
  if (named != DOMID_SELF && named != domain) return EPERM;
  if (!mayEventReset(column.domainLabel(domain), column.domainSelfLabel(domain))) return EPERM;
  const word = column.domainResetWord(domain);
  const port = lowestOpen(domain, word, column.domainConsolePort(domain));
  if (port != NONE) {
    closePort(domain, port);
    return resumeWith(EVTCHN_RESET, address, 0);
  }
  const next = word + 1;
  column.setDomainResetWord(domain, next & 63);
  return next == 64 ? 0 : resumeWith(EVTCHN_RESET, address, 0);
}

function unmaskPort(domain: u32): i64 {
  const port = argument32(0);
  if (port >= PORTS) return EINVAL;
  if (column.portState(row(domain, port)) == PORT_CLOSED) return EINVAL;
  unmask(domain, port);
  return 0;
}

/** Bytes of each operation's argument structure; 0 where there is no such operation. */
function argumentBytes(operation: u64): u32 {
  if (operation == EVTCHN_UNMASK || operation == EVTCHN_CLOSE) return 4;
  if (operation == EVTCHN_ALLOC_UNBOUND || operation == EVTCHN_BIND_IPI) return 8;
  if (operation == EVTCHN_BIND_VCPU) return 8;
  if (operation == EVTCHN_BIND_INTERDOMAIN || operation == EVTCHN_BIND_VIRQ) return 12;
  if (operation == EVTCHN_RESET) return 4;
  if (operation == EVTCHN_STATUS) return 24;
  return 0;
}

/** The operations whose argument is a structure of its own. */
function structuredOp(vcpu: u32, operation: u64, address: u64): i64 {
  const bytes = argumentBytes(operation);
  const domain = column.vcpuDomain(vcpu);
  if (!mayPort(column.domainLabel(domain), column.domainSelfLabel(domain))) return EPERM;
  if (bytes == 0) return ENOSYS;
  if (!openArgument(vcpu, address, bytes, true)) return EFAULT;
  if (operation == EVTCHN_UNMASK) return unmaskPort(domain);
  if (operation == EVTCHN_CLOSE) return close(domain);
  if (operation == EVTCHN_ALLOC_UNBOUND) return allocUnbound(domain);
  if (operation == EVTCHN_BIND_INTERDOMAIN) return bindInterdomain(domain);
  if (operation == EVTCHN_BIND_VIRQ) return bindVirq(domain);
  if (operation == EVTCHN_BIND_IPI) return bindIpi(domain);
  if (operation == EVTCHN_BIND_VCPU) return bindVcpu(domain);
  if (operation == EVTCHN_RESET) return reset(domain, address);
  return status(domain);
}

/** HYPERVISOR_event_channel_op(operation, argument). */
export function eventChannelOp(vcpu: u32, operation: u64, address: u64): i64 {
  return operation == EVTCHN_SEND ? send(vcpu, address) : structuredOp(vcpu, operation, address);
}
