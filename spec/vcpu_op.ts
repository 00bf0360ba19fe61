// HYPERVISOR_vcpu_op (xen/include/public/vcpu.h): where a vCPU's vcpu_info, runstate and time lie,
// and its timers.

import { VCPUS_PER_DOMAIN } from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { systemTime } from "./clock.ts";
import { vcpuOf } from "./event.ts";
import { addReference, isCountable } from "./frame.ts";
import { type Argument, argument32, argument64, openArgument, walk } from "./guest.ts";
import type { Question } from "./lang/question.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import { entryOf, frameOf, isGuestFrame, translated } from "./p2m.ts";
import { wake } from "./scheduler.ts";
import { ENTRY_FOREIGN } from "./states.ts";
import { updateGroup } from "./timer.ts";
import * as xsm from "./xsm.ts";

const PAGE_BYTES = 4096;
/** Argument structures. */
const INFO_BYTES = 16;
const ADDRESS_BYTES = 8;
const SINGLE_BYTES = 16;
const PERIODIC_BYTES = 8;
/** struct vcpu_runstate_info and struct vcpu_time_info. */
const RUNSTATE_BYTES = 48;
const TIME_BYTES = 32;
/** Runstates whose time is counted. */
const ACCOUNTS = 4;
/** Least and greatest period of a periodic timer. */
const PERIOD_MIN = 1000000;
const PERIOD_MAX = 0x3fffffffffffffffn;

/** Who calls, about which vCPU of its domain, and the linear address of the argument structure. */
interface Call {
  readonly vcpu: Word;
  readonly domain: Word;
  readonly target: Word;
  readonly address: Word;
}

function open(s: Transaction, { vcpu, address }: Call, bytes: number): Argument {
  s.clause("VCPU-OP-3", "An argument structure is memory that the caller can read.");
  return openArgument(s, vcpu, address, s.word32(bytes), s.truth(false), abi.EFAULT);
}

function requireOwn(s: Transaction, { vcpu, target }: Call): void {
  s.clause("VCPU-TIMER-1", "A vCPU sets and stops its own timers only.");
  s.require(target.eq(vcpu), abi.EINVAL);
}

/** Writes the pvclock parameters (struct vcpu_time_info) at a machine address. */
export function writeTime(s: Transaction, address: Word): void {
  s.clause(
    "VCPU-TIME-1",
    "The parameters of system time are told with a version that is odd while they change: the ticks " +
      "at boot, the multiplier and the shift. They never change after boot.",
  );
  const clock = s.row("clock");
  s.machine.store32(address, 1);
  s.machine.store32(address.add(4), 0);
  s.machine.store64(address.add(8), clock.bootTicks);
  s.machine.store64(address.add(16), 0);
  s.machine.store32(address.add(24), clock.multiplier);
  s.machine.store32(address.add(28), clock.shift);
  s.machine.store32(address, 2);
}

/** { u64 gfn; u32 offset; u32 reserved }: moves a vCPU's vcpu_info. */
function registerInfo(s: Transaction, call: Call): Word {
  const { domain, target } = call;
  const argument = open(s, call, INFO_BYTES);
  const gfn = argument64(s, argument, 0);
  const offset = argument32(s, argument, 8);
  const row = s.row("vcpu", target);
  s.clause("VCPU-INFO-1", "A vCPU's vcpu_info is moved once.");
  s.require(row.infoRegistered.eq(0), abi.EINVAL);
  s.clause("VCPU-INFO-2", "It lies within a page, at a multiple of 8.");
  s.require(offset.and(7).eq(0), abi.ENXIO);
  s.require(offset.le(PAGE_BYTES - abi.VCPU_INFO_BYTES), abi.ENXIO);
  s.clause(
    "VCPU-INFO-3",
    "The page is the domain's own, not another's that it has mapped, and can count one more use.",
  );
  s.require(isGuestFrame(gfn), abi.EINVAL);
  const entry = entryOf(s, domain, gfn.low());
  s.require(entry.has(abi.PAGE_PRESENT), abi.EINVAL);
  s.require(entry.and(ENTRY_FOREIGN).eq(0), abi.EINVAL);
  const frame = frameOf(entry);
  s.require(isCountable(s, frame), abi.EBUSY);
  const place = frame.wide().shl(12).or(offset.wide());
  s.clause("VCPU-INFO-4", "What stood in the old place is copied, and the time is told anew.");
  const old = row.info;
  s.each(abi.VCPU_INFO_BYTES / 8, (word) => {
    const at = s.word64(word).shl(3);
    s.machine.store64(place.add(at), s.machine.load64(old.add(at)));
  });
  writeTime(s, place.add(abi.VCPU_INFO_time));
  row.set({ info: place, infoRegistered: 1 });
  s.clause("VCPU-INFO-5", "The page is pinned as long as the vCPU lives.");
  addReference(s, frame);
  s.clause(
    "VCPU-INFO-6",
    "Everything is marked as pending and the vCPU is woken: an event may have been noted in the old " +
      "place.",
  );
  s.machine.or64(place.add(abi.VCPU_INFO_evtchn_pending_sel), -1);
  s.machine.exchange8(place, 1);
  wake(s, target);
  return s.word64(0);
}

/** { u64 linear address }: the guest-physical address that it has now. */
function areaOf(s: Transaction, call: Call): Word {
  const argument = open(s, call, ADDRESS_BYTES);
  s.clause(
    "VCPU-AREA-1",
    "An area is named by a linear address, a multiple of 8 that the caller can write; it is kept as " +
      "the guest-physical address that this has now.",
  );
  const linear = argument64(s, argument, 0);
  const write = s.truth(true);
  const [found] = s.block("guest/walk", [call.vcpu, call.domain, linear, write], () => [
    walk(s, call.vcpu, linear, write),
  ]);
  const physical = found!;
  s.require(physical.ne(abi.NOWHERE), abi.EFAULT);
  s.require(linear.and(7).eq(0), abi.EFAULT);
  return physical;
}

/** Shows a vCPU's runstate where its guest asked for it. */
export function writeRunstate(s: Transaction, vcpu: Word): void {
  const row = s.row("vcpu", vcpu);
  const area = row.runstateArea.sub(1);
  const inPage = area.and(0xfff).le(PAGE_BYTES - RUNSTATE_BYTES);
  s.when(area.ne(abi.NOWHERE).and(inPage), () => {
    s.clause(
      "VCPU-RUNSTATE-1",
      "The runstate, since when, and the time spent in each are written to the registered area, if it " +
        "lies in one page that the domain can write.",
    );
    const address = translated(s, row.domain, area, s.truth(true));
    s.when(address.ne(abi.NOWHERE), () => {
      s.machine.store32(address, row.runstate);
      s.machine.store64(address.add(8), row.runstateSince);
      s.each(ACCOUNTS, (account) => {
        const place = address.add(16).add(s.word64(account).shl(3));
        s.machine.store64(place, s.row("vcpuTime", vcpu, account).spent);
      });
    });
  });
}

function registerRunstate(s: Transaction, call: Call): Word {
  const area = areaOf(s, call);
  s.clause(
    "VCPU-AREA-2",
    "The runstate area is written at once, and whenever the vCPU is entered.",
  );
  s.row("vcpu", call.target).set({ runstateArea: area.add(1) });
  writeRunstate(s, call.target);
  return s.word64(0);
}

function registerTime(s: Transaction, call: Call): Word {
  const area = areaOf(s, call);
  s.clause("VCPU-AREA-3", "The time area lies in one page, and is written at once.");
  s.require(area.and(0xfff).le(PAGE_BYTES - TIME_BYTES), abi.EFAULT);
  const address = translated(s, call.domain, area, s.truth(true));
  s.require(address.ne(abi.NOWHERE), abi.EFAULT);
  s.row("vcpu", call.target).set({ timeArea: area.add(1) });
  writeTime(s, address);
  return s.word64(0);
}

function isUp(s: Transaction, { target }: Call): Word {
  s.clause("VCPU-UP-1", "A vCPU is up unless it waits for a STARTUP.");
  return s.row("vcpu", target).awaitsStartup.eq(0).choose(s.word64(1), 0);
}

/** { u64 deadline; u32 flags }. */
function setSingle(s: Transaction, call: Call): Word {
  const argument = open(s, call, SINGLE_BYTES);
  requireOwn(s, call);
  const deadline = argument64(s, argument, 0);
  const flags = argument32(s, argument, 8);
  s.when(flags.has(abi.VCPU_SSHOTTMR_future), () => {
    s.clause("VCPU-TIMER-2", "On request, a deadline that has passed is refused.");
    s.require(deadline.ge(systemTime(s)), abi.ETIME);
  });
  s.clause(
    "VCPU-TIMER-3",
    "The single-shot timer is due at the deadline, or at once if that is 0.",
  );
  s.row("vcpu", call.vcpu).set({ deadline: deadline.gt(1).choose(deadline, 1) });
  updateGroup(s, call.vcpu);
  return s.word64(0);
}

/** { u64 period }. */
function setPeriodic(s: Transaction, call: Call): Word {
  const argument = open(s, call, PERIODIC_BYTES);
  requireOwn(s, call);
  const period = argument64(s, argument, 0);
  s.clause("VCPU-TIMER-4", "A period is from 1 ms to 2^62 - 1 ns; it begins now.");
  s.require(period.ge(PERIOD_MIN), abi.EINVAL);
  s.require(period.le(PERIOD_MAX), abi.EINVAL);
  const row = s.row("vcpu", call.vcpu);
  row.set({ period });
  row.set({ periodicNext: systemTime(s).add(period) });
  updateGroup(s, call.vcpu);
  return s.word64(0);
}

function stopSingle(s: Transaction, call: Call): Word {
  requireOwn(s, call);
  s.clause("VCPU-TIMER-5", "A timer that is stopped does not fire.");
  s.row("vcpu", call.vcpu).set({ deadline: 0 });
  updateGroup(s, call.vcpu);
  return s.word64(0);
}

function stopPeriodic(s: Transaction, call: Call): Word {
  requireOwn(s, call);
  s.clause("VCPU-TIMER-6", "A timer that is stopped does not fire.");
  s.row("vcpu", call.vcpu).set({ periodicNext: 0 });
  updateGroup(s, call.vcpu);
  return s.word64(0);
}

interface Operation {
  readonly value: number;
  readonly steps: (s: Transaction, call: Call) => Word;
}

const timers: readonly Operation[] = [
  { value: abi.VCPUOP_set_singleshot_timer, steps: setSingle },
  { value: abi.VCPUOP_set_periodic_timer, steps: setPeriodic },
  { value: abi.VCPUOP_stop_singleshot_timer, steps: stopSingle },
  { value: abi.VCPUOP_stop_periodic_timer, steps: stopPeriodic },
];

const areas: readonly Operation[] = [
  { value: abi.VCPUOP_register_vcpu_info, steps: registerInfo },
  { value: abi.VCPUOP_register_runstate_memory_area, steps: registerRunstate },
  { value: abi.VCPUOP_register_vcpu_time_memory_area, steps: registerTime },
  { value: abi.VCPUOP_is_up, steps: isUp },
];

/** The vCPU of the caller's domain that a call is about. */
function targetOf(s: Transaction, domain: Word, id: Word): Word {
  s.clause("VCPU-OP-2", "The vCPU exists in the caller's domain.");
  s.require(id.lt(VCPUS_PER_DOMAIN), abi.ENOENT);
  const target = vcpuOf(s, domain, id.low());
  s.require(target.exists, abi.ENOENT);
  return target.row;
}

/** HYPERVISOR_vcpu_op(operation, vCPU number, address). */
export function vcpuOp(s: Transaction, vcpu: Word, operation: Word, id: Word, address: Word): Word {
  const { domain } = s.row("vcpu", vcpu);
  const row = s.row("domain", domain);
  const ask = (question: Question) => () => {
    xsm.authorise(s, row.label, row.selfLabel, question);
    return s.word32(0);
  };
  s.clause("VCPU-OP-1", "The policy lets the caller use timers, or register areas.");
  const isTimer = operation.isAmong(...timers.map(({ value }) => value));
  s.branch(isTimer, ask(xsm.XENOLITH_TIMER), ask(xsm.XENOLITH_AREA));
  const target = targetOf(s, domain, id);
  const call = { vcpu, domain, target, address };
  const cases = [...timers, ...areas].map(({ value, steps }) => ({
    value,
    steps: () => steps(s, call),
  }));
  return s.select(operation, cases, () => {
    s.clause("VCPU-OP-4", "There is no other operation.");
    return s.word64(abi.ENOSYS);
  });
}
