// The local APIC of a vCPU, as x2APIC registers 0x800 to 0x83f only (AMD APM volume 2, chapter 16):
// enough for a guest's processors to start each other and to interrupt each other. Timers are
// events, not the APIC's: its timer registers keep what is written and never fire.

import { VCPUS_PER_DOMAIN } from "../tcb/core/limits.ts";
import { vcpuOf } from "./event.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { join, stop, wake } from "./scheduler.ts";
import { VCPU_HALTED, VCPU_OFFLINE, VCPU_RUNNABLE } from "./states.ts";
import { resetApic, startReal } from "./vcpu.ts";

const ID = 0x02;
const VERSION = 0x03;
const TASK_PRIORITY = 0x08;
const PROCESSOR_PRIORITY = 0x0a;
const END_OF_INTERRUPT = 0x0b;
const LOGICAL_ID = 0x0d;
const SPURIOUS = 0x0f;
const IN_SERVICE = 0x10;
const TRIGGER = 0x18;
const REQUEST = 0x20;
const ERROR = 0x28;
const COMMAND = 0x30;
const TABLE_FIRST = 0x32;
const TABLE_LAST = 0x37;
const TIMER_INITIAL = 0x38;
const TIMER_CURRENT = 0x39;
const TIMER_DIVIDE = 0x3e;
const SELF = 0x3f;

/** Version 0x14, six local vectors. */
const VERSION_VALUE = 0x00050014;
const PRIORITY_CLASS = 0xf0;
/** Vectors below are the architecture's own. */
const VECTOR_MIN = 16;

const MODE_FIXED = 0;
const MODE_LOWEST = 1;
const MODE_NMI = 4;
const MODE_INIT = 5;
const MODE_STARTUP = 6;
/** Trigger mode level, with level 0: INIT de-assert. */
const TRIGGER_LEVEL = 0x8000;
const LEVEL_ASSERT = 0x4000;
const DESTINATION_LOGICAL = 0x800;
const DESTINATION_ALL = 0xffffffff;
const SHORTHAND_SELF = 1;
const SHORTHAND_ALL = 2;
const SHORTHAND_OTHERS = 3;

/** The highest vector whose bit is set in a 256-bit register, or 0. */
function highest(s: Transaction, words: readonly Word[]): Word {
  return words.reduce((lower, word, at) => {
    const top = s.word32(at).shl(6).add(63).sub(word.leadingZeros().low());
    return word.ne(0).choose(top, lower);
  }, s.word32(0));
}

const WORDS: readonly number[] = [0, 1, 2, 3];

function highestRequest(s: Transaction, vcpu: Word): Word {
  return highest(
    s,
    WORDS.map((at) => s.row("apicRequest", vcpu, at).word),
  );
}

function highestService(s: Transaction, vcpu: Word): Word {
  return highest(
    s,
    WORDS.map((at) => s.row("apicService", vcpu, at).word),
  );
}

/** Is any vector requested? */
export function hasRequest(s: Transaction, vcpu: Word): Bool {
  return highestRequest(s, vcpu).ne(0);
}

/** The task priority is the VMCB's virtual one, which the guest may have changed through CR8. */
function taskPriority(s: Transaction, vcpu: Word): Word {
  return s.row("vmcb", vcpu).interruptControl.and(15).low().shl(4);
}

function processorPriority(s: Transaction, vcpu: Word): Word {
  const task = taskPriority(s, vcpu);
  const service = highestService(s, vcpu).and(PRIORITY_CLASS);
  return task.gt(service).choose(task, service);
}

/** The vector that the vCPU would take now if its flags allow it, or 0. */
export function pendingVector(s: Transaction, vcpu: Word): Word {
  s.clause(
    "APIC-PENDING-1",
    "The highest requested vector is taken if its class (bits 7 to 4) is above the task priority and " +
      "the class of the highest vector in service.",
  );
  const vector = highestRequest(s, vcpu);
  return vector.and(PRIORITY_CLASS).gt(processorPriority(s, vcpu)).choose(vector, 0);
}

const bitOf = (s: Transaction, vector: Word): Word => s.word64(1).shl(vector.and(63).wide());

/** A vector goes from requested to in service. */
export function acceptVector(s: Transaction, vcpu: Word, vector: Word): void {
  s.clause("APIC-ACCEPT-1", "A vector that is taken is no longer requested, and is in service.");
  const request = s.row("apicRequest", vcpu, vector.shr(6));
  const service = s.row("apicService", vcpu, vector.shr(6));
  request.set({ word: request.word.without(bitOf(s, vector)) });
  service.set({ word: service.word.or(bitOf(s, vector)) });
}

function endOfInterrupt(s: Transaction, vcpu: Word): void {
  s.clause("APIC-END-1", "An end of interrupt ends the highest vector in service.");
  const vector = highestService(s, vcpu);
  const service = s.row("apicService", vcpu, vector.shr(6));
  service.set({ word: service.word.without(bitOf(s, vector)) });
}

/** An interrupt arrives at a vCPU. */
function request(s: Transaction, vcpu: Word, vector: Word): void {
  s.clause("APIC-REQUEST-1", "Vectors below 16 are ignored.");
  s.when(vector.ge(VECTOR_MIN), () => {
    s.clause("APIC-REQUEST-2", "The vector is requested, and the vCPU is woken to look at it.");
    const row = s.row("apicRequest", vcpu, vector.shr(6));
    row.set({ word: row.word.or(bitOf(s, vector)) });
    s.row("vcpu", vcpu).set({ attention: 1 });
    wake(s, vcpu);
  });
}

function nmi(s: Transaction, vcpu: Word): void {
  s.clause("APIC-NMI-1", "An NMI waits for the vCPU's next entry, and wakes it.");
  s.row("vcpu", vcpu).set({ nmi: 1, attention: 1 });
  wake(s, vcpu);
}

function initialise(s: Transaction, vcpu: Word): void {
  s.clause(
    "APIC-INIT-1",
    "INIT takes the vCPU out of the choice until a STARTUP, and resets its APIC; a vCPU that was " +
      "neither offline nor halted for ever is one less that is online.",
  );
  const row = s.row("vcpu", vcpu);
  const domain = s.row("domain", row.domain);
  s.when(row.state.isAmong(VCPU_OFFLINE, VCPU_HALTED).not(), () =>
    domain.set({ online: domain.online.sub(1).and(0xff) }),
  );
  stop(s, vcpu, VCPU_OFFLINE);
  row.set({ awaitsStartup: 1 });
  resetApic(s, vcpu);
}

function startUp(s: Transaction, vcpu: Word, vector: Word): void {
  const row = s.row("vcpu", vcpu);
  s.when(row.awaitsStartup.ne(0), () => {
    s.clause(
      "APIC-STARTUP-1",
      "STARTUP starts a vCPU that waits for it, in real mode at the page that the vector names.",
    );
    row.set({ awaitsStartup: 0 });
    startReal(s, vcpu, vector);
    const domain = s.row("domain", row.domain);
    domain.set({ online: domain.online.add(1).and(0xff) });
    row.set({ state: VCPU_RUNNABLE });
    join(s, vcpu);
  });
}

/** What an interrupt command does to one of its targets. */
export function deliver(s: Transaction, vcpu: Word, mode: Word, vector: Word): void {
  const step = (steps: () => void) => () => {
    steps();
    return s.word32(0);
  };
  s.select(
    mode,
    [
      { value: MODE_FIXED, steps: step(() => request(s, vcpu, vector)) },
      { value: MODE_LOWEST, steps: step(() => request(s, vcpu, vector)) },
      { value: MODE_NMI, steps: step(() => nmi(s, vcpu)) },
      { value: MODE_INIT, steps: step(() => initialise(s, vcpu)) },
      { value: MODE_STARTUP, steps: step(() => startUp(s, vcpu, vector)) },
    ],
    step(() => s.clause("APIC-COMMAND-4", "Commands of another mode do nothing.")),
  );
}

/** Does a destination name the APIC with that number? */
function names(destination: Word, logical: Bool, id: Word): Bool {
  const cluster = destination.shr(16).eq(id.shr(4));
  const member = destination.bit(id.and(15));
  const byNumber = logical.not().and(destination.eq(id));
  return destination.eq(DESTINATION_ALL).or(byNumber).or(logical.and(cluster).and(member));
}

/** What an interrupt command does to the vCPU of the caller's domain that has the number. */
export function command(s: Transaction, vcpu: Word, value: Word, id: Word): void {
  const low = value.low();
  const mode = low.shr(8).and(7);
  const shorthand = low.shr(18).and(3);
  const target = vcpuOf(s, s.row("vcpu", vcpu).domain, id);
  s.clause(
    "APIC-COMMAND-2",
    "A command reaches each vCPU of the caller's own domain, in the order of their numbers, that " +
      "its shorthand names (itself, all, all others), or its destination: all, a number, or a set " +
      "in a cluster of 16.",
  );
  const own = target.row.eq(vcpu);
  const named = names(value.shr(32).low(), low.has(DESTINATION_LOGICAL), id);
  const hit = shorthand
    .eq(0)
    .and(named)
    .or(shorthand.eq(SHORTHAND_SELF).and(own))
    .or(shorthand.eq(SHORTHAND_ALL))
    .or(shorthand.eq(SHORTHAND_OTHERS).and(own.not()));
  s.clause("APIC-COMMAND-3", "A vCPU sends no INIT, STARTUP or other such command to itself.");
  const reaches = target.exists.and(hit).and(own.and(mode.ge(MODE_INIT)).not());
  s.when(reaches, () => deliver(s, target.row, mode, low.and(0xff)));
}

/** The interrupt command register. */
export function commands(s: Transaction, vcpu: Word, value: Word): void {
  const low = value.low();
  const deassert = low.has(TRIGGER_LEVEL).and(low.has(LEVEL_ASSERT).not());
  s.clause("APIC-COMMAND-1", "INIT de-assert does nothing.");
  s.when(low.shr(8).and(7).eq(MODE_INIT).and(deassert).not(), () =>
    s.block("local_apic/rounds", [], () => {
      s.each(VCPUS_PER_DOMAIN, (id) => command(s, vcpu, value, s.word32(id)));
      return [];
    }),
  );
}

/** May the register be written? */
export function isWritable(register: Word): Bool {
  const inTable = register.ge(TABLE_FIRST).and(register.le(TABLE_LAST));
  return inTable.or(
    register.isAmong(
      TASK_PRIORITY,
      END_OF_INTERRUPT,
      SPURIOUS,
      ERROR,
      COMMAND,
      SELF,
      TIMER_INITIAL,
      TIMER_DIVIDE,
    ),
  );
}

/** May the register be read? */
export function isReadable(register: Word): Bool {
  const inVectors = register.ge(IN_SERVICE).and(register.lt(ERROR));
  const known = register.isAmong(ID, VERSION, LOGICAL_ID, PROCESSOR_PRIORITY, TIMER_CURRENT);
  const writeOnly = register.isAmong(END_OF_INTERRUPT, SELF);
  return inVectors.or(known).or(isWritable(register).and(writeOnly.not()));
}

/** Half a word of a 256-bit register, as eight 32-bit registers show it. */
const half = (word: Word, register: Word): Word =>
  register.bit(0).choose(word.shr(32), word.and(0xffffffff));

/** What a register that may be read shows. */
export function readApic(s: Transaction, vcpu: Word, register: Word): Word {
  s.clause(
    "APIC-READ-1",
    "The APIC's number is the vCPU's; its logical one names cluster and member; vectors in service " +
      "and requested are shown in eighths; trigger modes are edge; the rest is as it was written.",
  );
  const { id } = s.row("vcpu", vcpu);
  const logical = id
    .shr(4)
    .shl(16)
    .or(s.word32(1).shl(id.and(15)));
  const word = register.and(7).shr(1);
  const isBetween = (first: number, end: number) => register.ge(first).and(register.lt(end));
  const service = () => half(s.row("apicService", vcpu, word).word, register);
  const requested = () => half(s.row("apicRequest", vcpu, word).word, register);
  const kept = () => s.row("apic", vcpu, register).register.wide();
  return s.select(
    register,
    [
      { value: ID, steps: () => id.wide() },
      { value: VERSION, steps: () => s.word64(VERSION_VALUE) },
      { value: TASK_PRIORITY, steps: () => taskPriority(s, vcpu).wide() },
      { value: PROCESSOR_PRIORITY, steps: () => processorPriority(s, vcpu).wide() },
      { value: LOGICAL_ID, steps: () => logical.wide() },
    ],
    () =>
      s.branch(isBetween(IN_SERVICE, TRIGGER), service, () =>
        s.branch(isBetween(REQUEST, ERROR), requested, kept),
      ),
  );
}

/** Writes a register that may be written. */
export function writeApic(s: Transaction, vcpu: Word, register: Word, value: Word): void {
  const vmcb = s.row("vmcb", vcpu);
  const step = (steps: () => void) => () => {
    steps();
    return s.word32(0);
  };
  const priority = () => {
    s.clause("APIC-WRITE-1", "The task priority's class is the VMCB's virtual one.");
    const class4 = value.shr(4).and(15);
    vmcb.set({ interruptControl: vmcb.interruptControl.without(15).or(class4) });
  };
  const keep = () => {
    s.clause("APIC-WRITE-2", "A write to the error register clears it; the rest is kept.");
    const kept = register.eq(ERROR).choose(s.word32(0), value.low());
    s.row("apic", vcpu, register).set({ register: kept });
  };
  s.select(
    register,
    [
      { value: TASK_PRIORITY, steps: step(priority) },
      { value: END_OF_INTERRUPT, steps: step(() => endOfInterrupt(s, vcpu)) },
      { value: COMMAND, steps: step(() => commands(s, vcpu, value)) },
      { value: SELF, steps: step(() => request(s, vcpu, value.low().and(0xff))) },
    ],
    step(keep),
  );
}
