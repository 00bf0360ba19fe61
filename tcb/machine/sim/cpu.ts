// The CPU's part between two calls of the core: entering a guest (TLB, injected event) and leaving
// it with an exit that a script makes up, in the form in which TCG's SVM reports it: no next RIP,
// no decode assists, the vector of a delivered event still there with its valid bit clear.

import { NOBODY, type SimulatedMachine } from "./machine.ts";
import { StaleTranslation } from "./stop.ts";
import type { Translation } from "./tlb.ts";

/** General registers by the hardware's numbers; RAX and RSP live in the VMCB. */
const registerNumbers = {
  rcx: 1,
  rdx: 2,
  rbx: 3,
  rbp: 5,
  rsi: 6,
  rdi: 7,
  r8: 8,
  r9: 9,
  r10: 10,
  r11: 11,
  r12: 12,
  r13: 13,
  r14: 14,
  r15: 15,
} as const;
export type RegisterName = keyof typeof registerNumbers | "rax" | "rsp" | "rip" | "rflags";
export type Registers = Partial<Record<RegisterName, bigint>>;

export const exitCode = {
  interrupt: 0x60,
  nmi: 0x61,
  virtualInterrupt: 0x64,
  cpuid: 0x72,
  hlt: 0x78,
  io: 0x7b,
  msr: 0x7c,
  shutdown: 0x7f,
  vmmcall: 0x81,
  nestedPageFault: 0x400,
} as const;
/** VMEXIT_INVALID. */
export const INVALID_STATE = 0xffffffffffffffffn;

export interface Exit {
  readonly code: number | bigint;
  readonly info1?: bigint;
  readonly info2?: bigint;
  /** EXITINTINFO: an event whose delivery was interrupted by this exit. */
  readonly interrupted?: bigint;
  /** Registers that the guest changed before it left. */
  readonly registers?: Registers;
  /** Was the guest in an interrupt shadow? */
  readonly shadow?: boolean;
  /** Ticks that the guest ran. */
  readonly ticks?: bigint;
}

/** What the CPU did on the way in. */
export interface Entry {
  /** What the guest takes first: EVENTINJ, if it was valid, or a virtual interrupt. */
  readonly injected: bigint | undefined;
  /** Was an interrupt window asked for (V_IRQ)? */
  readonly window: boolean;
}

const VALID = 1n << 31n;
const V_IRQ = 1n << 8n;
const SHADOW = 1n;
const RFLAGS_IF = 0x200n;
const INTERCEPT_VINTR = 0x10;

export class SimulatedCpu {
  readonly machine: SimulatedMachine;

  constructor(machine: SimulatedMachine) {
    this.machine = machine;
  }

  register(vcpu: number, name: RegisterName): bigint {
    const [column, row] = this.#place(vcpu, name);
    return this.machine.columns.read(column, row);
  }

  setRegisters(vcpu: number, registers: Registers): void {
    for (const [name, value] of Object.entries(registers)) {
      const [column, row] = this.#place(vcpu, name as RegisterName);
      this.machine.columns.write(column, row, value);
    }
  }

  /** The way into a guest. Throws StaleTranslation when the core forgot a flush. */
  enter(vcpu: number): Entry {
    const { columns, tlb } = this.machine;
    const asid = columns.number("vmcbAsid", vcpu);
    if (asid === 0) throw new StaleTranslation(`vCPU row ${vcpu} is entered with ASID 0`);
    tlb.control(columns.number("vmcbTlbControl", vcpu), asid);
    tlb.enter(asid, columns.read("vmcbNestedCr3", vcpu));
    const window = (columns.read("vmcbInterruptControl", vcpu) & V_IRQ) !== 0n;
    const event = columns.read("vmcbEventInjection", vcpu);
    columns.write("vmcbEventInjection", vcpu, event & ~VALID);
    return { injected: (event & VALID) === 0n ? this.#takeVirtual(vcpu) : event, window };
  }

  /** The virtual interrupt, if the guest can take one and VINTR is not intercepted. */
  #takeVirtual(vcpu: number): bigint | undefined {
    const { columns } = this.machine;
    const control = columns.read("vmcbInterruptControl", vcpu);
    const intercepted = (columns.number("vmcbIntercept1", vcpu) & INTERCEPT_VINTR) !== 0;
    if ((control & V_IRQ) === 0n || intercepted) return undefined;
    const masked = (columns.read("vmcbRflags", vcpu) & RFLAGS_IF) === 0n;
    if (masked || (columns.read("vmcbInterruptState", vcpu) & SHADOW) !== 0n) return undefined;
    columns.write("vmcbInterruptControl", vcpu, control & ~V_IRQ);
    return ((control >> 32n) & 0xffn) | VALID;
  }

  /** Enters the guest, leaves it with `exit`, and lets the core handle that. */
  run(vcpu: number, exit: Exit): Entry {
    const { columns } = this.machine;
    const entry = this.enter(vcpu);
    this.setRegisters(vcpu, exit.registers ?? {});
    this.machine.advance(exit.ticks ?? 0n);
    columns.write("vmcbExitCode", vcpu, exit.code);
    columns.write("vmcbExitInfo1", vcpu, exit.info1 ?? 0n);
    columns.write("vmcbExitInfo2", vcpu, exit.info2 ?? 0n);
    const stale = entry.injected ?? 0n;
    columns.write("vmcbExitInterrupt", vcpu, exit.interrupted ?? stale & ~VALID);
    columns.write("vmcbInterruptState", vcpu, exit.shadow === true ? SHADOW : 0n);
    if (exit.code === exitCode.interrupt) this.machine.timer = undefined;
    this.machine.core.handleExit(vcpu);
    return entry;
  }

  /** A hypercall in the caller's mode, resumed until it is done; gives what RAX then holds. */
  hypercall(vcpu: number, number: number, ...given: readonly (bigint | number)[]): bigint {
    const long = this.#inLongMode(vcpu);
    const names = long ? longArguments : shortArguments;
    const passed = given.map((value, index) => [names[index], BigInt.asUintN(64, BigInt(value))]);
    const registers: Registers = Object.fromEntries(passed);
    const rip = this.register(vcpu, "rip");
    this.run(vcpu, { code: exitCode.vmmcall, registers: { rax: BigInt(number), ...registers } });
    for (let steps = 0; this.register(vcpu, "rip") === rip; steps++) {
      if (steps === MOST_STEPS) throw new RangeError(`hypercall ${number} is resumed for ever`);
      this.run(vcpu, { code: exitCode.vmmcall });
    }
    return this.register(vcpu, "rax");
  }

  /** Where a guest's access goes, by the hostile TLB; undefined: it is not granted. */
  guestAccess(vcpu: number, address: bigint, write: boolean): bigint | undefined {
    const { columns, tlb } = this.machine;
    const root = columns.read("vmcbNestedCr3", vcpu);
    const asid = columns.number("vmcbAsid", vcpu);
    const found: Translation | undefined = tlb.translate(asid, root, address);
    return found === undefined || (write && !found.writable) ? undefined : found.address;
  }

  /** Reads guest-physical memory that does not cross a page; undefined: it is not granted. */
  guestRead(vcpu: number, address: bigint, bytes: number): Uint8Array | undefined {
    const at = this.guestAccess(vcpu, address, false);
    return at === undefined ? undefined : this.machine.memory.read(at, bytes);
  }

  /** Writes guest-physical memory that does not cross a page; false: it is not granted. */
  guestWrite(vcpu: number, address: bigint, bytes: Uint8Array): boolean {
    const at = this.guestAccess(vcpu, address, true);
    if (at === undefined) return false;
    this.machine.memory.write(at, bytes);
    return true;
  }

  /** One turn of the main loop: the core chooses, `script` makes up the exit. While nobody can run,
   *  time jumps to the timer; false: nobody can run and no timer is armed. */
  turn(script: (vcpu: number) => Exit): boolean {
    const { machine } = this;
    const vcpu = machine.core.selectVcpu(0) >>> 0;
    if (vcpu === NOBODY) {
      if (machine.timer === undefined) return false;
      if (machine.ticks < machine.timer) machine.ticks = machine.timer;
      machine.timer = undefined;
      return true;
    }
    this.run(vcpu, machine.takeInterrupt() ? { code: exitCode.interrupt } : script(vcpu));
    return true;
  }

  #inLongMode(vcpu: number): boolean {
    const { columns } = this.machine;
    const active = (columns.read("vmcbEfer", vcpu) & 0x400n) !== 0n;
    return active && (columns.read("vmcbCsAttributes", vcpu) & 0x200n) !== 0n;
  }

  #place(vcpu: number, name: RegisterName): [string, number] {
    switch (name) {
      case "rax":
        return ["vmcbRax", vcpu];
      case "rsp":
        return ["vmcbRsp", vcpu];
      case "rip":
        return ["vmcbRip", vcpu];
      case "rflags":
        return ["vmcbRflags", vcpu];
      default:
        return ["gprValue", vcpu * 16 + registerNumbers[name]];
    }
  }
}

const MOST_STEPS = 1_000_000;
const longArguments = ["rdi", "rsi", "rdx", "r10", "r8"] as const;
const shortArguments = ["rbx", "rcx", "rdx", "rsi", "rdi"] as const;
