// The hypervisor's console: what guests say is collected into a line for each domain, and written
// with the domain's name before it, so that no guest speaks in another's name.

import { LINE_BYTES } from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { raise } from "./event.ts";
import { locate } from "./guest.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { resumeWith } from "./resume.ts";
import * as xsm from "./xsm.ts";

/** xen/include/public/io/console.h, struct xencons_interface: out[2048] at 1024, then indices. */
const RING_out = 1024;
const RING_out_bytes = 2048;
const RING_out_cons = 3080;
const RING_out_prod = 3084;

const NEWLINE = 10;
const TAB = 9;
const ESCAPE = 27;
const SPACE = 32;

/** Printable characters, tab and escape; other control characters are dropped. */
const isKept = (byte: Word): Bool => byte.ge(SPACE).or(byte.isAmong(TAB, ESCAPE));

/** Takes one byte from a domain. */
export function putByte(s: Transaction, domain: Word, byte: Word): void {
  const row = s.row("domain", domain);
  s.when(
    byte.eq(NEWLINE),
    () => row.set({ lineLength: 0 }),
    () =>
      s.when(isKept(byte), () => {
        s.clause(
          "CONSOLE-PUT-1",
          "A byte joins its domain's line; a newline or a full line writes the line and empties it.",
        );
        const length = row.lineLength;
        s.row("domainLine", domain, length.and(LINE_BYTES - 1)).set({ byte });
        const isFull = length.add(1).ge(LINE_BYTES);
        row.set({ lineLength: isFull.choose(s.word32(0), length.add(1).and(LINE_BYTES - 1)) });
      }),
  );
}

/** Takes what a domain has put into its console ring. */
export function drainConsole(s: Transaction, domain: Word): void {
  const row = s.row("domain", domain);
  const frame = row.consoleFrame;
  s.when(frame.ne(0), () => {
    s.clause(
      "CONSOLE-DRAIN-1",
      "The hypervisor takes the bytes between the ring's indices, at most a whole ring, in order.",
    );
    const ring = frame.sub(1).wide().shl(12);
    const consumed = s.machine.load32(ring.add(RING_out_cons));
    const produced = s.machine.load32(ring.add(RING_out_prod));
    const waiting = produced.sub(consumed).min(s.word32(RING_out_bytes));
    s.block("console ring", [], () => {
      s.repeat(waiting, (round) => {
        const offset = consumed.add(round).and(RING_out_bytes - 1);
        putByte(s, domain, s.machine.load8(ring.add(RING_out).add(offset.wide())));
      });
      return [];
    });
    s.when(waiting.ne(0), () => {
      s.clause("CONSOLE-DRAIN-2", "If there were any, it says so in the ring and by the port.");
      s.machine.store32(ring.add(RING_out_cons), consumed.add(waiting));
      raise(s, domain, row.consolePort);
    });
  });
}

/** Bytes that one step of console_io takes. */
const STEP_BYTES = 64;

/** HYPERVISOR_console_io(operation, count, address). */
export function consoleIo(
  s: Transaction,
  vcpu: Word,
  operation: Word,
  count: Word,
  address: Word,
): Word {
  s.clause(
    "CONSOLE-IO-1",
    "The policy lets the caller write to the console; it can do nothing else.",
  );
  const { domain } = s.row("vcpu", vcpu);
  xsm.authorise(s, s.row("domain", domain).label, xsm.labelXen(s), xsm.XEN_WRITE_CONSOLE);
  s.require(operation.eq(abi.CONSOLEIO_write), abi.ENOSYS);
  const left = count.and(0x7fffffff);
  const step = left.min(s.word64(STEP_BYTES));
  const done = () => s.word64(0);
  s.clause(
    "CONSOLE-IO-2",
    "A step takes up to 64 bytes, in order; at one that the caller cannot read the call ends, and " +
      "those before it have been taken.",
  );
  s.rounds(STEP_BYTES, (round, next) => {
    const take = () => {
      const byte = locate(s, vcpu, address.add(round), s.truth(false));
      s.require(byte.ne(abi.NOWHERE), abi.EFAULT);
      putByte(s, domain, s.machine.load8(byte));
      return next();
    };
    return s.branch(step.gt(round), take, done);
  });
  s.clause("CONSOLE-IO-3", "What is left is the next step's.");
  s.require(left.ne(step), 0);
  return resumeWith(s, operation, left.sub(step), address.add(step));
}
