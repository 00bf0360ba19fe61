// Port I/O. There are no devices: a read gives all ones, a write is dropped. Exceptions: the PIT's
// channel 2 reads as zero (a guest that calibrates by it gives up at once), 0xe9 takes a guest's
// early console, 0x604 and 0x605 are the sleep registers that its ACPI tables name (ACPI 6,
// 4.8.3.7).

import { NOWHERE, RCX, RSI, SHUTDOWN_poweroff } from "./abi.ts";
import { putByte } from "./console.ts";
import { shutdownDomain } from "./domain.ts";
import { isLongMode, locate } from "./guest.ts";
import { raiseProtection } from "./inject.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import { gpr, setGpr } from "./registers.ts";

const PORT_PIT_2 = 0x42;
const PORT_DEBUG = 0xe9;
const PORT_SLEEP_CONTROL = 0x604;
const PORT_SLEEP_STATUS = 0x605;
/** SLP_EN of the sleep control register. */
const SLEEP_ENABLE = 0x20;

/** EXITINFO1 of an IOIO exit (APM volume 2, 15.10.2): port in bits 31 to 16. */
const INFO_IN = 1;
const INFO_STRING = 4;
const INFO_REPEAT = 8;
const INFO_8 = 0x10;
const INFO_16 = 0x20;
/** Bytes that one exit takes from a string instruction; the rest follow at the next exit. */
const STRING_STEP = 64;

/** The instruction is done: EXITINFO2 is the address of the next. */
function finish(s: Transaction, vcpu: Word): void {
  const vmcb = s.row("vmcb", vcpu);
  vmcb.set({ rip: vmcb.exitInfo2, interruptState: vmcb.interruptState.without(1) });
}

function portIn(s: Transaction, vcpu: Word, port: Word, info: Word): void {
  s.clause(
    "IO-IN-1",
    "A read gives all ones, or zero from 0x42 and 0x605, in AL, AX or EAX; of RAX the rest stays for " +
      "AL and AX, and is zero for EAX.",
  );
  const vmcb = s.row("vmcb", vcpu);
  const value = port.isAmong(PORT_PIT_2, PORT_SLEEP_STATUS).choose(s.word64(0), 0xffffffff);
  const part = (mask: number) => vmcb.rax.without(mask).or(value.and(mask));
  const wide = info.has(INFO_16).choose(part(0xffff), value);
  vmcb.set({ rax: info.has(INFO_8).choose(part(0xff), wide) });
}

/** OUTS to the early console. */
function debugString(s: Transaction, vcpu: Word, info: Word): void {
  const repeat = info.has(INFO_REPEAT);
  const base = isLongMode(s, vcpu).choose(s.word64(0), s.row("vmcb", vcpu).dsBase);
  const source = gpr(s, vcpu, RSI);
  const count = repeat.choose(gpr(s, vcpu, RCX), 1);
  const step = count.min(s.word64(STRING_STEP));
  const { domain } = s.row("vcpu", vcpu);
  s.clause(
    "IO-OUTS-1",
    "A string goes to the early console, 64 bytes an exit, up to the first that cannot be read; that " +
      "and the rest of the 64 are passed over, so that the instruction always makes progress.",
  );
  const done = () => s.word64(0);
  s.rounds(STRING_STEP, (round, next) => {
    const take = () => {
      const address = locate(s, vcpu, base.add(source.add(round)), s.truth(false));
      const put = () => {
        putByte(s, domain, s.machine.load8(address));
        return next();
      };
      return s.branch(address.eq(NOWHERE), done, put);
    };
    return s.branch(step.gt(round), take, done);
  });
  setGpr(s, vcpu, RSI, source.add(step));
  const left = count.sub(step);
  s.when(repeat, () => setGpr(s, vcpu, RCX, left));
  s.when(left.eq(0), () => finish(s, vcpu));
}

function stringOperation(s: Transaction, vcpu: Word, port: Word, info: Word): void {
  const repeat = info.has(INFO_REPEAT);
  const refuse = () => {
    s.clause("IO-STRING-1", "There is nothing to read strings from: INS is #GP(0).");
    raiseProtection(s, vcpu);
  };
  const drop = () => {
    s.clause("IO-STRING-2", "OUTS elsewhere is dropped, and done at once.");
    const count = repeat.choose(gpr(s, vcpu, RCX), 1);
    const bytes = info.shr(4).and(7).wide();
    setGpr(s, vcpu, RSI, gpr(s, vcpu, RSI).add(count.mul(bytes)));
    s.when(repeat, () => setGpr(s, vcpu, RCX, s.word64(0)));
    finish(s, vcpu);
  };
  const out = () =>
    s.when(port.eq(PORT_DEBUG).and(info.has(INFO_8)), () => debugString(s, vcpu, info), drop);
  s.when(info.has(INFO_IN), refuse, out);
}

function portOut(s: Transaction, vcpu: Word, port: Word): void {
  const { domain } = s.row("vcpu", vcpu);
  const value = s.row("vmcb", vcpu).rax.low();
  s.when(port.eq(PORT_DEBUG), () => {
    s.clause("IO-OUT-1", "A byte written to 0xe9 joins the domain's line on the console.");
    putByte(s, domain, value.and(0xff));
  });
  s.when(port.eq(PORT_SLEEP_CONTROL).and(value.has(SLEEP_ENABLE)), () => {
    s.clause("IO-OUT-2", "SLP_EN written to 0x604 powers the domain off.");
    shutdownDomain(s, domain, s.word32(SHUTDOWN_poweroff));
  });
}

/** IN, OUT, INS, OUTS. */
export function exitIo(s: Transaction, vcpu: Word): void {
  const info = s.row("vmcb", vcpu).exitInfo1.low();
  const port = info.shr(16);
  const single = () => {
    s.clause("IO-EXIT-1", "IN and OUT are done.");
    finish(s, vcpu);
    s.when(
      info.has(INFO_IN),
      () => portIn(s, vcpu, port, info),
      () => portOut(s, vcpu, port),
    );
  };
  s.when(info.has(INFO_STRING), () => stringOperation(s, vcpu, port, info), single);
}
