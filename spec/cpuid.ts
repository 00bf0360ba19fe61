// What a guest may know of the CPU, by allow-list: a bit that is not listed reads as zero (AMD APM
// volume 3, appendix E; xen/include/public/arch-x86/cpuid.h). Rows are computed once, at boot, from
// the host's CPUID; an exit reads a row: 32 leaves from 0, and 32 from 0x80000000.

import { RBX, RCX, RDX } from "./abi.ts";
import { all } from "./lang/invariant.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Operand, Word } from "./lang/word.ts";
import { gpr, setGpr, skip } from "./registers.ts";

const EXTENDED = 0x80000000;
const HYPERVISOR = 0x40000000;
const LEAVES = 32;
/** Greatest leaves that a guest is told of. */
const BASIC_MAX = 7;
const EXTENDED_MAX = 0x80000008;
const LEAF_STRUCTURED = 7;
const LEAF_POWER = 7;
const LEAF_SIZES = 8;
const ALL = 0xffffffff;
/** Rows from here on are for domains that are told of XSAVE. */
const XSAVE_ROWS = 64;
const XSAVE_LEAF = 13;
/** The subleaves of leaf 13 that have rows. */
const XSAVE_SUBLEAVES = 2;
/** Leaf 1 ECX with XSAVE: FMA XSAVE AVX F16C; and OSXSAVE, which shows CR4's bit. */
const XSAVE_ECX = 0x34001000;
const OSXSAVE_BIT = 27;
const CR4_OSXSAVE = 0x40000;
/** Leaf 7 EBX with XSAVE: AVX2. */
const XSAVE_STRUCTURED_EBX = 0x20;
/** What XCR0 may have: x87, SSE, AVX; and where AVX lies in the image (XSAVE's standard form). */
const XCR0_KEPT = 7;
const XCR0_AVX = 4;
const AVX_BYTES = 256;
const AVX_OFFSET = 576;
/** "AuthenticAMD" in EBX, EDX, ECX: guests choose VMMCALL by it. */
const VENDOR_EBX = 0x68747541;
const VENDOR_ECX = 0x444d4163;
const VENDOR_EDX = 0x69746e65;

/** Leaf 1 ECX: SSE3 PCLMULQDQ SSSE3 CX16 SSE4.1 SSE4.2 MOVBE POPCNT AES RDRAND. Not: MONITOR (no
 *  emulation of it), XSAVE and what needs it (off until a guest asks), TSC deadline (no such
 *  timer). */
const FEATURES_ECX = 0x42d82203;
/** X2APIC (the only APIC there is) and HYPERVISOR. */
const FEATURES_ECX_SET = 0x80200000;
/** Leaf 1 EDX: FPU DE PSE TSC MSR PAE CX8 APIC SEP PGE CMOV PAT PSE36 CLFSH MMX FXSR SSE SSE2. Not:
 *  VME (no such mode is tested), MCE and MCA (machine checks are the host's), MTRR (memory types
 *  are the host's). */
const FEATURES_EDX = 0x078bab7d;
const FEATURES_EDX_APIC = 0x200;
/** Leaf 1 EBX: the CLFLUSH line size; the APIC number is added at the exit. */
const FEATURES_EBX = 0xff00;
/** Leaf 7 EBX: FSGSBASE BMI1 SMEP BMI2 ERMS RDSEED ADX SMAP CLFLUSHOPT CLWB SHA. Not: AVX2, AVX-512
 *  (XSAVE), INVPCID (PCID is hidden), RTM. */
const STRUCTURED_EBX = 0x219c0389;
/** UMIP, RDPID. Not: PKU (XSAVE), LA57 (walks have four levels). */
const STRUCTURED_ECX = 0x00400004;
/** Fast short REP MOV. */
const STRUCTURED_EDX = 0x10;
/** 0x80000001 ECX: LAHF ABM SSE4A MISALIGNSSE PREFETCHW. Not: SVM (no nesting), OSVW, IBS, WDT,
 *  TOPOEXT. */
const EXTENDED_ECX = 0x000001e1;
/** 0x80000001 EDX: as leaf 1, and SYSCALL NX MMXEXT FFXSR PAGE1GB RDTSCP LM. */
const EXTENDED_EDX = 0x2fd3ab7d;
/** 0x80000007 EDX: invariant TSC, from which system time is computed. */
const POWER_EDX = 0x100;
/** 0x80000008 EAX: physical and linear address sizes. */
const SIZES_EAX = 0xffff;

/** Masks of the four registers of a leaf. */
interface Masks {
  readonly eax: number;
  readonly ebx: number;
  readonly ecx: number;
  readonly edx: number;
}

/** A row is what the host says of its leaf, as far as the masks allow. */
function allow(s: Transaction, row: Word, leaf: Word, masks: Masks): void {
  const { eax, ebx, ecx, edx } = masks;
  const cell = s.row("cpuidRow", row);
  cell.set({ eax: s.machine.cpuid(leaf, 0, 0).and(eax) });
  cell.set({ ebx: s.machine.cpuid(leaf, 0, 1).and(ebx) });
  cell.set({ ecx: s.machine.cpuid(leaf, 0, 2).and(ecx) });
  cell.set({ edx: s.machine.cpuid(leaf, 0, 3).and(edx) });
}

function allowExtended(s: Transaction, leaf: Word, masks: Masks): void {
  allow(s, leaf.add(LEAVES), leaf.add(EXTENDED), masks);
}

/** Fills the rows, at boot. */
export function buildCpuid(s: Transaction): void {
  s.clause("CPUID-BUILD-1", "The greatest leaves are 7 and 0x80000008, of an AMD CPU.");
  const vendor = { ebx: VENDOR_EBX, ecx: VENDOR_ECX, edx: VENDOR_EDX };
  s.row("cpuidRow", 0).set({ eax: BASIC_MAX, ...vendor });
  s.row("cpuidRow", LEAVES).set({ eax: EXTENDED_MAX, ...vendor });
  s.clause(
    "CPUID-BUILD-2",
    "Of the features that the host has, a guest is told those of the lists.",
  );
  const features = s.row("cpuidRow", 1);
  allow(s, s.word32(1), s.word32(1), {
    eax: ALL,
    ebx: FEATURES_EBX,
    ecx: FEATURES_ECX,
    edx: FEATURES_EDX,
  });
  s.clause("CPUID-BUILD-3", "A guest always has an APIC, as x2APIC, and runs under a hypervisor.");
  features.set({
    ecx: features.ecx.or(FEATURES_ECX_SET),
    edx: features.edx.or(FEATURES_EDX_APIC),
  });
  const structured = { eax: 0, ebx: STRUCTURED_EBX, ecx: STRUCTURED_ECX, edx: STRUCTURED_EDX };
  allow(s, s.word32(LEAF_STRUCTURED), s.word32(LEAF_STRUCTURED), structured);
  allowExtended(s, s.word32(1), { eax: ALL, ebx: 0, ecx: EXTENDED_ECX, edx: EXTENDED_EDX });
  s.clause("CPUID-BUILD-4", "The CPU's name and its caches are told as they are.");
  const whole = { eax: ALL, ebx: ALL, ecx: ALL, edx: ALL };
  [2, 3, 4, 5, 6].forEach((leaf) => {
    allowExtended(s, s.word32(leaf), whole);
  });
  s.clause("CPUID-BUILD-5", "The TSC is invariant; address sizes are the host's.");
  s.row("cpuidRow", LEAVES + LEAF_POWER).set({ edx: POWER_EDX });
  allowExtended(s, s.word32(LEAF_SIZES), { eax: SIZES_EAX, ebx: 0, ecx: 0, edx: 0 });
  buildXsave(s);
}

/** The rows of domains that are told of XSAVE. */
function buildXsave(s: Transaction): void {
  s.clause(
    "CPUID-BUILD-6",
    "A domain that is told of XSAVE is told the same, and of FMA, AVX, F16C, AVX2, and of the " +
      "standard image of x87, SSE and AVX, as far as the host has them.",
  );
  s.setRows("cpuidRow", [XSAVE_ROWS], XSAVE_ROWS, (distance) => {
    const { eax, ebx, ecx, edx } = s.row("cpuidRow", distance);
    return { eax, ebx, ecx, edx };
  });
  s.row("cpuidRow", XSAVE_ROWS).set({ eax: XSAVE_LEAF });
  const features = s.row("cpuidRow", XSAVE_ROWS + 1);
  features.set({ ecx: features.ecx.or(s.machine.cpuid(1, 0, 2).and(XSAVE_ECX)) });
  const structured = s.row("cpuidRow", XSAVE_ROWS + LEAF_STRUCTURED);
  const more = s.machine.cpuid(LEAF_STRUCTURED, 0, 1).and(XSAVE_STRUCTURED_EBX);
  structured.set({ ebx: structured.ebx.or(more) });
  const kept = s.machine.cpuid(XSAVE_LEAF, 0, 0).and(XCR0_KEPT);
  const hasAvx = kept.has(XCR0_AVX);
  const bytes = hasAvx.choose(s.word32(AVX_OFFSET + AVX_BYTES), AVX_OFFSET);
  s.row("cpuidRow", XSAVE_ROWS + XSAVE_LEAF).set({ eax: kept, ebx: bytes, ecx: bytes });
  s.when(hasAvx, () => {
    const avx = { eax: AVX_BYTES, ebx: AVX_OFFSET };
    s.row("cpuidRow", XSAVE_ROWS + XSAVE_LEAF + 2).set(avx);
  });
}

/** The four registers of an answer; all zero unless named. */
interface Answer {
  readonly eax?: Operand;
  readonly ebx?: Operand;
  readonly ecx?: Operand;
  readonly edx?: Operand;
}

function answer(s: Transaction, vcpu: Word, given: Answer): Word {
  const { eax, ebx, ecx, edx } = { eax: 0, ebx: 0, ecx: 0, edx: 0, ...given };
  const wide = (value: Operand) => s.word32(0).sized(value).wide();
  s.row("vmcb", vcpu).set({ rax: wide(eax) });
  setGpr(s, vcpu, RBX, wide(ebx));
  setGpr(s, vcpu, RCX, wide(ecx));
  setGpr(s, vcpu, RDX, wide(edx));
  return s.word32(0);
}

/** Xen's leaves. */
function answerHypervisor(s: Transaction, vcpu: Word, leaf: Word): Word {
  s.clause(
    "CPUID-EXIT-2",
    'Leaves from 0x40000000 are Xen\'s: "XenVMMXenVMM", version 4.17, one hypercall page by MSR ' +
      "0x40000000, and the numbers of the vCPU and its domain.",
  );
  const row = s.row("vcpu", vcpu);
  const signature = { ebx: 0x566e6558, ecx: 0x65584d4d, edx: 0x4d4d566e };
  return s.select(
    leaf,
    [
      { value: 0, steps: () => answer(s, vcpu, { eax: HYPERVISOR + 4, ...signature }) },
      { value: 1, steps: () => answer(s, vcpu, { eax: 0x00040011 }) },
      { value: 2, steps: () => answer(s, vcpu, { eax: 1, ebx: HYPERVISOR }) },
      { value: 4, steps: () => answer(s, vcpu, { eax: 0x18, ebx: row.id, ecx: row.domain }) },
    ],
    () => answer(s, vcpu, {}),
  );
}

/** CPUID. */
export function exitCpuid(s: Transaction, vcpu: Word): void {
  s.clause("CPUID-EXIT-1", "The leaf is in EAX, the subleaf in ECX; the instruction is done.");
  const leaf = s.row("vmcb", vcpu).rax.low();
  const subleaf = gpr(s, vcpu, RCX).low();
  skip(s, vcpu, 2);
  const own = () => {
    const isXsave = leaf.eq(XSAVE_LEAF);
    const known = all(
      leaf.le(XSAVE_LEAF).or(leaf.sub(EXTENDED).lt(LEAVES)),
      leaf.ne(LEAF_STRUCTURED).or(subleaf.eq(0)),
      isXsave.not().or(subleaf.le(XSAVE_SUBLEAVES)),
    );
    const told = () => {
      s.clause(
        "CPUID-EXIT-3",
        "A leaf's row is the answer; leaf 1 names the vCPU as APIC number, and shows CR4's OSXSAVE " +
          "to a domain that is told of XSAVE.",
      );
      const owner = s.row("vcpu", vcpu);
      const xsave = s.row("domain", owner.domain).xsave;
      const first = leaf
        .and(LEAVES - 1)
        .or(leaf.shr(31).shl(5))
        .or(xsave.shl(6));
      const row = s.row("cpuidRow", first.add(isXsave.choose(subleaf, 0)));
      const isOn = all(leaf.eq(1), xsave.eq(1), s.row("vmcb", vcpu).cr4.has(CR4_OSXSAVE));
      const ebx = row.ebx.or(leaf.eq(1).choose(owner.id.shl(24), 0));
      const ecx = row.ecx.or(isOn.choose(s.word32(2 ** OSXSAVE_BIT), 0));
      return answer(s, vcpu, { eax: row.eax, ebx, ecx, edx: row.edx });
    };
    const untold = () => {
      s.clause("CPUID-EXIT-4", "All other leaves, and subleaves that have no row, are zero.");
      return answer(s, vcpu, {});
    };
    return s.branch(known, told, untold);
  };
  const isHypervisor = leaf.shr(8).eq(HYPERVISOR / 256);
  s.branch(isHypervisor, () => answerHypervisor(s, vcpu, leaf.and(0xff)), own);
}
