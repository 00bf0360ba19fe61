// A core that exercises the machine layer instead of being a hypervisor. The first byte of the boot
// pack chooses what it does. It is text, because AssemblyScript is no TypeScript.

/** Names of the exercises, by that byte. */
export const exercises = [
  "report",
  "unreachable",
  "loadLinear",
  "loadImage",
  "loadNowhere",
  "storeOutside",
  "memory",
  "guest",
  "timer",
  "state",
  "exception",
  "halt",
  "lowMemory",
  "overrun",
  "badVcpu",
  "vectors",
] as const;
export type Exercise = (typeof exercises)[number];

export const exerciseSource = `
import * as machine from "./machine";
import * as column from "./columns";

const SUPERFRAME: u64 = 0x200000;
let phase: u32 = 0;
let wakes: u32 = 0;

function put(byte: u32): void {
  column.setScratchByte(0, byte);
  machine.write(column.scratchByteBase, 1);
}
function say(text: string): void {
  for (let i: u32 = 0; i < <u32>text.length; i++) put(text.charCodeAt(i));
}
function line(name: string, value: u64): void {
  say("xenolith: ");
  say(name);
  say(" ");
  for (let shift: i32 = 60; shift >= 0; shift -= 4) {
    const digit = <u32>(value >> shift) & 15;
    put(digit < 10 ? 48 + digit : 87 + digit);
  }
  put(10);
}
/** A superframe that is RAM: the last whole one of the first range. */
function ram(): u64 {
  return ((column.rangeAddress(0) + column.rangeBytes(0)) & ~(SUPERFRAME - 1)) - SUPERFRAME;
}
function exercise(): u32 { return machine.load8(column.bootPackAddress()); }
function expect(name: string, got: u64, wanted: u64): void {
  if (got != wanted) { line(name, got); machine.halt(1); }
}

function report(): void {
  for (let i: u32 = 0; i < column.bootRanges(); i++) {
    line("start", column.rangeAddress(i));
    line("bytes", column.rangeBytes(i));
  }
  line("linear", machine.linearBase());
  line("pack", column.bootPackBytes());
  line("kilohertz", column.bootTscKilohertz());
  line("wall", column.bootWallSeconds());
  line("vendor", machine.cpuid(0, 0, 1));
  machine.halt(0);
}

function memoryWorks(): void {
  const a = ram();
  const b = a - SUPERFRAME;
  machine.zero(a, 0x200000);
  machine.store64(a, 0x1122334455667788);
  expect("load8", machine.load8(a + 1), 0x77);
  expect("load32", machine.load32(a + 4), 0x11223344);
  expect("or64", machine.or64(a, 0xff), 0x1122334455667788);
  expect("and64", machine.and64(a, 0xff), 0x11223344556677ff);
  expect("and64 after", machine.load64(a), 0xff);
  machine.store32(a + 8, 0xaabbccdd);
  machine.store8(a + 8, 0x1ee);
  expect("exchange8", machine.exchange8(a + 8, 0x55), 0xee);
  expect("store32", machine.load64(a + 8), 0xaabbcc55);
  expect("compareExchange16 hit", machine.compareExchange16(a + 8, 0xcc55, 0x1234), 0xcc55);
  expect("compareExchange16 miss", machine.compareExchange16(a + 8, 0xcc55, 0x9999), 0x1234);
  expect("compareExchange16 after", machine.load32(a + 8), 0xaabb1234);
  machine.store64(a + 0x1ffff8, 0x77);
  machine.copy(b, a, 0x200000);
  expect("copy", machine.load64(b + 0x1ffff8), 0x77);
  machine.copyIn(column.scratchByteBase, a, 13);
  expect("copyIn", column.scratchByte(8), 0x34);
  machine.zero(b + 1, 7);
  expect("zero", machine.load64(b), 0xff);
  expect("time", machine.timestamp() < machine.timestamp() ? 1 : 0, 1);
  say("xenolith: memory works\\n");
  machine.halt(0);
}

/** A 64-bit guest at guest-physical 0: page tables at 0x1000, code at 0x4000. */
function build(vcpu: u32, code: u64): void {
  const base = machine.linearBase();
  column.setNestedRootEntry(0, base + column.nestedPointerEntryBase | 0x67);
  column.setNestedPointerEntry(0, base + column.directoryEntryBase | 0x67);
  column.setDirectoryEntry(0, ram() | 0xe7);
  machine.zero(ram(), 0x4000);
  machine.store64(ram() + 0x1000, 0x2007);
  machine.store64(ram() + 0x2000, 0x3007);
  machine.store64(ram() + 0x3000, 0x87);
  column.setVmcbIntercept1(vcpu, 1 | 1 << 24 | 1 << 31);
  column.setVmcbIntercept2(vcpu, 3);
  column.setVmcbIopmAddress(vcpu, base + column.iopmWordBase);
  column.setVmcbMsrpmAddress(vcpu, base + column.msrpmWordBase);
  column.setVmcbAsid(vcpu, 1);
  column.setVmcbTlbControl(vcpu, 1);
  column.setVmcbInterruptControl(vcpu, 1 << 24);
  column.setVmcbNestedControl(vcpu, 1);
  column.setVmcbNestedCr3(vcpu, base + column.nestedRootEntryBase);
  column.setVmcbCsAttributes(vcpu, 0xa9b);
  column.setVmcbSsAttributes(vcpu, 0xc93);
  column.setVmcbDsAttributes(vcpu, 0xc93);
  column.setVmcbEsAttributes(vcpu, 0xc93);
  column.setVmcbEfer(vcpu, 0x1500);
  column.setVmcbCr4(vcpu, 0x620);
  column.setVmcbCr3(vcpu, 0x1000);
  column.setVmcbCr0(vcpu, 0x80000011);
  column.setVmcbDr7(vcpu, 0x400);
  column.setVmcbDr6(vcpu, 0xffff0ff0);
  column.setVmcbRflags(vcpu, 2);
  column.setVmcbRip(vcpu, code);
  column.setStateWord(vcpu * 128, 0x37f);
  column.setStateWord(vcpu * 128 + 3, 0x1f80);
}
function nibble(text: string, at: i32): u32 {
  const char = <u32>text.charCodeAt(at);
  return char > 57 ? char - 87 : char - 48;
}
/** Guest code at 0x4000, in hexadecimal. */
function code(text: string): void {
  for (let i = 0; i < text.length; i += 2) {
    machine.store8(ram() + 0x4000 + (i >> 1), nibble(text, i) << 4 | nibble(text, i + 1));
  }
}

/** Increments 15 registers, then calls. */
function startGuest(): void {
  build(0, 0x4000);
  code("48ffc148ffc248ffc348ffc448ffc548ffc648ffc7");
  for (let i: u32 = 0; i < 8; i++) {
    machine.store32(ram() + 0x4015 + i * 3, 0xc0ff49 + (i << 16));
  }
  machine.store64(ram() + 0x402d, 0xd9010fc0ff48);
  for (let i: u32 = 0; i < 16; i++) column.setGprValue(i, 0x100000000 * (i + 1));
  column.setVmcbRax(0, 1000);
  column.setVmcbRsp(0, 2000);
}
function guestExit(): void {
  expect("exit code", column.vmcbExitCode(0), 0x81);
  expect("rax", column.vmcbRax(0), 1001);
  expect("rsp", column.vmcbRsp(0), 2001);
  for (let i: u32 = 1; i < 16; i++) {
    if (i != 4) expect("register", column.gprValue(i), 0x100000000 * (i + 1) + 1);
  }
  say("xenolith: guest works\\n");
  machine.halt(0);
}

/** A guest that spins for ever is interrupted, and an idle machine wakes. */
function startTimer(): void {
  build(0, 0x4000);
  code("ebfe");
  machine.setTimer(machine.timestamp() + column.bootTscKilohertz());
}
function timerExit(): void {
  expect("exit code", column.vmcbExitCode(0), 0x60);
  say("xenolith: interrupted\\n");
  phase = 1;
  machine.setTimer(machine.timestamp() + column.bootTscKilohertz());
}
function timerSelect(): u32 {
  if (phase == 0) return 0;
  wakes++;
  if (wakes < 2) return 0xffffffff;
  say("xenolith: woken\\n");
  machine.halt(0);
  return 0;
}

/** Two vCPUs keep their own XMM0, DR0 and TSC_AUX: RAX goes in, a call, and comes out. */
function startState(): void {
  for (let vcpu: u32 = 0; vcpu < 2; vcpu++) build(vcpu, 0x4000);
  code("66480f6ec00f23c00f01d966480f7ec00f21c10f01d9");
  column.setStateWord(108, 7);
  column.setStateWord(128 + 108, 8);
  column.setVmcbRax(0, 0x1111);
  column.setVmcbRax(1, 0x2222);
}
/** The same for the upper half of YMM0, which each guest gets at by enabling AVX in XCR0 itself:
 *  RBX goes in, a call, and comes out. */
function startVectors(): void {
  for (let vcpu: u32 = 0; vcpu < 2; vcpu++) {
    build(vcpu, 0x4000);
    column.setVmcbCr4(vcpu, 0x40620);
    column.setGprValue(vcpu * 16 + 3, 0x1111 * (vcpu + 1));
  }
  code("31c931d2b8070000000f01d166480f6ec3c4e37d18c0010f01d9c4e37d19c10166480f7ecb0f01d9");
}
function vectorsExit(vcpu: u32): void {
  expect("exit code", column.vmcbExitCode(vcpu), 0x81);
  column.setVmcbRip(vcpu, column.vmcbRip(vcpu) + 3);
  if (phase < 2) column.setGprValue(vcpu * 16 + 3, 0);
  phase++;
  if (phase < 4) return;
  for (let i: u32 = 0; i < 2; i++) expect("ymm0", column.gprValue(i * 16 + 3), 0x1111 * (i + 1));
  say("xenolith: vectors work\\n");
  machine.halt(0);
}
function stateSelect(): u32 {
  const next = phase & 1;
  machine.switchState(phase == 0 ? 0xffffffff : 1 - next, next);
  machine.predictorBarrier();
  return next;
}
function stateExit(vcpu: u32): void {
  expect("exit code", column.vmcbExitCode(vcpu), 0x81);
  column.setVmcbRip(vcpu, column.vmcbRip(vcpu) + 3);
  if (phase < 2) column.setVmcbRax(vcpu, 0);
  phase++;
  if (phase < 4) return;
  machine.switchState(1, 0);
  for (let i: u32 = 0; i < 2; i++) {
    expect("xmm0", column.vmcbRax(i), 0x1111 * (i + 1));
    expect("db0", column.gprValue(i * 16 + 1), 0x1111 * (i + 1));
    expect("tsc_aux", column.stateWord(i * 128 + 108), 7 + i);
  }
  say("xenolith: state works\\n");
  machine.halt(0);
}

export function boot(): u32 {
  const what = exercise();
  if (what == 0) report();
  if (what == 1) unreachable();
  if (what == 2) machine.load8(machine.linearBase());
  if (what == 3) machine.store8(machine.linearBase() - 0x200000, 1);
  if (what == 4) machine.load8(column.rangeAddress(column.bootRanges() - 1) + 0x1000000000);
  if (what == 5) store<u32>(column.LINEAR_BYTES - 2 + <u32>column.bootCommand(), 1);
  if (what == 6) memoryWorks();
  if (what == 7) startGuest();
  if (what == 8) startTimer();
  if (what == 9) startState();
  if (what == 10) { column.setStateWord(64, 1 << 63); machine.switchState(0xffffffff, 0); }
  if (what == 11) machine.halt(5);
  if (what == 12) machine.load8(0x1000);
  if (what == 15) startVectors();
  if (what == 13) machine.copy(ram(), ram() - SUPERFRAME, 0x200001);
  return 0;
}
export function selectVcpu(cpu: u32): u32 {
  const what = exercise();
  if (what == 8) return timerSelect();
  if (what == 9 || what == 15) return stateSelect();
  return what == 14 ? 256 : 0;
}
export function handleExit(vcpu: u32): void {
  const what = exercise();
  if (what == 7) guestExit();
  if (what == 8) timerExit();
  if (what == 9) stateExit(vcpu);
  if (what == 15) vectorsExit(vcpu);
}
`;
