// What a guest may know of the CPU, by allow-list: a bit that is not listed here reads as zero.
// Rows are computed once, at boot, from the host's CPUID; an exit reads a row.
// Sources: AMD APM volume 3, appendix E; Xen's public/arch-x86/cpuid.h.

import * as column from "./columns";
import { RBX, RCX, RDX, readGpr, skip, writeGpr } from "./gpr";
import { cpuid } from "./machine";
import { NONE } from "./states";

const EXTENDED: u32 = 0x80000000;
const HYPERVISOR: u32 = 0x40000000;
/** Highest leaves that a guest is told of. */
const BASIC_MAX: u32 = 7;
const EXTENDED_MAX: u32 = 0x80000008;
/** Rows from here on are for domains that are told of XSAVE. */
const XSAVE_ROWS: u32 = 64;
const XSAVE_LEAF: u32 = 13;

// Leaf 1 ECX: SSE3 PCLMULQDQ SSSE3 CX16 SSE4.1 SSE4.2 MOVBE POPCNT AES RDRAND. Not: MONITOR (no
// emulation of it), XSAVE and what needs it (see below), TSC deadline (no such timer).
const FEATURES_ECX: u32 = 0x42d82203;
/** X2APIC (the only APIC there is) and HYPERVISOR. */
const FEATURES_ECX_SET: u32 = 0x80200000;
// Leaf 1 EDX: FPU DE PSE TSC MSR PAE CX8 APIC SEP PGE CMOV PAT PSE36 CLFSH MMX FXSR SSE SSE2. Not:
// VME (no such mode is tested), MCE and MCA (machine checks are the host's), MTRR (memory types are
// the host's).
const FEATURES_EDX: u32 = 0x078bab7d;
const FEATURES_EDX_SET: u32 = 0x00000200;
// Leaf 7 EBX: FSGSBASE BMI1 SMEP BMI2 ERMS RDSEED ADX SMAP CLFLUSHOPT CLWB SHA. Not: AVX2, AVX-512
// (XSAVE), INVPCID (PCID is hidden), RTM.
const STRUCTURED_EBX: u32 = 0x219c0389;
/** UMIP, RDPID. Not: PKU (XSAVE), LA57 (walks have four levels). */
const STRUCTURED_ECX: u32 = 0x00400004;
/** Fast short REP MOV. */
const STRUCTURED_EDX: u32 = 0x00000010;
// 0x80000001 ECX: LAHF ABM SSE4A MISALIGNSSE PREFETCHW. Not: SVM (no nesting), OSVW, IBS, WDT,
// TOPOEXT.
const EXTENDED_ECX: u32 = 0x000001e1;
// 0x80000001 EDX: as leaf 1, and SYSCALL NX MMXEXT FFXSR PAGE1GB RDTSCP LM.
const EXTENDED_EDX: u32 = 0x2fd3ab7d;
/** Leaf 1 ECX with XSAVE: FMA XSAVE AVX F16C; and OSXSAVE, which shows CR4's bit. */
const XSAVE_ECX: u32 = 0x34001000;
const OSXSAVE_BIT: u32 = 27;
const CR4_OSXSAVE_BIT: u64 = 18;
/** Leaf 7 EBX with XSAVE: AVX2. */
const XSAVE_STRUCTURED_EBX: u32 = 0x00000020;
/** What XCR0 may have: x87, SSE, AVX; and where AVX lies in the image (XSAVE's standard form). */
const XCR0_KEPT: u32 = 7;
const AVX: u32 = 4;
const AVX_BYTES: u32 = 256;
const AVX_OFFSET: u32 = 576;
/** Invariant TSC: system time is computed from it. */
const POWER_EDX: u32 = 0x00000100;

function allow(row: u32, leaf: u32, eax: u32, ebx: u32, ecx: u32, edx: u32): void {
  column.setCpuidRowEax(row, cpuid(leaf, 0, 0) & eax);
  column.setCpuidRowEbx(row, cpuid(leaf, 0, 1) & ebx);
  column.setCpuidRowEcx(row, cpuid(leaf, 0, 2) & ecx);
  column.setCpuidRowEdx(row, cpuid(leaf, 0, 3) & edx);
}

function allowExtended(leaf: u32, eax: u32, ebx: u32, ecx: u32, edx: u32): void {
  allow(32 + leaf, EXTENDED + leaf, eax, ebx, ecx, edx);
}

/** Fills the rows. CPUID-BUILD. */
export function buildCpuid(): void {
  const all: u32 = 0xffffffff;
  column.setCpuidRowEax(0, BASIC_MAX);
  column.setCpuidRowEbx(0, 0x68747541); // "AuthenticAMD": guests choose VMMCALL by it
  column.setCpuidRowEcx(0, 0x444d4163);
  column.setCpuidRowEdx(0, 0x69746e65);
  // EBX of leaf 1: only the CLFLUSH line size; the APIC id is added at the exit.
  allow(1, 1, all, 0x0000ff00, FEATURES_ECX, FEATURES_EDX);
  column.setCpuidRowEcx(1, column.cpuidRowEcx(1) | FEATURES_ECX_SET);
  column.setCpuidRowEdx(1, column.cpuidRowEdx(1) | FEATURES_EDX_SET);
  allow(7, 7, 0, STRUCTURED_EBX, STRUCTURED_ECX, STRUCTURED_EDX);
  column.setCpuidRowEax(32, EXTENDED_MAX);
  column.setCpuidRowEbx(32, 0x68747541);
  column.setCpuidRowEcx(32, 0x444d4163);
  column.setCpuidRowEdx(32, 0x69746e65);
  allowExtended(1, all, 0, EXTENDED_ECX, EXTENDED_EDX);
  for (let leaf: u32 = 2; leaf <= 6; leaf++) allowExtended(leaf, all, all, all, all);
  column.setCpuidRowEdx(39, POWER_EDX);
  allowExtended(8, 0x0000ffff, 0, 0, 0);
  buildXsave();
}

/** The same rows once more, and with them XSAVE: leaf 13 has a row for each of its subleaves 0 to
 *  2. XSAVES and compact images are not offered. CPUID-BUILD-6. */
function buildXsave(): void {
  for (let row: u32 = 0; row < XSAVE_ROWS; row++) {
    column.setCpuidRowEax(XSAVE_ROWS + row, column.cpuidRowEax(row));
    column.setCpuidRowEbx(XSAVE_ROWS + row, column.cpuidRowEbx(row));
    column.setCpuidRowEcx(XSAVE_ROWS + row, column.cpuidRowEcx(row));
    column.setCpuidRowEdx(XSAVE_ROWS + row, column.cpuidRowEdx(row));
  }
  column.setCpuidRowEax(XSAVE_ROWS, XSAVE_LEAF);
  const features = XSAVE_ROWS + 1;
  column.setCpuidRowEcx(features, column.cpuidRowEcx(features) | (cpuid(1, 0, 2) & XSAVE_ECX));
  const structured = XSAVE_ROWS + 7;
  const more = cpuid(7, 0, 1) & XSAVE_STRUCTURED_EBX;
  column.setCpuidRowEbx(structured, column.cpuidRowEbx(structured) | more);
  const image = XSAVE_ROWS + XSAVE_LEAF;
  const kept = cpuid(XSAVE_LEAF, 0, 0) & XCR0_KEPT;
  const bytes = (kept & AVX) != 0 ? AVX_OFFSET + AVX_BYTES : AVX_OFFSET;
  column.setCpuidRowEax(image, kept);
  column.setCpuidRowEbx(image, bytes);
  column.setCpuidRowEcx(image, bytes);
  if ((kept & AVX) == 0) return;
  column.setCpuidRowEax(image + 2, AVX_BYTES);
  column.setCpuidRowEbx(image + 2, AVX_OFFSET);
}

function answer(vcpu: u32, eax: u32, ebx: u32, ecx: u32, edx: u32): void {
  column.setVmcbRax(vcpu, eax as u64);
  writeGpr(vcpu, RBX, ebx as u64);
  writeGpr(vcpu, RCX, ecx as u64);
  writeGpr(vcpu, RDX, edx as u64);
}

/** Xen's leaves: the signature, the version, the hypercall page, the identity of the vCPU. */
function answerHypervisor(vcpu: u32, leaf: u32): void {
  if (leaf == 0) return answer(vcpu, HYPERVISOR + 4, 0x566e6558, 0x65584d4d, 0x4d4d566e);
  if (leaf == 1) return answer(vcpu, 0x00040011, 0, 0, 0);
  if (leaf == 2) return answer(vcpu, 1, HYPERVISOR, 0, 0);
  if (leaf == 4) {
    return answer(vcpu, 0x18, column.vcpuId(vcpu), column.vcpuDomain(vcpu), 0);
  }
  answer(vcpu, 0, 0, 0, 0);
}

/** CPUID exit. CPUID-EXIT. */
export function exitCpuid(vcpu: u32): void {
  const leaf = column.vmcbRax(vcpu) as u32;
  const subleaf = readGpr(vcpu, RCX) as u32;
  skip(vcpu, 2);
  if (leaf >> 8 == HYPERVISOR >> 8) return answerHypervisor(vcpu, leaf & 0xff);
  const deepest: u32 = leaf == XSAVE_LEAF ? 2 : leaf == 7 ? 0 : NONE;
  const known = leaf < XSAVE_LEAF + 1 || (leaf >= EXTENDED && leaf < EXTENDED + 32);
  if (!known || subleaf > deepest) return answer(vcpu, 0, 0, 0, 0);
  const xsave = column.domainXsave(column.vcpuDomain(vcpu));
  const part = leaf == XSAVE_LEAF ? subleaf : 0;
  const row = ((leaf & 31) | ((leaf >> 31) << 5) | (xsave << 6)) + part;
  let ebx = column.cpuidRowEbx(row);
  let ecx = column.cpuidRowEcx(row);
  if (leaf == 1) {
    ebx |= column.vcpuId(vcpu) << 24;
    ecx |= (((column.vmcbCr4(vcpu) >> CR4_OSXSAVE_BIT) as u32) & xsave) << OSXSAVE_BIT;
  }
  answer(vcpu, column.cpuidRowEax(row), ebx, ecx, column.cpuidRowEdx(row));
}
