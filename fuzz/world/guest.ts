// Guests as the harness sees them: their memory, their registers, the exits that they make. All
// that is written here is what a guest's own instructions, or the CPU at an exit, would write.

import { place, RAM_BASE, RAM_BYTES } from "../instrument/places.ts";
import { columnNamed } from "./columns.ts";
import type { FuzzMachine } from "./machine.ts";

const at = (name: string): number => columnNamed(name).base;
const directory = at("directoryEntry");
const leaf = at("leafEntry");
const gpr = at("gprValue");
const domainVcpu = at("domainVcpuRow");
const vcpuState = at("vcpuState");
const domainState = at("domainState");
const grantFrame = at("grantFrameFrame");
const sharedInfo = at("domainSharedInfo");
const current = at("cpuCurrent");
const stateOwner = at("cpuStateOwner");
export const vmcb = {
  cr0: at("vmcbCr0"),
  cr3: at("vmcbCr3"),
  cr4: at("vmcbCr4"),
  efer: at("vmcbEfer"),
  /** Selector and attributes together. */
  cs: at("vmcbCsSelector"),
  /** The word whose last byte is the CPL. */
  cpl: at("vmcbCpl") - 3,
  rax: at("vmcbRax"),
  rip: at("vmcbRip"),
  rflags: at("vmcbRflags"),
  exitCode: at("vmcbExitCode"),
  exitInfo1: at("vmcbExitInfo1"),
  exitInfo2: at("vmcbExitInfo2"),
  exitInterrupt: at("vmcbExitInterrupt"),
  interruptState: at("vmcbInterruptState"),
  interruptControl: at("vmcbInterruptControl"),
  intercept1: at("vmcbIntercept1"),
  eventInjection: at("vmcbEventInjection"),
} as const;

const V_IRQ = 0x100;
const VINTR = 0x10;
const INTERRUPTS = 0x200;
const RUNNABLE = 2;
const RUNNING = 2;
const CURRENT_NONE = -1;

/** CR4.PAE; and CR4.OSXSAVE, of a guest that has taken XSAVE into use. */
const PAE = 0x20;
const OSXSAVE = 0x40000;
/** Control registers and code segment of each mode that programs name. */
const modeRegisters = [
  { cr0: 0x11, efer: 0x1000, cs: 0x0c9b, cpl: 0 },
  { cr0: 0x80000011 | 0, efer: 0x1500, cs: 0x0a9b, cpl: 0 },
  { cr0: 0x80000011 | 0, efer: 0x1500, cs: 0x0c9b, cpl: 0 },
  { cr0: 0x11, efer: 0x1000, cs: 0x0c9b, cpl: 3 },
  { cr0: 0x80000011 | 0, efer: 0x1000, cs: 0x0c9b, cpl: 0 },
  { cr0: 0x11, efer: 0x1000, cs: 0x0c9b, cpl: 0 },
  { cr0: 0x80000011 | 0, efer: 0x1500, cs: 0x0a9b, cpl: 0 },
] as const;
const DIRTY_MODE = 5;
const LOST_MODE = 6;
/** High half of a CR3 that is beyond every guest's memory. */
const BEYOND = 0x000fffff;
const LONG_MODE = 1;
const DIRTY = 0xdeadbeef | 0;
/** Where the page tables of each resident lie, in its own memory. */
export const PAGE_TABLES = 0x10000;

export class Guests {
  readonly #machine: FuzzMachine;

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
  }

  /** The row of a domain's vCPU, or -1. */
  row(domain: number, id: number): number {
    const entry = domainVcpu + (domain * 32 + id) * 2;
    return this.#machine.halves[entry >> 1]! - 1;
  }

  /** Could this vCPU be the one that runs? */
  canRun(domain: number, vcpu: number): boolean {
    const { bytes } = this.#machine;
    return bytes[vcpuState + vcpu] === RUNNABLE && bytes[domainState + domain] === RUNNING;
  }

  /** Linear offset of a guest-physical address below 4 GiB; -1 where there is no memory. */
  place(domain: number, address: number): number {
    const { words } = this.#machine;
    const entry = (directory + (domain * 8192 + (address >>> 21)) * 8) >> 2;
    const low = words[entry]!;
    if ((low & 1) === 0) return -1;
    let from = (low & 0xffe00000) | (address & 0x1fffff);
    let high = words[entry + 1]!;
    if ((low & 0x80) === 0) {
      const slot = (high >>> 20) & 63;
      const row = (domain << 15) | (slot << 9) | ((address >>> 12) & 511);
      const small = words[(leaf + row * 8) >> 2]!;
      if ((small & 1) === 0) return -1;
      from = (small & 0xfffff000) | (address & 0xfff);
      high = words[(leaf + row * 8 + 4) >> 2]!;
    }
    const offset = (high & 0xfffff) * 2 ** 32 + (from >>> 0) - RAM_BASE;
    return offset >= 0 && offset < RAM_BYTES ? place.ram + offset : -1;
  }

  /** A guest writes a word of its memory, at a multiple of 4; nothing happens where it has none. */
  write(domain: number, address: number, value: number): void {
    const offset = this.place(domain, address);
    if (offset >= 0) this.#machine.poke(offset, value);
  }

  read(domain: number, address: number): number {
    const offset = this.place(domain, address);
    return offset < 0 ? 0 : this.#machine.words[offset >> 2]!;
  }

  /** Linear offset of a word of a special frame (shared_info, grant table); -1: there is none. */
  special(of: "sharedInfo" | "grants", domain: number, offset: number): number {
    const { words } = this.#machine;
    const frame =
      of === "sharedInfo"
        ? words[(sharedInfo + domain * 4) >> 2]!
        : words[(grantFrame + (domain * 32 + (offset >>> 12)) * 4) >> 2]!;
    if (frame === 0) return -1;
    const address = (frame - 1) * 4096 + (offset & 0xfff) - RAM_BASE;
    return address >= 0 && address < RAM_BYTES ? place.ram + address : -1;
  }

  /** Sets a register of the VMCB, 64 bits. */
  setVmcb(vcpu: number, register: number, low: number, high = 0): void {
    this.#machine.poke(register + vcpu * 4096, low);
    this.#machine.poke(register + vcpu * 4096 + 4, high);
  }

  setGpr(vcpu: number, register: number, low: number, high = 0): void {
    this.#machine.poke(gpr + (vcpu * 16 + register) * 8, low);
    this.#machine.poke(gpr + (vcpu * 16 + register) * 8 + 4, high);
  }

  rip(vcpu: number): number {
    return this.#machine.words[(vmcb.rip + vcpu * 4096) >> 2]!;
  }

  /** The vCPU runs, in a mode; what the CPU took in at its entry is gone. */
  enter(vcpu: number, mode: number): void {
    const { cr0, efer, cs, cpl } = modeRegisters[mode]!;
    const machine = this.#machine;
    const base = vcpu * 4096;
    machine.poke(current, vcpu + 1);
    machine.poke(stateOwner, vcpu + 1);
    machine.poke(vmcb.cr0 + base, cr0);
    machine.poke(vmcb.efer + base, efer);
    machine.poke(vmcb.cr4 + base, mode === LONG_MODE ? PAE | OSXSAVE : PAE);
    machine.poke(vmcb.cs + base, (cs << 16) | 8);
    machine.poke(vmcb.cpl + base, cpl << 24);
    machine.poke(vmcb.cr3 + base, PAGE_TABLES);
    machine.poke(vmcb.cr3 + base + 4, mode === LOST_MODE ? BEYOND : 0);
    this.takeEvent(vcpu);
  }

  /** The CPU delivered what the core injected, or a virtual interrupt if it may. */
  takeEvent(vcpu: number): void {
    const machine = this.#machine;
    const { words } = machine;
    const word = (register: number): number => words[(register + vcpu * 4096) >> 2]!;
    const event = word(vmcb.eventInjection);
    const control = word(vmcb.interruptControl);
    const isOpen = (word(vmcb.rflags) & INTERRUPTS) !== 0 && (word(vmcb.interruptState) & 1) === 0;
    if (event < 0) machine.poke(vmcb.eventInjection + vcpu * 4096, event & 0x7fffffff);
    else if ((control & V_IRQ) !== 0 && (word(vmcb.intercept1) & VINTR) === 0 && isOpen) {
      machine.poke(vmcb.interruptControl + vcpu * 4096, control & ~V_IRQ);
    }
  }

  /** The exit as the CPU reports it. */
  exit(vcpu: number, code: number, codeHigh = 0): void {
    this.setVmcb(vcpu, vmcb.exitCode, code, codeHigh);
    this.setVmcb(vcpu, vmcb.exitInterrupt, 0);
    this.setVmcb(vcpu, vmcb.interruptState, 0);
  }

  /** A hypercall's number and arguments, in the registers of the mode. */
  callRegisters(vcpu: number, mode: number, number: number, values: Int32Array): void {
    const high = mode === DIRTY_MODE ? DIRTY : 0;
    this.setVmcb(vcpu, vmcb.rax, number, high);
    const names = mode === LONG_MODE ? LONG_REGISTERS : SHORT_REGISTERS;
    for (let index = 0; index < 3; index++) {
      const low = values[index * 2]!;
      const own = mode === LONG_MODE ? values[index * 2 + 1]! : high;
      this.setGpr(vcpu, names[index]!, low, own);
    }
  }

  /** The vCPU that the core chose last, or -1. */
  current(): number {
    return this.#machine.words[current >> 2]! - 1;
  }

  get nobody(): number {
    return CURRENT_NONE;
  }
}

const LONG_REGISTERS = [7, 6, 2] as const;
const SHORT_REGISTERS = [3, 1, 2] as const;
