// The machine of the core's imports, in TypeScript: the same core.wasm as on the metal, over arrays
// of bytes, a virtual clock, a captured console, and a CPU whose exits a script makes up.

import { columns as layout, linearBytes } from "../../core/layout.ts";
import { Columns } from "./columns.ts";
import { type CpuidSource, everything } from "./cpuid.ts";
import { engine, type WasmImports, type WasmMemory, type WasmModule } from "./engine.ts";
import { MachineMemory, type MemoryRange } from "./memory.ts";
import { MachineHalt, MachineRefusal } from "./stop.ts";
import { HostileTlb } from "./tlb.ts";

export interface MachineOptions {
  /** build/core.wasm, or an instrumented copy of it. */
  readonly core: Uint8Array<ArrayBuffer> | WasmModule;
  /** Usable memory; without it one range of `ramBytes` (64 MiB) that starts at 128 MiB. */
  readonly ranges?: readonly MemoryRange[];
  readonly ramBytes?: number;
  /** The boot pack; it lies at the end of the last range. */
  readonly pack?: Uint8Array;
  readonly cpuid?: CpuidSource;
  readonly tscKilohertz?: number;
  readonly wallSeconds?: number;
  /** Ticks that pass at each look at the clock (default 1). */
  readonly ticksPerLook?: bigint;
  /** Further imports, of an instrumented core. */
  readonly extraImports?: WasmImports;
}

/** Functions that the core exports. */
export interface CoreExports {
  boot(): number;
  selectVcpu(cpu: number): number;
  handleExit(vcpu: number): void;
  readonly memory: WasmMemory;
}

/** Everything that `restore` brings back. */
export interface Snapshot {
  readonly linear: Uint8Array;
  readonly ticks: bigint;
  readonly timer: bigint | undefined;
  readonly console: string;
  readonly loaded: number;
}

export const NOBODY = 0xffffffff;
/** Where linear memory stands on the metal (tcb/machine/svm/memory.h). */
export const LINEAR_BASE = 0x1200000n;
const DEFAULT_RAM_BASE = 0x8000000n;
const DEFAULT_RAM_BYTES = 64 << 20;
const PAGE_BYTES = 4096;
const vcpuRows = layout.find(({ name }) => name === "vmcbRip")?.rows ?? 0;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

export class SimulatedMachine {
  readonly memory: MachineMemory;
  readonly columns: Columns;
  readonly tlb: HostileTlb;
  readonly core: CoreExports;
  /** Time-stamp counter. */
  ticks = 0n;
  /** When the host interrupt comes; undefined: not armed. */
  timer: bigint | undefined;
  /** Everything that the core wrote to the console. */
  console = "";
  /** The vCPU whose state the CPU holds. */
  loaded = NOBODY;
  readonly #options: MachineOptions;
  readonly #cpuid: CpuidSource;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#cpuid = options.cpuid ?? everything;
    const bytes = options.ramBytes ?? DEFAULT_RAM_BYTES;
    this.memory = new MachineMemory(options.ranges ?? [{ address: DEFAULT_RAM_BASE, bytes }]);
    const { core } = options;
    const module = core instanceof Uint8Array ? new engine.Module(core) : core;
    const instance = new engine.Instance(module, this.imports());
    this.core = instance.exports as unknown as CoreExports;
    if (this.core.memory.buffer.byteLength !== linearBytes) {
      throw new RangeError("this core was built from another layout.ts");
    }
    this.columns = new Columns(this.core.memory);
    this.tlb = new HostileTlb(this.core.memory, LINEAR_BASE);
    this.#announce();
  }

  /** The core's imports: tcb/core/machine.ts. */
  imports(): WasmImports {
    const machine = {
      ...this.#accessImports(),
      ...this.#atomicImports(),
      ...this.#bulkImports(),
      ...this.#cpuImports(),
      ...this.#consoleImports(),
    };
    return { ...this.#options.extraImports, machine };
  }

  /** Calls boot until it says that the domains run. */
  boot(): void {
    while (this.core.boot() !== 0);
  }

  /** Lets time pass. */
  advance(ticks: bigint): void {
    this.ticks += ticks;
  }

  /** Is the host's timer interrupt pending? Taking it disarms the timer. */
  takeInterrupt(): boolean {
    if (this.timer === undefined || this.ticks < this.timer) return false;
    this.timer = undefined;
    return true;
  }

  snapshot(): Snapshot {
    this.memory.mark();
    const linear = new Uint8Array(this.core.memory.buffer).slice();
    const { ticks, timer, console, loaded } = this;
    return { linear, ticks, timer, console, loaded };
  }

  /** Back to the last snapshot taken. */
  restore(snapshot: Snapshot): void {
    new Uint8Array(this.core.memory.buffer).set(snapshot.linear);
    this.memory.restore();
    this.tlb.forget();
    this.ticks = snapshot.ticks;
    this.timer = snapshot.timer;
    this.console = snapshot.console;
    this.loaded = snapshot.loaded;
  }

  /** What the machine layer writes before boot. */
  #announce(): void {
    const { pack, tscKilohertz = 1_000_000, wallSeconds = 1_767_225_600 } = this.#options;
    this.columns.write("bootTscKilohertz", 0, tscKilohertz);
    this.columns.write("bootWallSeconds", 0, wallSeconds);
    this.columns.write("bootRanges", 0, this.memory.ranges.length);
    for (const [row, { address, bytes }] of this.memory.ranges.entries()) {
      this.columns.write("rangeAddress", row, address);
      this.columns.write("rangeBytes", row, bytes);
    }
    const last = this.memory.ranges.at(-1);
    if (pack === undefined || last === undefined) return;
    const pages = Math.ceil(pack.length / PAGE_BYTES) * PAGE_BYTES;
    const address = last.address + BigInt(last.bytes - pages);
    for (let at = 0; at < pack.length; at += 1 << 20) {
      this.memory.write(address + BigInt(at), pack.subarray(at, at + (1 << 20)));
    }
    this.columns.write("bootPackAddress", 0, address);
    this.columns.write("bootPackBytes", 0, pack.length);
  }

  #linear(offset: number, bytes: number): Uint8Array {
    if (bytes > linearBytes - (offset >>> 0)) throw new MachineRefusal("outside linear memory");
    return new Uint8Array(this.core.memory.buffer, offset >>> 0, bytes);
  }

  #accessImports() {
    const at = (address: bigint, bytes: number) => this.memory.at(u64(address), bytes);
    const change = (address: bigint, bytes: number) => this.memory.change(u64(address), bytes);
    return {
      load8: (address: bigint) => {
        const { view, offset } = at(address, 1);
        return view.getUint8(offset);
      },
      load32: (address: bigint) => {
        const { view, offset } = at(address, 4);
        return view.getUint32(offset, true);
      },
      load64: (address: bigint) => {
        const { view, offset } = at(address, 8);
        return view.getBigUint64(offset, true);
      },
      store8: (address: bigint, value: number) => {
        const { view, offset } = change(address, 1);
        view.setUint8(offset, value);
      },
      store32: (address: bigint, value: number) => {
        const { view, offset } = change(address, 4);
        view.setUint32(offset, value, true);
      },
      store64: (address: bigint, value: bigint) => {
        const { view, offset } = change(address, 8);
        view.setBigUint64(offset, value, true);
      },
    };
  }

  #atomicImports() {
    const change = (address: bigint, bytes: number) => this.memory.change(u64(address), bytes);
    const update64 = (address: bigint, next: (old: bigint) => bigint): bigint => {
      const { view, offset } = change(address, 8);
      const old = view.getBigUint64(offset, true);
      view.setBigUint64(offset, next(old), true);
      return old;
    };
    return {
      or64: (address: bigint, mask: bigint) => update64(address, (old) => old | u64(mask)),
      and64: (address: bigint, mask: bigint) => update64(address, (old) => old & u64(mask)),
      exchange8: (address: bigint, value: number) => {
        const { view, offset } = change(address, 1);
        const old = view.getUint8(offset);
        view.setUint8(offset, value);
        return old;
      },
      compareExchange16: (address: bigint, expected: number, value: number) => {
        const { view, offset } = change(address, 2);
        const old = view.getUint16(offset, true);
        if (old === (expected & 0xffff)) view.setUint16(offset, value, true);
        return old;
      },
    };
  }

  #bulkImports() {
    return {
      copy: (target: bigint, source: bigint, bytes: number) => {
        this.memory.write(u64(target), this.memory.read(u64(source), bytes >>> 0));
      },
      copyIn: (offset: number, source: bigint, bytes: number) => {
        this.#linear(offset, bytes >>> 0).set(this.memory.read(u64(source), bytes >>> 0));
      },
      zero: (address: bigint, bytes: number) => {
        const { content, offset } = this.memory.change(u64(address), bytes >>> 0);
        content.fill(0, offset, offset + (bytes >>> 0));
      },
    };
  }

  #cpuImports() {
    const checked = (vcpu: number): number => {
      if (vcpu >>> 0 < vcpuRows) return vcpu;
      throw new MachineRefusal(`the core names a vCPU that does not exist: ${vcpu >>> 0}`);
    };
    return {
      linearBase: () => LINEAR_BASE,
      timestamp: () => {
        this.ticks += this.#options.ticksPerLook ?? 1n;
        return this.ticks;
      },
      setTimer: (deadline: bigint) => {
        this.timer = u64(deadline);
      },
      cpuid: (leaf: number, subleaf: number, register: number) =>
        this.#cpuid(leaf >>> 0, subleaf >>> 0)[register & 3],
      switchState: (from: number, to: number) => {
        if (from >>> 0 !== NOBODY) checked(from);
        this.loaded = checked(to);
      },
      predictorBarrier: () => {},
    };
  }

  #consoleImports() {
    return {
      write: (offset: number, bytes: number) => {
        this.console += Buffer.from(this.#linear(offset, bytes >>> 0)).toString("latin1");
      },
      halt: (code: number) => {
        throw new MachineHalt(code >>> 0);
      },
    };
  }
}
