// The machine that programs run on: the fuzzing copy of a core in the state after boot, and the
// undo log that brings it back there.

import { engine, type WasmModule } from "../../tcb/machine/sim/engine.ts";
import { SimulatedMachine } from "../../tcb/machine/sim/machine.ts";
import { type FuzzingCopy, keptFuzzingCopy } from "../instrument/link.ts";
import {
  memoryPages,
  place,
  RAM_BASE,
  RAM_BYTES,
  refusal,
  refusalText,
  variable,
} from "../instrument/places.ts";
import { bootPack } from "./pack.ts";

interface Exports {
  selectVcpu(cpu: number): number;
  handleExit(vcpu: number): void;
  undo(from: number): void;
  forget(): void;
}

/** Tables, guests' memory and clock after boot. */
export interface Booted {
  readonly linear: Uint8Array;
  readonly ram: Uint8Array;
  readonly ticks: bigint;
  readonly timer: bigint | undefined;
}

/** Boots a core, as it ships, on the simulated machine. */
export function boot(
  core: Uint8Array<ArrayBuffer> | WasmModule,
  pack: Uint8Array = bootPack(),
): Booted {
  const ranges = [{ address: BigInt(RAM_BASE), bytes: RAM_BYTES }];
  const machine = new SimulatedMachine({ core, ranges, pack });
  machine.boot();
  const ram = new Uint8Array(RAM_BYTES);
  const PIECE = 1 << 20;
  for (let at = 0; at < RAM_BYTES; at += PIECE) {
    ram.set(machine.memory.read(BigInt(RAM_BASE + at), PIECE), at);
  }
  const linear = new Uint8Array(machine.core.memory.buffer).slice();
  return { linear, ram, ticks: machine.ticks, timer: machine.timer };
}

/** How a step of the core ended. */
export type Ended =
  | { readonly how: "done" }
  | { readonly how: "refusal" | "halt"; readonly why: string }
  | { readonly how: "trap"; readonly why: string; readonly functions: string };
const DONE: Ended = { how: "done" };

const NEVER = 0xffffffffffffffffn;
const NO_RACE = 0;

export class FuzzMachine {
  copy: FuzzingCopy;
  /** The whole memory, in bytes and in words. */
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly halves: Uint16Array;
  readonly longs: BigUint64Array;
  readonly #memory = new engine.Memory({ initial: memoryPages, maximum: memoryPages });
  #exports: Exports;
  /** What the core wrote to its console; kept only when asked for. */
  console = "";
  keepConsole = false;
  /** What it wrote in the current step. */
  readonly lines: string[] = [];

  constructor(copy: FuzzingCopy, booted: Booted) {
    const { buffer } = this.#memory;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.halves = new Uint16Array(buffer);
    this.longs = new BigUint64Array(buffer);
    this.copy = copy;
    this.#exports = this.#instance(copy);
    this.#load(booted);
  }

  /** Another core, after its boot, in the place of the one that ran; nothing else is forgotten, so
   *  that what was compiled for the first serves the next. */
  replace(copy: FuzzingCopy, booted: Booted): void {
    this.copy = copy;
    this.#exports = this.#instance(copy);
    this.bytes.fill(0, place.weights, place.log);
    this.#load(booted);
  }

  #instance(copy: FuzzingCopy): Exports {
    const module = new engine.Module(copy.wasm);
    const nothing = () => 0;
    const write = (at: number, length: number) => {
      const text = Buffer.from(this.bytes.subarray(at, at + length)).toString("latin1");
      this.lines.push(text);
      if (this.keepConsole) this.console += text;
    };
    const machine = { write, cpuid: nothing };
    const imports = { machine, fuzz: { memory: this.#memory } };
    return new engine.Instance(module, imports).exports as unknown as Exports;
  }

  #load(booted: Booted): void {
    this.bytes.set(booted.linear);
    this.bytes.set(booted.ram, place.ram);
    this.longs[variable.ticks >> 3] = booted.ticks;
    this.longs[variable.timer >> 3] = booted.timer ?? NEVER;
    this.#weigh();
    this.words[variable.logEnd >> 2] = place.log;
    this.words[variable.eventEnd >> 2] = place.events;
    this.words[variable.touchedEnd >> 2] = place.touched;
    this.words[variable.comparedEnd >> 2] = place.comparisons;
  }

  /** How many instructions each counter stands for. */
  #weigh(): void {
    for (const site of this.copy.sites) {
      if (site.kind !== "block") continue;
      this.halves[(place.weights >> 1) + site.counter] = Math.min(site.offsets.length, 0xffff);
    }
  }

  get logEnd(): number {
    return this.words[variable.logEnd >> 2]!;
  }

  /** Stores a word at a linear address that is a multiple of 4; undone by `undo`. */
  poke(at: number, value: number): void {
    const { words } = this;
    if (words[at >> 2] === (value | 0)) return;
    const entry = words[variable.logEnd >> 2]!;
    words[entry >> 2] = at;
    words[(entry + 8) >> 2] = words[at >> 2]!;
    words[(entry + 12) >> 2] = words[(at + 4) >> 2]!;
    words[variable.logEnd >> 2] = entry + 16;
    words[at >> 2] = value;
  }

  /** Undoes all stores behind an entry of the log. */
  undo(from: number): void {
    this.#exports.undo(from);
  }

  /** Sets all coverage counters to 0. */
  forget(): void {
    this.#exports.forget();
  }

  /** Another CPU stores a word when the core asks the machine for the n-th time in this step. */
  race(eventIndex: number, at: number, value: number): void {
    this.words[variable.raceAt >> 2] = place.events + eventIndex * 40;
    this.words[variable.raceAddress >> 2] = at;
    this.words[variable.raceValue >> 2] = value;
  }

  /** The core handles an exit. */
  handleExit(vcpu: number): Ended {
    this.#begin();
    try {
      this.#exports.handleExit(vcpu);
      return DONE;
    } catch (error) {
      return this.#ended(error);
    } finally {
      this.words[variable.raceAt >> 2] = NO_RACE;
    }
  }

  /** The core chooses a vCPU; undefined when it did not come to an end. */
  select(): { readonly vcpu: number; readonly ended: Ended } {
    this.#begin();
    try {
      return { vcpu: this.#exports.selectVcpu(0) >>> 0, ended: DONE };
    } catch (error) {
      return { vcpu: 0xffffffff, ended: this.#ended(error) };
    } finally {
      this.words[variable.raceAt >> 2] = NO_RACE;
    }
  }

  #begin(): void {
    const { words } = this;
    this.lines.length = 0;
    words[variable.eventEnd >> 2] = place.events;
    words[variable.refused >> 2] = refusal.none;
    words[variable.halted >> 2] = 0;
    words[variable.steps >> 2] = 0;
  }

  #ended(error: unknown): Ended {
    if (!(error instanceof engine.RuntimeError) && !(error instanceof RangeError)) throw error;
    const refused = this.words[variable.refused >> 2]!;
    if (refused !== refusal.none) {
      const address = this.longs[variable.refusedAddress >> 3]!;
      return { how: "refusal", why: `${refusalText[refused]}: 0x${address.toString(16)}` };
    }
    const halted = this.words[variable.halted >> 2]!;
    if (halted !== 0) return { how: "halt", why: `the machine stopped with code ${halted - 1}` };
    return { how: "trap", why: error.message, functions: functionsOf(error) };
  }
}

/** A machine with a core of one's own, booted; its copy counts comparisons too if asked to. */
export function makeMachine(
  core: Uint8Array<ArrayBuffer>,
  pack?: Uint8Array,
  comparisons = false,
): FuzzMachine {
  return new FuzzMachine(keptFuzzingCopy(core, comparisons), boot(core, pack));
}

/** Names of the core's functions in a trap's stack, the outermost first. */
function functionsOf({ stack = "" }: Error): string {
  const names = [...stack.matchAll(/tcb\/core\/(\S+)/g)].map(([, name]) => name!);
  return names.reverse().join(" > ");
}
