// Privileged operations that tie a domain to the services beside it, and what may be known of a
// domain (docs/boot-pack.md, operations 18 to 23).

import * as limit from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { type Command, govern, SET_PARAMETER } from "./control.ts";
import { vcpuOf } from "./event.ts";
import { offerPort } from "./event_channel.ts";
import { ask } from "./lang/question.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import { grantTableFrame } from "./memory_op.ts";
import { isGuestFrame } from "./p2m.ts";
import { DOMAIN_BUILDING, DOMAIN_FREE } from "./states.ts";
import * as xsm from "./xsm.ts";

const GET_INFO = ask("xenolith { get_info }", xsm.XENOLITH, 18);
const ASSIGN_DEVICE = ask("xenolith { assign_device }", xsm.XENOLITH, 23);
const SET_CHANNEL = ask("xenolith { set_channel }", xsm.XENOLITH, 24);
const SET_GRANT = ask("xenolith { set_grant }", xsm.XENOLITH, 25);

/** GNTTAB_NR_RESERVED_ENTRIES (xen/include/public/grant_table.h). */
const RESERVED_GRANTS = 8;
const PORT_LAST = 0xffff;
const PORT_WORDS_MASK = 0x7ff;

/** Channel (remote domain, parameter). */
export function setChannel(s: Transaction, command: Command): Word {
  const { domain, a: remote, b: parameter } = command;
  govern(s, command, DOMAIN_BUILDING, SET_CHANNEL);
  s.clause("CONTROL-CHANNEL-1", "The other domain's number and the parameter are in range.");
  s.require(remote.lt(limit.DOMAINS).and(parameter.lt(abi.HVM_PARAMS)), abi.EINVAL);
  s.clause("CONTROL-CHANNEL-2", "The policy is asked as if the domain itself offered the port.");
  const port = offerPort(s, domain, remote.low()).wide();
  s.clause("CONTROL-CHANNEL-3", "The port is the answer, and the parameter's value if not 0.");
  s.when(parameter.ne(0), () =>
    s.row("domainParameter", domain, parameter.low()).set({ value: port }),
  );
  s.row("command").set({ a: port });
  return s.word64(0);
}

/** Grant (reference, gfn, remote domain). */
export function setGrant(s: Transaction, command: Command): Word {
  const { domain, a: reference, b: gfn, c: remote } = command;
  govern(s, command, DOMAIN_BUILDING, SET_GRANT);
  s.clause("CONTROL-GRANT-1", "A builder writes the eight reserved entries of the grant table.");
  s.require(reference.lt(RESERVED_GRANTS).and(remote.lt(limit.DOMAINS)), abi.EINVAL);
  s.require(isGuestFrame(gfn), abi.EINVAL);
  const frame = grantTableFrame(s, domain, s.word64(0));
  s.clause("CONTROL-GRANT-2", "The entry lets the other domain read and write the frame.");
  const entry = s.word64(abi.GTF_permit_access).or(remote.shl(16)).or(gfn.shl(32));
  s.machine.store64(frame.wide().shl(12).or(reference.shl(3)), entry);
  return s.word64(0);
}

/** Ports (first, last). */
export function setPorts(s: Transaction, command: Command): Word {
  const { domain, a: first, b: last } = command;
  govern(s, command, DOMAIN_BUILDING, ASSIGN_DEVICE);
  s.clause("CONTROL-PORTS-1", "The ports exist, and are 64 at most.");
  s.require(last.le(PORT_LAST).and(first.le(last)), abi.EINVAL);
  s.require(last.sub(first).lt(limit.PORTS_A_COMMAND), abi.EINVAL);
  s.clause("CONTROL-PORTS-2", "The domain's accesses to them do not exit any more.");
  const count = last.sub(first).add(1).low().min(s.word32(limit.PORTS_A_COMMAND));
  s.rounds(limit.PORTS_A_COMMAND, (index, next) => {
    const open = () => {
      const port = first.low().add(index);
      const row = s.row("iopm", domain, port.shr(6).and(PORT_WORDS_MASK));
      row.set({ word: row.word.without(s.word64(1).shl(port.and(63).wide())) });
      return next();
    };
    return s.branch(count.le(index), () => s.word64(0), open);
  });
  return s.word64(0);
}

/** Background: the domain is a service. */
export function setBackground(s: Transaction, command: Command): Word {
  govern(s, command, DOMAIN_BUILDING, SET_PARAMETER);
  s.clause("CONTROL-BACKGROUND-1", "The machine does not stay on for the domain's sake.");
  s.row("domain", command.domain).set({ background: 1 });
  return s.word64(0);
}

/** Goes on only if the caller may know of the domain. */
function know(s: Transaction, { caller, domain }: Command): void {
  s.clause("CONTROL-KNOW-1", "The domain exists, and the policy lets the caller know of it.");
  s.require(domain.lt(limit.DOMAINS), abi.EPERM);
  const row = s.row("domain", domain);
  s.require(row.state.ne(DOMAIN_FREE), abi.EPERM);
  xsm.authorise(s, caller, row.label, GET_INFO);
}

/** Places of the bytes of the name in each of three words, and their shifts. */
const NAME_WORDS: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7],
  [8, 9, 10, 11, 12, 13, 14, 15],
  [16, 17, 18, 19, 20, 21, 22, 23],
];
const BYTE_SHIFTS: readonly number[] = [0, 8, 16, 24, 32, 40, 48, 56];

/** The name of a domain, 24 bytes in three words. */
function nameWords(s: Transaction, domain: Word): readonly Word[] {
  return NAME_WORDS.map((places) => {
    const bytes = places.map((place, index) =>
      s.row("domainName", domain, place).byte.wide().shl(BYTE_SHIFTS[index]!),
    );
    return bytes.reduce((all, byte) => all.or(byte));
  });
}

/** The numbers of a domain's vCPUs. */
const VCPU_NUMBERS: readonly number[] = Array.from(
  { length: limit.VCPUS_PER_DOMAIN },
  (_, number) => number,
);

/** Information on a domain. */
export function domainInfo(s: Transaction, command: Command): Word {
  const { domain } = command;
  know(s, command);
  const row = s.row("domain", domain);
  s.clause(
    "CONTROL-INFO-1",
    "a: state, reason, label, vCPUs (a byte each), frames; b: ns that its vCPUs ran; c: limit of " +
      "frames, weight; d: refusals; e to g: 24 bytes of the name.",
  );
  const small = row.state.or(row.reason.shl(8)).or(row.label.shl(16)).or(row.vcpus.shl(24));
  const time = VCPU_NUMBERS.reduce((sum, id) => {
    const vcpu = vcpuOf(s, domain, s.word32(id));
    return s.branch(
      vcpu.exists,
      () => sum.add(s.row("vcpuTime", vcpu.row, 0).spent),
      () => sum,
    );
  }, s.word64(0));
  const [e, f, g] = nameWords(s, domain);
  s.row("command").set({
    a: small.wide().or(row.frames.wide().shl(32)),
    b: time,
    c: row.framesLimit.wide().or(row.weight.wide().shl(32)),
    d: row.denials,
    e: e!,
    f: f!,
    g: g!,
  });
  return s.word64(0);
}

/** Information on a vCPU (number). */
export function vcpuInfo(s: Transaction, command: Command): Word {
  const { domain, a: id } = command;
  know(s, command);
  s.clause("CONTROL-VCPU-INFO-1", "The vCPU exists.");
  s.require(id.lt(limit.VCPUS_PER_DOMAIN), abi.EINVAL);
  const vcpu = vcpuOf(s, domain, id.low());
  s.require(vcpu.exists, abi.ENOENT);
  s.clause(
    "CONTROL-VCPU-INFO-2",
    "b: its state and runstate; c to f: ns that it was running, runnable, blocked and offline.",
  );
  const { state, runstate } = s.row("vcpu", vcpu.row);
  const spent = (at: number) => s.row("vcpuTime", vcpu.row, at).spent;
  s.row("command").set({
    b: state.or(runstate.shl(8)).wide(),
    c: spent(0),
    d: spent(1),
    e: spent(2),
    f: spent(3),
  });
  return s.word64(0);
}
