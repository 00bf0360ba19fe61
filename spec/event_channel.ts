// Event channels: HYPERVISOR_event_channel_op (xen/include/public/event_channel.h), the 2-level
// ABI. A port is a row of its domain; both ends of a channel name each other. An error code never
// tells whether a port or domain of another exists: permission, existence and offer are one
// refusal.

import { DOMAINS, PORTS } from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { drainConsole } from "./console.ts";
import { forget, raise, unmask, vcpuOf } from "./event.ts";
import { type Argument, argument32, locate, openArgument, reply32, reply64 } from "./guest.ts";
import type { Found, Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { allocate, setPort } from "./port.ts";
import { resumeWith } from "./resume.ts";
import { DOMAIN_DYING, DOMAIN_FREE } from "./states.ts";
import * as xsm from "./xsm.ts";

/** Who calls, and where its argument structure lies. */
interface Call {
  readonly domain: Word;
  /** Linear address of the argument structure. */
  readonly address: Word;
  readonly argument: Argument;
}

/** A field of 16 bits at an even offset that is a multiple of 4. */
const field16 = (word: Word): Word => word.and(0xffff);

/** The domain that a field names, with DOMID_SELF for the caller. */
function named(domain: Word, field: Word): Word {
  return field.eq(abi.DOMID_SELF).choose(domain, field);
}

/** Goes on only if the caller names a live domain with which it may open a channel. Gives the label
 *  of that channel. */
function openChannel(s: Transaction, domain: Word, remote: Word): Word {
  s.clause("EVTCHN-OPEN-1", "The other domain exists and is not being destroyed.");
  s.require(remote.lt(DOMAINS), abi.EPERM);
  const state = s.row("domain", remote).state;
  s.require(state.isAmong(DOMAIN_FREE, DOMAIN_DYING).not(), abi.EPERM);
  s.clause(
    "EVTCHN-OPEN-2",
    "The policy lets the caller create a channel with the label that it gives to channels between " +
      "the two, and the other domain be bound to it.",
  );
  const mine = s.row("domain", domain).label;
  const theirs = xsm.labelTarget(s, domain, remote);
  const label = xsm.labelChannel(s, mine, theirs);
  xsm.authorise(s, mine, label, xsm.EVENT_CREATE);
  xsm.authorise(s, label, theirs, xsm.EVENT_BIND);
  return label;
}

/** A new port of a domain that waits for another. */
export function offerPort(s: Transaction, domain: Word, remote: Word): Word {
  const label = openChannel(s, domain, remote);
  const port = allocate(s, domain);
  s.clause("EVTCHN-OFFER-1", "The port is unbound and waits for the other domain.");
  setPort(s, domain, port, { state: abi.EVTCHNSTAT_unbound, peerDomain: remote, label });
  return port;
}

/** { u16 dom; u16 remote_dom; u32 port }: offers a port to another domain. */
function allocUnbound(s: Transaction, { domain, argument }: Call): Word {
  s.clause("EVTCHN-ALLOC-1", "A domain opens ports for itself only.");
  const word = argument32(s, argument, 0);
  const owner = named(domain, field16(word));
  s.require(owner.eq(domain), abi.EPERM);
  const remote = named(domain, word.shr(16));
  const port = offerPort(s, domain, remote);
  s.clause("EVTCHN-ALLOC-2", "The number of the port is the reply.");
  reply32(s, argument, 4, port);
  return s.word64(0);
}

/** { u16 remote_dom; u32 remote_port; u32 local_port }: takes up an offer. */
function bindInterdomain(s: Transaction, { domain, argument }: Call): Word {
  const remote = named(domain, field16(argument32(s, argument, 0)));
  const remotePort = argument32(s, argument, 4);
  const label = openChannel(s, domain, remote);
  s.clause("EVTCHN-BIND-1", "The other port is offered to the caller.");
  s.require(remotePort.lt(PORTS), abi.EPERM);
  const offer = s.row("port", remote, remotePort);
  s.require(offer.state.eq(abi.EVTCHNSTAT_unbound), abi.EPERM);
  s.require(offer.peerDomain.eq(domain), abi.EPERM);
  s.clause("EVTCHN-BIND-2", "The policy lets the caller be bound to the offered port's channel.");
  xsm.authorise(s, offer.label, xsm.labelTarget(s, remote, domain), xsm.EVENT_BIND);
  const port = allocate(s, domain);
  s.clause(
    "EVTCHN-BIND-3",
    "Both ports become the ends of one channel; the reply is the new port.",
  );
  const state = abi.EVTCHNSTAT_interdomain;
  setPort(s, domain, port, { state, peerDomain: remote, peerPort: remotePort, label });
  offer.set({ state, peerPort: port });
  reply32(s, argument, 8, port);
  s.clause("EVTCHN-BIND-4", "The new port is raised: the other end may have sent before.");
  raise(s, domain, port);
  return s.word64(0);
}

/** VIRQs that are bound on vCPU 0 only and may be moved later; the others are each vCPU's own. */
const isGlobal = (virq: Word): Bool => virq.gt(abi.VIRQ_DEBUG);

/** { u32 virq; u32 vcpu; u32 port }: a port for a virtual interrupt. */
function bindVirq(s: Transaction, { domain, argument }: Call): Word {
  const virq = argument32(s, argument, 0);
  const id = argument32(s, argument, 4);
  s.clause("EVTCHN-VIRQ-1", "The interrupt and the vCPU exist; a global interrupt is vCPU 0's.");
  s.require(virq.lt(abi.VIRQS), abi.EINVAL);
  const vcpu = vcpuOf(s, domain, id);
  s.require(vcpu.exists, abi.ENOENT);
  s.require(isGlobal(virq).and(id.ne(0)).not(), abi.EINVAL);
  s.clause("EVTCHN-VIRQ-2", "The interrupt is not bound yet on that vCPU.");
  const binding = s.row("vcpuVirq", vcpu.row, virq);
  s.require(binding.port.eq(0), abi.EEXIST);
  const port = allocate(s, domain);
  s.clause("EVTCHN-VIRQ-3", "Port and vCPU name each other; the reply is the port.");
  const label = s.row("domain", domain).selfLabel;
  setPort(s, domain, port, { state: abi.EVTCHNSTAT_virq, vcpu: id, virq, label });
  binding.set({ port });
  reply32(s, argument, 8, port);
  return s.word64(0);
}

/** { u32 vcpu; u32 port }: a port by which vCPUs of the domain interrupt one of them. */
function bindIpi(s: Transaction, { domain, argument }: Call): Word {
  const id = argument32(s, argument, 0);
  s.clause("EVTCHN-IPI-1", "The vCPU exists.");
  s.require(vcpuOf(s, domain, id).exists, abi.ENOENT);
  const port = allocate(s, domain);
  s.clause("EVTCHN-IPI-2", "The port is bound to the vCPU; the reply is the port.");
  const label = s.row("domain", domain).selfLabel;
  setPort(s, domain, port, { state: abi.EVTCHNSTAT_ipi, vcpu: id, label });
  reply32(s, argument, 4, port);
  return s.word64(0);
}

/** { u32 port }: raises the other end. */
function send(s: Transaction, vcpu: Word, address: Word): Word {
  const domain = s.row("vcpu", vcpu).domain;
  s.clause("EVTCHN-SEND-1", "The port number is a word that the caller can read, and in range.");
  s.require(address.and(3).eq(0), abi.EFAULT);
  const place = locate(s, vcpu, address, s.truth(false));
  s.require(place.ne(abi.NOWHERE), abi.EFAULT);
  const port = s.machine.load32(place);
  s.require(port.lt(PORTS), abi.EINVAL);
  const row = s.row("port", domain, port);
  const caller = s.row("domain", domain);
  const interdomain = () => {
    s.clause(
      "EVTCHN-SEND-2",
      "On a channel, the other end is raised if the policy lets the caller send.",
    );
    xsm.authorise(s, caller.label, row.label, xsm.EVENT_SEND);
    raise(s, row.peerDomain, row.peerPort);
    return s.word64(0);
  };
  const own = () => {
    s.clause("EVTCHN-SEND-3", "All else is the caller's own; the policy lets it use ports at all.");
    xsm.authorise(s, caller.label, caller.selfLabel, xsm.XENOLITH_PORT);
    return sendOwn(s, domain, port);
  };
  return s.branch(row.state.eq(abi.EVTCHNSTAT_interdomain), interdomain, own);
}

/** Sends on a port that is no channel's end. */
function sendOwn(s: Transaction, domain: Word, port: Word): Word {
  const console = () => {
    s.clause("EVTCHN-SEND-4", "On the console's port, the hypervisor takes what is in the ring.");
    drainConsole(s, domain);
    return s.word64(0);
  };
  const ipi = () => {
    s.clause("EVTCHN-SEND-5", "An inter-processor port raises itself.");
    raise(s, domain, port);
    return s.word64(0);
  };
  const unbound = () => {
    s.clause("EVTCHN-SEND-6", "A port that nobody has bound swallows the event.");
    return s.word64(0);
  };
  return s.select(
    s.row("port", domain, port).state,
    [
      { value: abi.PORT_console, steps: console },
      { value: abi.EVTCHNSTAT_ipi, steps: ipi },
      { value: abi.EVTCHNSTAT_unbound, steps: unbound },
    ],
    () => {
      s.clause("EVTCHN-SEND-7", "Nobody can send on a closed port or on a virtual interrupt's.");
      return s.word64(abi.EINVAL);
    },
  );
}

/** { u16 dom; u32 port; u32 status; u32 vcpu; u64 detail }: what a port of the caller is. */
function status(s: Transaction, { domain, argument }: Call): Word {
  const owner = named(domain, field16(argument32(s, argument, 0)));
  const port = argument32(s, argument, 4);
  s.clause("EVTCHN-STATUS-1", "A domain asks about its own ports only, in range.");
  s.require(owner.eq(domain), abi.EPERM);
  s.require(port.lt(PORTS), abi.EINVAL);
  s.clause("EVTCHN-STATUS-2", "The policy lets the caller know the status of ports of that label.");
  const row = s.row("port", domain, port);
  xsm.authorise(s, s.row("domain", domain).label, row.label, xsm.EVENT_STATUS);
  s.clause(
    "EVTCHN-STATUS-3",
    "The reply is the state (the console's port looks like a channel), the vCPU, and the state's " +
      "detail: whom an offer is for, the interrupt, or the other end; else zero.",
  );
  const state = row.state;
  const detail = state
    .eq(abi.EVTCHNSTAT_interdomain)
    .choose(
      row.peerDomain.wide().or(row.peerPort.wide().shl(32)),
      state
        .eq(abi.EVTCHNSTAT_virq)
        .choose(row.virq.wide(), state.eq(abi.EVTCHNSTAT_unbound).choose(row.peerDomain.wide(), 0)),
    );
  const told = state.eq(abi.PORT_console).choose(s.word32(abi.EVTCHNSTAT_interdomain), state);
  reply32(s, argument, 8, told);
  reply32(s, argument, 12, row.vcpu);
  reply64(s, argument, 16, detail);
  return s.word64(0);
}

/** Closes a port of a domain. */
export function closePort(s: Transaction, domain: Word, port: Word): Word {
  const row = s.row("port", domain, port);
  const state = row.state;
  s.clause("EVTCHN-CLOSE-1", "The port is open, and not the console's.");
  s.require(state.isAmong(abi.EVTCHNSTAT_closed, abi.PORT_console).not(), abi.EINVAL);
  s.clause("EVTCHN-CLOSE-2", "A virtual interrupt's vCPU forgets the port.");
  s.when(state.eq(abi.EVTCHNSTAT_virq), () => {
    const holder = isGlobal(row.virq).choose(s.word32(0), row.vcpu);
    s.row("vcpuVirq", vcpuOf(s, domain, holder).row, row.virq).set({ port: 0 });
  });
  s.clause("EVTCHN-CLOSE-3", "The other end of a channel becomes an offer to the caller again.");
  s.when(state.eq(abi.EVTCHNSTAT_interdomain), () => {
    s.row("port", row.peerDomain, row.peerPort).set({
      state: abi.EVTCHNSTAT_unbound,
      peerDomain: domain,
      peerPort: 0,
    });
  });
  s.clause("EVTCHN-CLOSE-4", "Nothing of the port remains.");
  setPort(s, domain, port, {});
  forget(s, domain, port);
  return s.word64(0);
}

/** { u32 port }. */
function close(s: Transaction, { domain, argument }: Call): Word {
  const port = argument32(s, argument, 0);
  s.clause("EVTCHN-CLOSE-0", "The port number is in range.");
  s.require(port.lt(PORTS), abi.EINVAL);
  return closePort(s, domain, port);
}

/** { u32 port; u32 vcpu }: moves a port to another vCPU. */
function bindVcpu(s: Transaction, { domain, argument }: Call): Word {
  const port = argument32(s, argument, 0);
  const id = argument32(s, argument, 4);
  s.clause("EVTCHN-VCPU-1", "The port number is in range and the vCPU exists.");
  s.require(port.lt(PORTS), abi.EINVAL);
  s.require(vcpuOf(s, domain, id).exists, abi.ENOENT);
  s.clause("EVTCHN-VCPU-2", "Offers, channels and global interrupts can be moved; others cannot.");
  const row = s.row("port", domain, port);
  const open = row.state.isAmong(
    abi.EVTCHNSTAT_unbound,
    abi.EVTCHNSTAT_interdomain,
    abi.PORT_console,
  );
  const global = row.state.eq(abi.EVTCHNSTAT_virq).and(isGlobal(row.virq));
  s.require(open.or(global), abi.EINVAL);
  row.set({ vcpu: id });
  return s.word64(0);
}

/** { u32 port }. */
function unmaskPort(s: Transaction, { domain, argument }: Call): Word {
  const port = argument32(s, argument, 0);
  s.clause("EVTCHN-UNMASK-1", "The port number is in range, and the port is open.");
  s.require(port.lt(PORTS), abi.EINVAL);
  s.require(s.row("port", domain, port).state.ne(abi.EVTCHNSTAT_closed), abi.EINVAL);
  unmask(s, domain, port);
  return s.word64(0);
}

/** { u16 dom }: closes the caller's ports, one a step. */
function reset(s: Transaction, { domain, address, argument }: Call): Word {
  const owner = named(domain, field16(argument32(s, argument, 0)));
  s.clause("EVTCHN-RESET-1", "A domain resets its own ports only, if the policy lets it.");
  s.require(owner.eq(domain), abi.EPERM);
  const row = s.row("domain", domain);
  xsm.authorise(s, row.label, row.selfLabel, xsm.EVENT_RESET);
  const word = row.resetWord;
  const open = lowestOpen(s, domain, word);
  return s.branch(
    open.exists,
    () => {
      s.clause(
        "EVTCHN-RESET-2",
        "A step closes the lowest open port of the 64 that it has come to, but the console's.",
      );
      closePort(s, domain, word.shl(6).or(open.index));
      return resumeWith(s, s.word64(abi.EVTCHNOP_reset), address, s.word64(0));
    },
    () => {
      s.clause(
        "EVTCHN-RESET-3",
        "With none left it goes on to the next 64; after the last it ends.",
      );
      const last = word.eq(PORTS / 64 - 1);
      row.set({ resetWord: word.add(1).and(PORTS / 64 - 1) });
      return s.branch(
        last,
        () => s.word64(0),
        () => resumeWith(s, s.word64(abi.EVTCHNOP_reset), address, s.word64(0)),
      );
    },
  );
}

/** Of 64 ports, the lowest (from 0) that a reset closes. */
export function lowestOpen(s: Transaction, domain: Word, word: Word): Found {
  return s.least(64, (offset) => {
    const state = s.row("port", domain, word.shl(6).or(offset)).state;
    return state.isAmong(abi.EVTCHNSTAT_closed, abi.PORT_console).not();
  });
}

interface Operation {
  readonly value: number;
  /** Bytes of the argument structure. */
  readonly bytes: number;
  readonly steps: (s: Transaction, call: Call) => Word;
}

const operations: readonly Operation[] = [
  { value: abi.EVTCHNOP_unmask, bytes: 4, steps: unmaskPort },
  { value: abi.EVTCHNOP_close, bytes: 4, steps: close },
  { value: abi.EVTCHNOP_alloc_unbound, bytes: 8, steps: allocUnbound },
  { value: abi.EVTCHNOP_bind_interdomain, bytes: 12, steps: bindInterdomain },
  { value: abi.EVTCHNOP_bind_virq, bytes: 12, steps: bindVirq },
  { value: abi.EVTCHNOP_bind_ipi, bytes: 8, steps: bindIpi },
  { value: abi.EVTCHNOP_bind_vcpu, bytes: 8, steps: bindVcpu },
  { value: abi.EVTCHNOP_reset, bytes: 4, steps: reset },
  { value: abi.EVTCHNOP_status, bytes: 24, steps: status },
];

/** HYPERVISOR_event_channel_op(operation, address). */
export function eventChannelOp(s: Transaction, vcpu: Word, operation: Word, address: Word): Word {
  const other = () => {
    s.clause("EVTCHN-1", "The policy lets the caller use event channels at all.");
    const domain = s.row("vcpu", vcpu).domain;
    const row = s.row("domain", domain);
    xsm.authorise(s, row.label, row.selfLabel, xsm.XENOLITH_PORT);
    const cases = operations.map(({ value, bytes, steps }) => ({
      value,
      steps: () => {
        s.clause("EVTCHN-2", "The argument structure is memory that the caller can write.");
        const size = s.word32(bytes);
        const argument = openArgument(s, vcpu, address, size, s.truth(true), abi.EFAULT);
        return steps(s, { domain, address, argument });
      },
    }));
    return s.select(operation, cases, () => {
      s.clause("EVTCHN-3", "There is no other operation (FIFO event channels are refused).");
      return s.word64(abi.ENOSYS);
    });
  };
  return s.branch(operation.eq(abi.EVTCHNOP_send), () => send(s, vcpu, address), other);
}
