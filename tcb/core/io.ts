// Port I/O. There are no devices: a read gives all ones, a write is dropped. Exceptions: the PIT's
// channel 2 reads as zero (a guest that calibrates by it gives up at once), 0xe9 takes a guest's
// early console, 0x604 and 0x605 are the sleep registers that its ACPI tables name.

import { SHUTDOWN_POWEROFF } from "./abi";
import * as column from "./columns";
import { putByte } from "./console";
import { shutdownDomain } from "./domain";
import { RCX, RSI, readGpr, writeGpr } from "./gpr";
import { isLongMode, locate } from "./guest";
import { raiseProtection } from "./inject";
import { load8 } from "./machine";
import { NOWHERE } from "./states";

const PORT_PIT_2: u32 = 0x42;
const PORT_DEBUG: u32 = 0xe9;
const PORT_SLEEP_CONTROL: u32 = 0x604;
const PORT_SLEEP_STATUS: u32 = 0x605;
/** SLP_EN of ACPI's sleep control register. */
const SLEEP_ENABLE: u32 = 0x20;

const INFO_IN: u32 = 1;
const INFO_STRING: u32 = 4;
const INFO_REPEAT: u32 = 8;
/** Bytes that one exit takes from a string instruction; the rest follow at the next exit. */
const STRING_STEP: u64 = 64;

function finish(vcpu: u32): void {
  column.setVmcbRip(vcpu, column.vmcbExitInfo2(vcpu));
  column.setVmcbInterruptState(vcpu, column.vmcbInterruptState(vcpu) & ~(1 as u64));
}

function portIn(vcpu: u32, port: u32, info: u32): void {
  const rax = column.vmcbRax(vcpu);
  const value: u64 = port == PORT_PIT_2 || port == PORT_SLEEP_STATUS ? 0 : 0xffffffff;
  if ((info & 0x10) != 0) column.setVmcbRax(vcpu, (rax & ~(0xff as u64)) | (value & 0xff));
  else if ((info & 0x20) != 0) column.setVmcbRax(vcpu, (rax & ~(0xffff as u64)) | (value & 0xffff));
  else column.setVmcbRax(vcpu, value);
}

/** OUTS to the early console: at most STRING_STEP bytes an exit. IO-OUTS. */
function debugString(vcpu: u32, info: u32): void {
  const long = isLongMode(vcpu);
  const base: u64 = long ? 0 : column.vmcbDsBase(vcpu);
  const repeat = (info & INFO_REPEAT) != 0;
  let source = readGpr(vcpu, RSI);
  let left: u64 = repeat ? readGpr(vcpu, RCX) : 1;
  const step = min<u64>(left, STRING_STEP);
  for (let index: u64 = 0; index < step; index++) {
    const address = locate(vcpu, base + source, false);
    if (address == NOWHERE) break;
    putByte(column.vcpuDomain(vcpu), load8(address));
    source++;
  }
  // A byte that cannot be read is passed over, so that the instruction always makes progress.
  writeGpr(vcpu, RSI, readGpr(vcpu, RSI) + step);
  left -= step;
  if (repeat) writeGpr(vcpu, RCX, left);
  if (left == 0) finish(vcpu);
}

function stringOperation(vcpu: u32, port: u32, info: u32): void {
  if ((info & INFO_IN) != 0) return raiseProtection(vcpu);
  if (port == PORT_DEBUG && (info & 0x10) != 0) return debugString(vcpu, info);
  const bytes = ((info >> 4) & 7) as u64;
  const count: u64 = (info & INFO_REPEAT) != 0 ? readGpr(vcpu, RCX) : 1;
  writeGpr(vcpu, RSI, readGpr(vcpu, RSI) + count * bytes);
  if ((info & INFO_REPEAT) != 0) writeGpr(vcpu, RCX, 0);
  finish(vcpu);
}

/** IOIO exit. IO-EXIT. */
export function exitIo(vcpu: u32): void {
  const info = column.vmcbExitInfo1(vcpu) as u32;
  const port = info >> 16;
  if ((info & INFO_STRING) != 0) return stringOperation(vcpu, port, info);
  finish(vcpu);
  if ((info & INFO_IN) != 0) return portIn(vcpu, port, info);
  const value = column.vmcbRax(vcpu) as u32;
  if (port == PORT_DEBUG) putByte(column.vcpuDomain(vcpu), value & 0xff);
  if (port == PORT_SLEEP_CONTROL && (value & SLEEP_ENABLE) != 0) {
    shutdownDomain(column.vcpuDomain(vcpu), SHUTDOWN_POWEROFF);
  }
}
