// HYPERVISOR_control: one privileged operation, as a row of 64 bytes { u32 operation; u32 domain;
// u64 a-g } (docs/boot-pack.md). The row is copied once, before anything is decided.

import * as abi from "./abi.ts";
import * as control from "./control.ts";
import * as link from "./control_link.ts";
import { setSchedule, setSlot } from "./control_schedule.ts";
import { type Argument, argument32, argument64, openArgument, reply64 } from "./guest.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import { directoryOf, translate } from "./p2m.ts";
import { policyStep } from "./policy_load.ts";
import { resumeWith } from "./resume.ts";
import * as xsm from "./xsm.ts";

/** Bytes of a row, and of the page that a copy by hypercall comes from. */
const COMMAND_BYTES = 64;
const PAGE_BYTES = 4096;
/** The most that a caller copies by one call. */
const COPY_BYTES = 0x10000;
const SUPERFRAME_BYTES = 0x200000;
const COPY = 5;
const LOAD_POLICY = 17;
const CHANNEL = 18;
const INFO = 22;
const VCPU_INFO = 23;

const operations = [
  { value: 1, steps: control.createDomain },
  { value: 2, steps: control.populateSuperframe },
  { value: 3, steps: control.reserve },
  { value: 4, steps: control.populate },
  { value: COPY, steps: control.copyInto },
  { value: 6, steps: control.setDomainParameter },
  { value: 7, steps: control.setConsole },
  { value: 8, steps: control.setContext },
  { value: 9, steps: control.unpause },
  { value: 10, steps: setSchedule },
  { value: 11, steps: setSlot },
  { value: 12, steps: control.setRegion },
  { value: 13, steps: control.pause },
  { value: 14, steps: control.resumePaused },
  { value: 15, steps: control.destroy },
  { value: 16, steps: control.allowXsave },
  { value: LOAD_POLICY, steps: loadPolicy },
  { value: CHANNEL, steps: link.setChannel },
  { value: 19, steps: link.setGrant },
  { value: 20, steps: link.setPorts },
  { value: 21, steps: link.setBackground },
  { value: INFO, steps: link.domainInfo },
  { value: VCPU_INFO, steps: link.vcpuInfo },
];

/** Machine address of bytes that lie in one large leaf of a domain, or NOWHERE. */
function largeArea(s: Transaction, domain: Word, address: Word, bytes: Word): Word {
  return s.attempt(() => {
    const last = address.add(bytes).sub(1);
    s.require(bytes.ne(0).and(bytes.le(SUPERFRAME_BYTES)), abi.NOWHERE);
    s.require(address.shr(21).eq(last.shr(21)), abi.NOWHERE);
    const first = translate(s, domain, address, s.truth(false));
    const end = translate(s, domain, last, s.truth(false));
    s.require(first.ne(abi.NOWHERE).and(end.ne(abi.NOWHERE)), abi.NOWHERE);
    s.require(end.sub(first).eq(bytes.sub(1)), abi.NOWHERE);
    const entry = directoryOf(s, domain, address);
    s.require(entry.has(abi.PAGE_LARGE), abi.NOWHERE);
    return first;
  });
}

/** Load policy (-, address, bytes): another policy in the place of the one in force. */
function loadPolicy(s: Transaction, { caller, c: bytes, source }: control.Command): Word {
  s.clause("CONTROL-POLICY-1", "The policy in force lets the caller put another in its place.");
  xsm.authorise(s, caller, xsm.labelXen(s), xsm.XENOLITH_LOAD_POLICY);
  s.clause("CONTROL-POLICY-2", "There is a policy where the caller says.");
  s.require(source.ne(abi.NOWHERE), abi.EFAULT);
  return policyStep(s, source, bytes);
}

/** Carries out the command in the command row, for somebody with that label. */
export function perform(s: Transaction, caller: Word, source: Word): Word {
  const { operation, domain, a, b, c, d, e, f, g } = s.row("command");
  const command = { caller, domain, a, b, c, d, e, f, g, source };
  const cases = operations.map(({ value, steps }) => ({ value, steps: () => steps(s, command) }));
  return s.select(operation, cases, () => {
    s.clause("CONTROL-1", "There is no other operation.");
    return s.word64(abi.ENOSYS);
  });
}

/** Writes the seven words of the row back to the caller. */
function replyRow(s: Transaction, argument: Argument): Word {
  s.clause(
    "CONTROL-REPLY-1",
    "An operation that is asked for an answer leaves it in the caller's row.",
  );
  const { a, b, c, d, e, f, g } = s.row("command");
  reply64(s, argument, 8, a);
  reply64(s, argument, 16, b);
  reply64(s, argument, 24, c);
  reply64(s, argument, 32, d);
  reply64(s, argument, 40, e);
  reply64(s, argument, 48, f);
  reply64(s, argument, 56, g);
  return s.word64(0);
}

/** HYPERVISOR_control(address of a row). */
export function controlOp(s: Transaction, vcpu: Word, address: Word): Word {
  const size = s.word32(COMMAND_BYTES);
  const argument = openArgument(s, vcpu, address, size, s.truth(true), abi.EFAULT);
  s.clause(
    "CONTROL-CALL-1",
    "The row, which the caller can write, is read once, in order, into the hypervisor's own.",
  );
  s.row("command").set({
    operation: argument32(s, argument, 0),
    domain: argument32(s, argument, 4),
    a: argument64(s, argument, 8),
    b: argument64(s, argument, 16),
    c: argument64(s, argument, 24),
    d: argument64(s, argument, 32),
    e: argument64(s, argument, 40),
    f: argument64(s, argument, 48),
    g: argument64(s, argument, 56),
  });
  const { operation, b, c } = s.row("command");
  const domain = s.row("vcpu", vcpu).domain;
  const copied = () => {
    s.clause(
      "CONTROL-CALL-2",
      "What a caller copies, 64 KiB at most, lies in one page of its own guest-physical memory, " +
        "small or large.",
    );
    s.require(c.le(COPY_BYTES), abi.EINVAL);
    const place = s.branch(
      b.and(0xfff).add(c).le(PAGE_BYTES),
      () => translate(s, domain, b, s.truth(false)),
      () => largeArea(s, domain, b, c),
    );
    s.require(place.ne(abi.NOWHERE), abi.EFAULT);
    return place;
  };
  const policy = () => {
    s.clause("CONTROL-CALL-4", "A policy lies in one large page of the caller's own memory.");
    return largeArea(s, domain, b, c);
  };
  const cases = [
    { value: COPY, steps: copied },
    { value: LOAD_POLICY, steps: policy },
  ];
  const source = s.select(operation, cases, () => s.word64(0));
  const { label } = s.row("domain", domain);
  const [answer] = s.block("control_op/perform", [label, source], () => [
    s.attempt(() => perform(s, label, source)),
  ]);
  const done = () =>
    s.branch(
      operation.isAmong(CHANNEL, INFO, VCPU_INFO).and(answer!.eq(0)),
      () => replyRow(s, argument),
      () => answer!,
    );
  return s.branch(
    answer!.eq(abi.RESUME),
    () => {
      s.clause(
        "CONTROL-CALL-3",
        "An operation that is not done is called again with the same row.",
      );
      return resumeWith(s, address, s.word64(0), s.word64(0));
    },
    done,
  );
}
