// Model-specific registers by allow-list (AMD APM volume 2, appendix A): what is not listed faults,
// as the manual has it for a register that does not exist. What is the guest's entirely does not
// exit at all.

import { DOMAINS, PORT_MAP_WORDS } from "../tcb/core/limits.ts";
import { CR0_PG, EFER_LMA, EFER_LME, EFER_NXE, EFER_SCE, EFER_SVME, NOWHERE, RCX } from "./abi.ts";
import { raiseProtection } from "./inject.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { isReadable, isWritable, readApic, writeApic } from "./local_apic.ts";
import { translated } from "./p2m.ts";
import { gpr, pair, setPair, skip } from "./registers.ts";

const TSC = 0x10;
const APIC_BASE = 0x1b;
const MICROCODE = 0x8b;
const INTERRUPT_PENDING = 0xc0010055;
const PAT = 0x277;
const X2APIC = 0x800;
const X2APIC_REGISTERS = 64;
const HYPERCALL_PAGE = 0x40000000;
const EFER = 0xc0000080;
const DECODE_CONFIG = 0xc0011029;
/** LFENCE serialises: what guests look for in DE_CFG. */
const DECODE_LFENCE = 2;
/** The APIC is at 0xfee00000, enabled, in x2APIC mode; vCPU 0 is the bootstrap processor. */
const APIC_BASE_BOOTSTRAP = 0xfee00d00;
const APIC_BASE_OTHER = 0xfee00c00;

const PAGE_BYTES = 4096;
/** The hypercall page: MOV EAX, n; VMMCALL; RET, every 32 bytes. */
const STUBS = 64;
const OPCODE_MOV_EAX = 0xb8;
const OPCODES_VMMCALL_RET = 0xc3d9010f;

/** A permission map, bits of 2 for a register, from a first register on. */
const MAP_MSR_WORDS = 1024;

const apicBase = (s: Transaction, vcpu: Word): Word =>
  s.row("vcpu", vcpu).id.eq(0).choose(s.word64(APIC_BASE_BOOTSTRAP), APIC_BASE_OTHER);

/** What RDMSR gives, or a refusal. */
function readMsr(s: Transaction, vcpu: Word, msr: Word): Word {
  const vmcb = s.row("vmcb", vcpu);
  const apic = () => {
    const register = msr.sub(X2APIC);
    s.clause("MSR-READ-2", "0x800 to 0x83f are the registers of the local APIC.");
    s.require(register.lt(X2APIC_REGISTERS), 0);
    s.require(isReadable(register), 0);
    setPair(s, vcpu, readApic(s, vcpu, register));
    return s.word64(1);
  };
  const give = (value: () => Word) => () => {
    setPair(s, vcpu, value());
    return s.word64(1);
  };
  s.clause(
    "MSR-READ-1",
    "A guest reads the TSC, where its APIC is, its PAT and EFER (without SVME), that LFENCE " +
      "serialises, and a microcode revision of 0; reads of other registers fault.",
  );
  return s.select(
    msr,
    [
      { value: TSC, steps: give(() => s.machine.timestamp()) },
      { value: APIC_BASE, steps: give(() => apicBase(s, vcpu)) },
      { value: PAT, steps: give(() => vmcb.pat) },
      { value: EFER, steps: give(() => vmcb.efer.without(EFER_SVME)) },
      { value: DECODE_CONFIG, steps: give(() => s.word64(DECODE_LFENCE)) },
      { value: MICROCODE, steps: give(() => s.word64(0)) },
      { value: INTERRUPT_PENDING, steps: give(() => s.word64(0)) },
    ],
    apic,
  );
}

function writeEfer(s: Transaction, vcpu: Word, value: Word): Word {
  const vmcb = s.row("vmcb", vcpu);
  s.clause("MSR-EFER-1", "Of EFER a guest has SCE, LME, LMA and NXE.");
  s.require(value.without(EFER_SCE + EFER_LME + EFER_LMA + EFER_NXE).eq(0), 0);
  s.clause("MSR-EFER-2", "LME does not change while paging is on.");
  const old = vmcb.efer;
  s.require(vmcb.cr0.has(CR0_PG).and(old.xor(value).has(EFER_LME)).not(), 0);
  s.clause("MSR-EFER-3", "LMA is the CPU's own; SVME is set, and the guest does not see it.");
  vmcb.set({ efer: value.without(EFER_LMA).or(old.and(EFER_LMA)).or(EFER_SVME) });
  return s.word64(1);
}

/** Each byte names a memory type that exists: 0, 1, 4, 5, 6 or 7. */
function isPat(value: Word): Bool {
  const reserved = value.and(0xf8f8f8f8f8f8f8f8n);
  const twoOrThree = value.shr(1).without(value.shr(2)).and(0x0101010101010101n);
  return reserved.eq(0).and(twoOrThree.eq(0));
}

function writePat(s: Transaction, vcpu: Word, value: Word): Word {
  s.clause("MSR-PAT-1", "PAT names memory types that exist.");
  s.require(isPat(value), 0);
  s.row("vmcb", vcpu).set({ pat: value });
  return s.word64(1);
}

function writeHypercallPage(s: Transaction, vcpu: Word, value: Word): Word {
  s.clause(
    "MSR-PAGE-1",
    "A write to 0x40000000 fills a page of the guest, which it can write, with stubs for the " +
      "hypercalls 0 to 63, 32 bytes each: MOV EAX, number; VMMCALL; RET.",
  );
  const { domain } = s.row("vcpu", vcpu);
  const page = translated(s, domain, value.without(PAGE_BYTES - 1), s.truth(true));
  s.require(page.ne(NOWHERE), 0);
  s.require(value.and(PAGE_BYTES - 1).eq(0), 0);
  s.machine.zero(page, PAGE_BYTES);
  s.each(STUBS, (number) => {
    const stub = page.add(s.word64(number).shl(5));
    s.machine.store8(stub, OPCODE_MOV_EAX);
    s.machine.store32(stub.add(1), number);
    s.machine.store32(stub.add(5), OPCODES_VMMCALL_RET);
  });
  return s.word64(1);
}

function writeMsr(s: Transaction, vcpu: Word, msr: Word, value: Word): Word {
  const apic = () => {
    const register = msr.sub(X2APIC);
    s.clause("MSR-WRITE-2", "0x800 to 0x83f are the registers of the local APIC.");
    s.require(register.lt(X2APIC_REGISTERS), 0);
    s.require(isWritable(register), 0);
    writeApic(s, vcpu, register, value);
    return s.word64(1);
  };
  const base = () => {
    s.clause("MSR-WRITE-3", "The APIC stays where it is, as it is.");
    s.require(value.eq(apicBase(s, vcpu)), 0);
    return s.word64(1);
  };
  const ignore = () => s.word64(1);
  s.clause(
    "MSR-WRITE-1",
    "A guest writes EFER, the hypercall page's register, and PAT; writes to the TSC and to the " +
      "microcode revision are ignored; writes to other registers fault.",
  );
  return s.select(
    msr,
    [
      { value: EFER, steps: () => writeEfer(s, vcpu, value) },
      { value: HYPERCALL_PAGE, steps: () => writeHypercallPage(s, vcpu, value) },
      { value: APIC_BASE, steps: base },
      { value: PAT, steps: () => writePat(s, vcpu, value) },
      { value: TSC, steps: ignore },
      { value: MICROCODE, steps: ignore },
    ],
    apic,
  );
}

/** RDMSR or WRMSR. */
export function exitMsr(s: Transaction, vcpu: Word): void {
  const msr = gpr(s, vcpu, RCX).low();
  const isWrite = s.row("vmcb", vcpu).exitInfo1.ne(0);
  const done = s.attempt(() =>
    s.branch(
      isWrite,
      () => writeMsr(s, vcpu, msr, pair(s, vcpu)),
      () => readMsr(s, vcpu, msr),
    ),
  );
  s.clause("MSR-EXIT-1", "What is refused is #GP(0) at the instruction; else it is done.");
  s.when(
    done.ne(0),
    () => skip(s, vcpu, 2),
    () => raiseProtection(s, vcpu),
  );
}

/** A guest reads and writes a register without an exit. */
function pass(s: Transaction, area: number, register: number): void {
  const bit = s.word64(register).and(0x1f).shl(1);
  const row = s.row("msrpm", s.word32(register).and(0x1fff).shr(5).add(area));
  row.set({ word: row.word.without(s.word64(3).shl(bit)) });
}

/** Words of the map before the registers from 0xc0000000 on. */
const HIGH_AREA = 256;
const LOW: readonly number[] = [0x174, 0x175, 0x176];
const HIGH: readonly number[] = [0x81, 0x82, 0x83, 0x84, 0x100, 0x101, 0x102, 0x103];

/** Fills the permission maps, at boot. */
export function buildMaps(s: Transaction): void {
  s.clause(
    "MSR-MAPS-1",
    "Every port exits, and every register but the guest's own: SYSENTER's (0x174 to 0x176), SYSCALL's " +
      "(0xc0000081 to 84), the bases of FS and GS, and TSC_AUX (0xc0000100 to 103).",
  );
  s.setRows("iopm", [0, 0], DOMAINS * PORT_MAP_WORDS, () => ({ word: -1 }));
  s.setRows("msrpm", [0], MAP_MSR_WORDS, () => ({ word: -1 }));
  LOW.forEach((register) => {
    pass(s, 0, register);
  });
  HIGH.forEach((register) => {
    pass(s, HIGH_AREA, register);
  });
}
