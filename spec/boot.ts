// Boot: memory joins the pool, the policy is loaded, and the boot pack's commands are carried out
// one a step, under the label that the policy has for that (docs/boot-pack.md). What is wrong stops
// the machine, with code 2.

import { MEMORY_RANGES, SUPERFRAMES } from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { startClock } from "./clock.ts";
import { perform } from "./control_op.ts";
import { buildCpuid } from "./cpuid.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { buildMaps } from "./msr.ts";
import { policyStep } from "./policy_load.ts";
import { labelBoot } from "./xsm.ts";

/** "XENOPACK", and the version. */
const MAGIC = 0x4b4341504f4e4558n;
const VERSION = 1;
const HEADER_BYTES = 128;
const COMMANDS_MOST = 65536;
const COMMAND_BYTES = 64;
const BANNER_BYTES = 4096;
const COPY = 5;
/** Where the header says things. */
const VERSION_AT = 8;
const COMMANDS_AT = 12;
const TABLE_AT = 16;
const POLICY_AT = 24;
const POLICY_BYTES_AT = 32;
const TOTAL_AT = 40;
const BANNER_AT = 48;
const BANNER_BYTES_AT = 56;

/** How far boot has come. */
const STARTED = 1;
const OPENED = 2;
const LOADED = 3;
const ENDED = 4;
const STOPPED_BY_BOOT = 2;
/** Of a schedule that nobody has set. */
const SLICE_NANOSECONDS = 10000000;

/** Is [offset, offset + bytes) inside the pack? */
function inPack(s: Transaction, offset: Word, bytes: Word): Bool {
  const { packBytes } = s.row("boot");
  return offset.le(packBytes).and(bytes.le(packBytes.sub(offset)));
}

const wordAt = (s: Transaction, at: number): Word =>
  s.machine.load64(s.row("boot").packAddress.add(at));

/** 0, or 1 as far as a condition that is found by steps holds. */
const either = (s: Transaction, condition: Bool, steps: () => Word): Word =>
  s.branch(condition, steps, () => s.word32(0));

const one = (s: Transaction, condition: Bool): Word => condition.choose(s.word32(1), 0);

// ---- memory -------------------------------------------------------------------------------------

const SUPERFRAME_SHIFT = 21;
const ROUNDED = 0x1fffff;

const usableRanges = (s: Transaction): Word => s.row("boot").ranges.min(s.word32(MEMORY_RANGES));

/** Does the boot pack lie in the superframe? */
function holdsPack(s: Transaction, superframe: Word): Bool {
  const { packAddress, packBytes } = s.row("boot");
  const first = packAddress.shr(SUPERFRAME_SHIFT);
  const last = packAddress.add(packBytes).sub(1).shr(SUPERFRAME_SHIFT);
  return superframe.ge(first).and(superframe.le(last));
}

/** What nobody has joins the pool, and is scrubbed from its beginning before anybody gets it. */
function adopt(s: Transaction, superframe: Word): void {
  const row = s.row("super", superframe);
  s.when(row.owner.eq(0), () => {
    row.set({ scrubbed: 0 });
    const word = s.row("pool", superframe.shr(6));
    word.set({ word: word.word.or(s.word64(1).shl(superframe.and(63).wide())) });
  });
}

/** The next whole superframe of the usable ranges, if it is one that is meant: 1, or what follows
 *  the last one. */
function adoptNext(s: Transaction, isMeant: (holds: Bool) => Bool, afterwards: () => Word): Word {
  const boot = s.row("boot");
  const range = boot.range;
  return s.branch(range.ge(usableRanges(s)), afterwards, () => {
    const { address, bytes } = s.row("range", range);
    const first = address.add(ROUNDED).shr(SUPERFRAME_SHIFT);
    const end = address.add(bytes).shr(SUPERFRAME_SHIFT).min(s.word64(SUPERFRAMES));
    const superframe = first.max(boot.superframe.wide());
    const next = () => {
      boot.set({ range: range.add(1), superframe: 0 });
      return s.word32(1);
    };
    return s.branch(superframe.ge(end), next, () => {
      boot.set({ superframe: superframe.low().add(1) });
      s.when(isMeant(holdsPack(s, superframe)), () => adopt(s, superframe.low()));
      return s.word32(1);
    });
  });
}

// ---- the pack -----------------------------------------------------------------------------------

/** What the pack says of itself goes to the console. */
function printBanner(s: Transaction): void {
  const offset = wordAt(s, BANNER_AT);
  const bytes = wordAt(s, BANNER_BYTES_AT);
  s.when(bytes.le(BANNER_BYTES).and(inPack(s, offset, bytes)), () => {
    s.clause("BOOT-BANNER-1", "A banner of 4 KiB at most that lies in the pack is written.");
    s.copyIn("scratch", "byte", [0], s.row("boot").packAddress.add(offset), bytes.low());
  });
}

/** Opens the pack: 1, or 0 if it is none that can be. */
function openPack(s: Transaction): Word {
  const { packAddress, packBytes } = s.row("boot");
  s.clause("BOOT-PACK-1", "A pack has a header of 128 bytes, with its mark and the version.");
  const isPack = either(s, packBytes.ge(HEADER_BYTES), () =>
    either(s, wordAt(s, 0).eq(MAGIC), () =>
      one(s, s.machine.load32(packAddress.add(VERSION_AT)).eq(VERSION)),
    ),
  );
  return either(s, isPack.ne(0), () => {
    s.clause(
      "BOOT-PACK-2",
      "It has at most 65,536 commands, whose table lies in it, and is as long as it says.",
    );
    const commands = s.machine.load32(packAddress.add(COMMANDS_AT));
    const table = wordAt(s, TABLE_AT);
    const fits = inPack(s, table, commands.wide().mul(COMMAND_BYTES));
    const isWhole = either(s, commands.le(COMMANDS_MOST), () =>
      one(s, wordAt(s, TOTAL_AT).eq(packBytes).and(fits)),
    );
    return either(s, isWhole.ne(0), () => {
      printBanner(s);
      s.row("boot").set({ commands });
      return s.word32(1);
    });
  });
}

/** The machine stops: what boot needs is not there. */
function halt(s: Transaction): Word {
  s.clause("BOOT-STOP-1", "Boot that cannot go on stops the machine with code 2.");
  s.machine.halt(STOPPED_BY_BOOT);
  return s.word32(0);
}

// ---- steps --------------------------------------------------------------------------------------

/** What is done once, before anything else. */
function start(s: Transaction): Word {
  s.clause(
    "BOOT-START-1",
    "First the clock's factors, what guests may know of the CPU, the permission maps and a slice of " +
      "10 ms are set.",
  );
  startClock(s);
  buildCpuid(s);
  buildMaps(s);
  s.row("schedule").set({ sliceNanoseconds: SLICE_NANOSECONDS });
  s.row("boot").set({ finished: STARTED });
  return s.word32(1);
}

/** Memory joins the pool, a superframe a step; then the pack is opened. */
function memoryStage(s: Transaction): Word {
  s.clause(
    "BOOT-MEMORY-1",
    "The whole superframes of the first 32 ranges of usable memory join the pool, one a step, but " +
      "for those that the pack lies in: it is read until the last command is done.",
  );
  const open = () =>
    s.branch(
      openPack(s).ne(0),
      () => {
        s.row("boot").set({ finished: OPENED });
        return s.word32(1);
      },
      () => halt(s),
    );
  return adoptNext(s, (holds) => holds.not(), open);
}

/** The pack's own superframes join the pool, where they are whole and usable; then boot ends. */
function packStage(s: Transaction): Word {
  s.clause("BOOT-END-1", "When all commands are done, the pack's memory joins the pool too.");
  return adoptNext(
    s,
    (holds) => holds,
    () => s.word32(0),
  );
}

/** A step of loading the pack's policy. */
function policyStage(s: Transaction): Word {
  s.clause("BOOT-POLICY-1", "The pack's policy lies in it, and is loaded before any command.");
  const { packAddress } = s.row("boot");
  const offset = wordAt(s, POLICY_AT);
  const bytes = wordAt(s, POLICY_BYTES_AT);
  const result = s.branch(
    inPack(s, offset, bytes),
    () => policyStep(s, packAddress.add(offset), bytes),
    () => s.word64(abi.EINVAL),
  );
  const failed = () => s.branch(result.ne(0), () => halt(s), loaded);
  const loaded = () => {
    s.clause("BOOT-POLICY-2", "Under it, the commands are carried out.");
    s.row("boot").set({ finished: LOADED });
    return s.word32(1);
  };
  return s.branch(result.eq(abi.RESUME), () => s.word32(1), failed);
}

/** Reads a command's row of the pack. */
function takeCommand(s: Transaction, row: Word): void {
  s.clause("BOOT-COMMAND-1", "A command is a row of 64 bytes, read once, in order.");
  const word = (at: number): Word => s.machine.load64(row.add(at));
  s.row("command").set({
    operation: s.machine.load32(row),
    domain: s.machine.load32(row.add(4)),
    a: word(8),
    b: word(16),
    c: word(24),
    d: word(32),
    e: word(40),
    f: word(48),
    g: word(56),
  });
}

/** Carries out the next command, under the label of the boot. */
function performRow(s: Transaction): Word {
  const boot = s.row("boot");
  const index = boot.command;
  const { packAddress } = boot;
  const table = packAddress.add(wordAt(s, TABLE_AT));
  takeCommand(s, table.add(index.wide().mul(COMMAND_BYTES)));
  const { operation, b: offset, c: bytes } = s.row("command");
  const result = s.attempt(() => {
    s.clause("BOOT-COMMAND-2", "What a command copies lies in the pack.");
    s.require(operation.ne(COPY).or(inPack(s, offset, bytes)), abi.EFAULT);
    const label = labelBoot(s);
    const source = packAddress.add(offset);
    const [answer] = s.block("control_op/perform", [label, source], () => [
      s.attempt(() => perform(s, label, source)),
    ]);
    return answer!;
  });
  const done = () => {
    s.clause("BOOT-COMMAND-3", "A command that is done is followed by the next.");
    boot.set({ command: index.add(1) });
    return s.word32(1);
  };
  const ended = () => s.branch(result.ne(0), () => halt(s), done);
  return s.branch(result.eq(abi.RESUME), () => s.word32(1), ended);
}

/** The next command, if there is one. */
function commandStage(s: Transaction): Word {
  const boot = s.row("boot");
  const end = () => {
    s.clause(
      "BOOT-COMMAND-4",
      "Behind the last command, memory is looked at from the first again.",
    );
    boot.set({ range: 0, finished: ENDED });
    return s.word32(1);
  };
  return s.branch(boot.command.ge(boot.commands), end, () => performRow(s));
}

/** One step of boot: 1 while there is more to do, 0 when the domains run. */
export function bootStep(s: Transaction): Word {
  const { finished } = s.row("boot");
  const stages: readonly [number, (s: Transaction) => Word][] = [
    [0, start],
    [STARTED, memoryStage],
    [LOADED, commandStage],
    [ENDED, packStage],
  ];
  return stages.reduceRight<() => Word>(
    (others, [stage, step]) =>
      () =>
        s.branch(finished.eq(stage), () => step(s), others),
    () => policyStage(s),
  )();
}
