// Model-specific registers by allow-list: what is not listed faults, as the manual has it for a
// register that does not exist. What the guest owns entirely (segment bases, SYSCALL and SYSENTER
// targets, TSC_AUX) does not exit at all: see buildMaps.

import * as column from "./columns";
import { RCX, readGpr, readPair, skip, writePair } from "./gpr";
import { raiseProtection } from "./inject";
import { DOMAINS, PORT_MAP_WORDS } from "./limits";
import { apicReadable, apicWritable, readApic, writeApic } from "./local_apic";
import { store8, store32, timestamp, zero } from "./machine";
import { translate } from "./p2m";
import { NOWHERE } from "./states";
import { EFER_SVME } from "./vcpu";

const TSC: u32 = 0x10;
const APIC_BASE: u32 = 0x1b;
const MICROCODE: u32 = 0x8b;
const PAT: u32 = 0x277;
const X2APIC: u32 = 0x800;
const HYPERCALL_PAGE: u32 = 0x40000000;
const EFER: u32 = 0xc0000080;
/** No message is sent for a pending interrupt: what kernels look at for an old CPU's C1E. */
const INTERRUPT_PENDING: u32 = 0xc0010055;
const DECODE_CONFIG: u32 = 0xc0011029;

const EFER_SCE: u64 = 1;
const EFER_LME: u64 = 0x100;
const EFER_LMA: u64 = 0x400;
const EFER_NXE: u64 = 0x800;
const CR0_PAGING: u64 = 0x80000000;
/** LFENCE serialises: what guests look for in DE_CFG. */
const DECODE_LFENCE: u64 = 2;

/** The APIC is enabled, in x2APIC mode, and stays so. */
function apicBase(vcpu: u32): u64 {
  return column.vcpuId(vcpu) == 0 ? 0xfee00d00 : 0xfee00c00;
}

function readMsr(vcpu: u32, msr: u32): bool {
  let value: u64 = 0;
  if (msr == TSC) value = timestamp();
  else if (msr == APIC_BASE) value = apicBase(vcpu);
  else if (msr == PAT) value = column.vmcbPat(vcpu);
  else if (msr == EFER) value = column.vmcbEfer(vcpu) & ~EFER_SVME;
  else if (msr == DECODE_CONFIG) value = DECODE_LFENCE;
  else if (msr - X2APIC < 64) {
    if (!apicReadable(msr - X2APIC)) return false;
    value = readApic(vcpu, msr - X2APIC);
  } else if (msr != MICROCODE && msr != INTERRUPT_PENDING) return false;
  writePair(vcpu, value);
  return true;
}

/** EFER: SCE, LME and NXE are the guest's; LMA is the CPU's; LME is fixed while paging is on. */
function writeEfer(vcpu: u32, value: u64): bool {
  if ((value & ~(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)) != 0) return false;
  const old = column.vmcbEfer(vcpu);
  const paging = (column.vmcbCr0(vcpu) & CR0_PAGING) != 0;
  if (paging && ((old ^ value) & EFER_LME) != 0) return false;
  column.setVmcbEfer(vcpu, (value & ~EFER_LMA) | (old & EFER_LMA) | EFER_SVME);
  return true;
}

/** Each byte of PAT names a memory type that exists: 0, 1, 4, 5, 6 or 7. */
function validPat(value: u64): bool {
  const reserved = value & 0xf8f8f8f8f8f8f8f8;
  const twoOrThree = (value >> 1) & ~(value >> 2) & 0x0101010101010101;
  return reserved == 0 && twoOrThree == 0;
}

/** Fills a guest's page with the hypercall stubs: MOV EAX, n; VMMCALL; RET every 32 bytes. */
function writeHypercallPage(vcpu: u32, value: u64): bool {
  const page = translate(column.vcpuDomain(vcpu), value & ~(0xfff as u64), true);
  if (page == NOWHERE || (value & 0xfff) != 0) return false;
  zero(page, 4096);
  for (let number: u32 = 0; number < 64; number++) {
    const stub = page + ((number << 5) as u64);
    store8(stub, 0xb8);
    store32(stub + 1, number);
    store32(stub + 5, 0xc3d9010f);
  }
  return true;
}

function writeMsr(vcpu: u32, msr: u32, value: u64): bool {
  if (msr == EFER) return writeEfer(vcpu, value);
  if (msr == HYPERCALL_PAGE) return writeHypercallPage(vcpu, value);
  if (msr == APIC_BASE) return value == apicBase(vcpu);
  if (msr == PAT) {
    if (!validPat(value)) return false;
    column.setVmcbPat(vcpu, value);
    return true;
  }
  if (msr - X2APIC < 64) {
    if (!apicWritable(msr - X2APIC)) return false;
    writeApic(vcpu, msr - X2APIC, value);
    return true;
  }
  return msr == TSC || msr == MICROCODE;
}

/** RDMSR or WRMSR exit. MSR-EXIT. */
export function exitMsr(vcpu: u32): void {
  const msr = readGpr(vcpu, RCX) as u32;
  const write = column.vmcbExitInfo1(vcpu) != 0;
  const done = write ? writeMsr(vcpu, msr, readPair(vcpu)) : readMsr(vcpu, msr);
  if (done) skip(vcpu, 2);
  else raiseProtection(vcpu);
}

/** Lets a guest read and write an MSR without an exit. */
function pass(msr: u32): void {
  const area: u32 = msr >= 0xc0000000 ? 2048 : 0;
  const bit = ((msr & 0x1fff) << 1) & 63;
  const word = (area >> 3) + ((msr & 0x1fff) >> 5);
  column.setMsrpmWord(word, column.msrpmWord(word) & ~((3 as u64) << (bit as u64)));
}

/** The permission maps: every port exits, every MSR but the guest's own. MSR-MAPS. */
export function buildMaps(): void {
  memory.fill(column.iopmWordBase, 0xff, (DOMAINS * PORT_MAP_WORDS) << 3);
  memory.fill(column.msrpmWordBase, 0xff, 8192);
  for (let msr: u32 = 0x174; msr <= 0x176; msr++) pass(msr);
  for (let msr: u32 = 0xc0000081; msr <= 0xc0000084; msr++) pass(msr);
  for (let msr: u32 = 0xc0000100; msr <= 0xc0000103; msr++) pass(msr);
}
