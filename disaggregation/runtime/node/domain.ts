// A domain of the simulated machine, as what runs in it sees itself: its memory, its hypercalls,
// its pending events. Its vCPU is in 32-bit mode without paging, as a PVH domain starts.

import { exitCode, type SimulatedCpu } from "../../../tcb/machine/sim/cpu.ts";
import { NOBODY } from "../../../tcb/machine/sim/machine.ts";
import type { Place } from "../../../tcb/machine/sim/memory.ts";

const PAGE_BYTES = 4096;
const PENDING = 2048;
const PORT_WORDS = 64;
const PRESENT = 1n;
const WRITABLE = 2n;
const LARGE = 0x80n;
const ADDRESS = 0x000ffffffffff000n;
const SLOT_SHIFT = 52n;
/** Entries of a version 1 grant table in a page. */
const GRANTS_A_FRAME = 512;
const VCPUS = 256;
const ROW = VCPUS - 1;
const RUNNABLE = 2;
/** States of a domain that lives. */
const RUNNING = 2;
const PAUSED = 3;
const MOST_STEPS = 1_000_000;
const MEMORY_OP = 12;
const SCHED_OP = 29;
const POLL = 3;
const ADD_TO_PHYSMAP = 7;

export class SimulatedDomain {
  readonly cpu: SimulatedCpu;
  readonly number: number;
  /** Machine addresses of pages that were found since the last hypercall, by frame. */
  readonly #readable = new Map<number, bigint>();
  readonly #writable = new Map<number, bigint>();
  #last = 0;

  constructor(cpu: SimulatedCpu, number: number) {
    this.cpu = cpu;
    this.number = number;
  }

  get #vcpu(): number {
    return this.cpu.machine.columns.number("domainVcpuRow", this.number * 32) - 1;
  }

  /** Lets the core choose the domain's vCPU, as the nearest after the last one that ran: what the
   *  core does on every way into a guest (timers, flushes, injection) is done. */
  #enter(vcpu: number): void {
    const { columns, core } = this.cpu.machine;
    columns.write("scheduleLast", 0, (vcpu + VCPUS - 1) % VCPUS);
    columns.write("cpuReschedule", 0, 1);
    columns.write("clockArmed", 0, 0n);
    // A call whose steps are short may go on without an entry: entering all the same is allowed.
    const chosen = core.selectVcpu(0) >>> 0;
    if (chosen === NOBODY || (chosen & ROW) !== vcpu)
      throw new Error(`domain ${this.number} cannot run: it waits or is gone`);
  }

  /** A hypercall, resumed until it is done; arguments are addresses in the domain's own memory. */
  hypercall(number: number, a = 0n, b = 0n, c = 0n): bigint {
    const vcpu = this.#vcpu;
    const registers = { rax: BigInt(number), rbx: a, rcx: b, rdx: c };
    const rip = this.cpu.register(vcpu, "rip");
    this.#enter(vcpu);
    this.cpu.run(vcpu, { code: exitCode.vmmcall, registers });
    for (let steps = 0; this.cpu.register(vcpu, "rip") === rip; steps++) {
      if (steps === MOST_STEPS) throw new RangeError(`hypercall ${number} is resumed for ever`);
      this.#enter(vcpu);
      this.cpu.run(vcpu, { code: exitCode.vmmcall });
    }
    this.#readable.clear();
    this.#writable.clear();
    return BigInt.asIntN(64, this.cpu.register(vcpu, "rax"));
  }

  /** Does the domain exist, and has it run and not ended? */
  get lives(): boolean {
    const state = this.cpu.machine.columns.number("domainState", this.number);
    return state === RUNNING || state === PAUSED;
  }

  /** A fault that nothing catches, as one ends a service on the metal. */
  fault(): void {
    this.awaken();
    const vcpu = this.#vcpu;
    this.#enter(vcpu);
    this.cpu.run(vcpu, { code: exitCode.shutdown });
  }

  /** Waits for an event, until `deadline` at the latest (0: none); the structure is put at `at`.
   *  Throws when the policy does not let the domain wait. */
  wait(deadline: bigint, at: bigint): void {
    this.write(at, new Uint8Array(new BigUint64Array([0n, 0n, deadline]).buffer));
    const result = this.hypercall(SCHED_OP, BigInt(POLL), at);
    if (result !== 0n) throw new Error(`domain ${this.number} may not wait (${result})`);
  }

  /** Ends its wait, without an event: it is switched on again, or the test plays it from now on. */
  awaken(): void {
    const { columns } = this.cpu.machine;
    const vcpu = this.#vcpu;
    const word = vcpu >> 6;
    columns.write("vcpuState", vcpu, RUNNABLE);
    columns.write("vcpuPollDeadline", vcpu, 0n);
    columns.write("vcpuPolling", vcpu, 0);
    const runnable = columns.read("runnableWord", word) | (1n << BigInt(vcpu & 63));
    columns.write("runnableWord", word, runnable);
  }

  /** A hypercall whose structure is put at guest-physical 0x1000; returns the result, and the
   *  structure as it then is. */
  call(number: number, operation: number, words: readonly number[]): [number, Uint8Array] {
    const structure = new Uint8Array(new Uint32Array(words).buffer);
    this.write(0x1000n, structure);
    const result = this.hypercall(number, BigInt(operation), 0x1000n, 1n);
    return [Number(result), this.read(0x1000n, structure.length)];
  }

  /** Maps the domain's shared_info at a guest frame. */
  mapSharedInfo(frame: number, at = 0x1000n): void {
    this.write(at, new Uint8Array(new Uint32Array([0x7ff0, 0, 0, frame]).buffer));
    const result = this.hypercall(MEMORY_OP, BigInt(ADD_TO_PHYSMAP), at);
    if (result !== 0n) throw new Error(`domain ${this.number}: no shared_info (${result})`);
  }

  /** Offers a frame of the domain to another under a reference of the first grant frames. */
  grant(reference: number, frame: number, remote: number, readOnly = false): void {
    const flags = readOnly ? 5 : 1;
    const entry = new Uint8Array(new Uint32Array([flags | (remote << 16), frame]).buffer);
    this.cpu.machine.memory.write(this.#grantEntry(reference), entry);
  }

  /** Takes an offer back, whoever uses it. */
  revoke(reference: number): void {
    this.cpu.machine.memory.write(this.#grantEntry(reference), new Uint8Array(8));
  }

  #grantEntry(reference: number): bigint {
    const { columns } = this.cpu.machine;
    const row = this.number * 32 + Math.floor(reference / GRANTS_A_FRAME);
    const frame = columns.number("grantFrameFrame", row);
    if (frame === 0) throw new Error(`domain ${this.number} has no such grant frame`);
    return BigInt(frame - 1) * 4096n + BigInt((reference % GRANTS_A_FRAME) * 8);
  }

  // ---- memory -----------------------------------------------------------------------------------

  /** Machine address of a guest-physical page, or undefined. */
  #translate(frame: number, write: boolean): bigint | undefined {
    const pages = write ? this.#writable : this.#readable;
    const known = pages.get(frame);
    if (known !== undefined) return known;
    const { columns } = this.cpu.machine;
    const directory = columns.read("directoryEntry", this.number * 8192 + (frame >>> 9));
    if ((directory & PRESENT) === 0n) return undefined;
    let entry = directory + BigInt((frame & 511) * PAGE_BYTES);
    if ((directory & LARGE) === 0n) {
      const slot = Number((directory >> SLOT_SHIFT) & 63n);
      entry = columns.read("leafEntry", this.number * 32768 + slot * 512 + (frame & 511));
      if ((entry & PRESENT) === 0n || (write && (entry & WRITABLE) === 0n)) return undefined;
    }
    const address = entry & ADDRESS;
    pages.set(frame, address);
    return address;
  }

  /** Where guest-physical bytes inside one page are. Throws what ends a domain on the metal. */
  at(address: bigint, bytes: number, write: boolean): Place {
    const page = this.#translate(Number(address >> 12n), write);
    if (page === undefined) {
      throw new Error(`domain ${this.number}: no memory at 0x${address.toString(16)}`);
    }
    const machine = page + (address & 0xfffn);
    const { memory } = this.cpu.machine;
    return write ? memory.change(machine, bytes) : memory.at(machine, bytes);
  }

  read(address: bigint, bytes: number): Uint8Array {
    const result = new Uint8Array(bytes);
    this.#pieces(address, bytes, (from, offset, count) => {
      const { content, offset: place } = this.at(from, count, false);
      result.set(content.subarray(place, place + count), offset);
    });
    return result;
  }

  write(address: bigint, bytes: Uint8Array): void {
    this.#pieces(address, bytes.length, (to, offset, count) => {
      const { content, offset: place } = this.at(to, count, true);
      content.set(bytes.subarray(offset, offset + count), place);
    });
  }

  #pieces(
    address: bigint,
    bytes: number,
    visit: (address: bigint, offset: number, count: number) => void,
  ): void {
    for (let offset = 0; offset < bytes; ) {
      const at = address + BigInt(offset);
      const count = Math.min(bytes - offset, PAGE_BYTES - Number(at & 0xfffn));
      visit(at, offset, count);
      offset += count;
    }
  }

  load32(address: bigint): number {
    const { view, offset } = this.at(address, 4, false);
    return view.getUint32(offset, true);
  }

  store32(address: bigint, value: number): void {
    const { view, offset } = this.at(address, 4, true);
    view.setUint32(offset, value >>> 0, true);
  }

  // ---- events -----------------------------------------------------------------------------------

  get #shared(): bigint {
    return BigInt(this.cpu.machine.columns.number("domainSharedInfo", this.number) - 1) * 4096n;
  }

  /** Was anything raised since the events were last asked for? */
  get notified(): boolean {
    const { view, offset } = this.cpu.machine.memory.at(this.#shared, 1);
    return view.getUint8(offset) !== 0;
  }

  /** A pending port, which is pending no longer; -1: none. Ports take turns. */
  nextEvent(): number {
    const { memory } = this.cpu.machine;
    const shared = this.#shared;
    const info = memory.change(shared, 16);
    info.content.fill(0, info.offset, info.offset + 16);
    const start = this.#last + 1;
    for (let step = 0; step <= PORT_WORDS; step++) {
      const word = ((start >>> 6) + step) % PORT_WORDS;
      const { view, offset } = memory.change(shared + BigInt(PENDING + word * 8), 8);
      const bits = view.getBigUint64(offset, true);
      const from = step === 0 ? start & 63 : 0;
      for (let bit = from; bits >> BigInt(bit) !== 0n; bit++) {
        if (((bits >> BigInt(bit)) & 1n) === 0n) continue;
        view.setBigUint64(offset, bits & ~(1n << BigInt(bit)), true);
        this.#last = word * 64 + bit;
        return this.#last;
      }
    }
    return -1;
  }
}
