// Boot: machine memory joins the pool, the policy is loaded, and the boot pack's commands are
// carried out one a step, under the label that the policy gives to the boot. Anything wrong stops
// the machine with a reason.

import { EFAULT, EINVAL, RESUME } from "./abi";
import { startClock } from "./clock";
import * as column from "./columns";
import { COMMAND_BYTES, isCopy, perform, takeCommand } from "./control_op";
import { buildCpuid } from "./cpuid";
import { adoptSuperframe } from "./frame";
import { MEMORY_RANGES, SUPERFRAMES } from "./limits";
import { copyIn, halt, load32, load64, write } from "./machine";
import { buildMaps } from "./msr";
import { policyStep } from "./policy_load";
import { emitLine, putDecimal, putText, say } from "./text";
import { labelBoot } from "./xsm";

const MAGIC: u64 = 0x4b4341504f4e4558; // "XENOPACK"
const VERSION: u32 = 1;
const COMMANDS_MAX: u32 = 65536;
const BANNER_BYTES_MAX: u64 = 4096;
const HEADER_BYTES: u64 = 128;
/** How far boot has come (boot.finished). */
const BOOT_MEMORY: u32 = 1;
const BOOT_POLICY: u32 = 2;
const BOOT_COMMANDS: u32 = 3;
const BOOT_PACK: u32 = 4;
const SLICE_NANOSECONDS: u64 = 10000000;

/** Does the superframe overlap the boot pack? It is read until the last command is done. */
function holdsPack(superframe: u64): bool {
  const first = column.bootPackAddress() >> 21;
  const last = (column.bootPackAddress() + column.bootPackBytes() - 1) >> 21;
  return superframe >= first && superframe <= last;
}

/** The next superframe that lies wholly in a range of usable memory joins the pool, if the pack
 *  lies in it or, for `ofPack` false, does not; false when there is none left. */
function adoptNext(ofPack: bool): bool {
  const range = column.bootRange();
  if (range >= min<u32>(column.bootRanges(), MEMORY_RANGES)) return false;
  const first = (column.rangeAddress(range) + 0x1fffff) >> 21;
  const end = (column.rangeAddress(range) + column.rangeBytes(range)) >> 21;
  const superframe = max<u64>(first, column.bootSuperframe() as u64);
  if (superframe >= min<u64>(end, SUPERFRAMES as u64)) {
    column.setBootRange(range + 1);
    column.setBootSuperframe(0);
    return true;
  }
  column.setBootSuperframe((superframe as u32) + 1);
  if (holdsPack(superframe) == ofPack) adoptSuperframe(superframe as u32);
  return true;
}

/** Is [offset, offset + bytes) inside the pack? */
function inPack(offset: u64, bytes: u64): bool {
  const total = column.bootPackBytes();
  return offset <= total && bytes <= total - offset;
}

function printBanner(pack: u64): void {
  const offset = load64(pack + 48);
  const bytes = load64(pack + 56);
  if (bytes > BANNER_BYTES_MAX || !inPack(offset, bytes)) return;
  copyIn(column.scratchByteBase, pack + offset, bytes as u32);
  write(column.scratchByteBase, bytes as u32);
}

/** Checks the header; false: the reason is on the console. */
function openPack(): bool {
  const pack = column.bootPackAddress();
  const total = column.bootPackBytes();
  if (total < HEADER_BYTES || load64(pack) != MAGIC || load32(pack + 8) != VERSION) {
    say("no boot pack: give one as the only boot module");
    return false;
  }
  const commands = load32(pack + 12);
  const fits = inPack(load64(pack + 16), (commands as u64) * (COMMAND_BYTES as u64));
  if (commands > COMMANDS_MAX || load64(pack + 40) != total || !fits) {
    say("malformed boot pack: it was cut off or its table lies outside it");
    return false;
  }
  printBanner(pack);
  column.setBootCommands(commands);
  return true;
}

/** Everything that is done once, before memory joins the pool. BOOT-START. */
function start(): void {
  startClock();
  buildCpuid();
  buildMaps();
  column.setScheduleSliceNanoseconds(SLICE_NANOSECONDS);
  column.setBootFinished(BOOT_MEMORY);
}

/** Memory joins the pool but for the pack's, which is opened then. BOOT-MEMORY. */
function memoryStage(): u32 {
  if (adoptNext(false)) return 1;
  if (!openPack()) {
    halt(2);
    return 0;
  }
  column.setBootFinished(BOOT_POLICY);
  return 1;
}

/** A step of loading the pack's policy; 1 while there is more to do. */
function policyStage(): u32 {
  const pack = column.bootPackAddress();
  const policy = load64(pack + 24);
  const bytes = load64(pack + 32);
  const result = inPack(policy, bytes) ? policyStep(pack + policy, bytes) : EINVAL;
  if (result == RESUME) return 1;
  if (result != 0) {
    say("no policy, or a malformed one: nothing starts");
    halt(2);
    return 0;
  }
  column.setBootFinished(BOOT_COMMANDS);
  return 1;
}

/** Carries out one command under the label of the boot. */
function performRow(row: u64): i64 {
  takeCommand(row);
  const offset = column.commandB();
  if (isCopy() && !inPack(offset, column.commandC())) return EFAULT;
  return perform(labelBoot(), column.bootPackAddress() + offset);
}

/** When all commands are done, the pack's memory joins the pool too. BOOT-END. */
function packStage(): u32 {
  if (adoptNext(true)) return 1;
  say("domains run");
  return 0;
}

/** Carries out the next command. BOOT-COMMAND. */
function commandStage(): u32 {
  const index = column.bootCommand();
  if (index >= column.bootCommands()) {
    column.setBootRange(0);
    column.setBootFinished(BOOT_PACK);
    return 1;
  }
  const table = column.bootPackAddress() + load64(column.bootPackAddress() + 16);
  const result = performRow(table + (index as u64) * (COMMAND_BYTES as u64));
  if (result == RESUME) return 1;
  if (result != 0) {
    let at = putDecimal(putText(0, "xenolith: boot command "), index as u64);
    at = putDecimal(putText(at, " failed, error "), -result as u64);
    emitLine(at);
    halt(2);
    return 0;
  }
  column.setBootCommand(index + 1);
  return 1;
}

/** One step of boot; 1 while there is more to do. BOOT-STEP. */
export function bootStep(): u32 {
  const finished = column.bootFinished();
  if (finished == 0) {
    start();
    return 1;
  }
  if (finished == BOOT_MEMORY) return memoryStage();
  if (finished == BOOT_COMMANDS) return commandStage();
  if (finished == BOOT_PACK) return packStage();
  return policyStage();
}
