// Runs a program: turns each step into what guests and CPU do, lets the core take its steps, and
// has each of them judged.

import { variable } from "../instrument/places.ts";
import { LIST_OFFSET } from "../program/operations.ts";
import { type Argument, actors, type Program, patience, type Step } from "../program/program.ts";
import { Guests, vmcb } from "./guest.ts";
import { hurry } from "./hurry.ts";
import type { Ended, FuzzMachine } from "./machine.ts";
import { CONSOLE_GFN } from "./pack.ts";
import { ELEMENTS_MAX, elementsOf, fillElement, placeOf } from "./structure.ts";

/** What an oracle has to say against a step. */
export interface Violation {
  readonly oracle: string;
  /** What it is about: a clause, an invariant, a column. */
  readonly about: string;
  readonly says: string;
}

/** A step of the core that was taken. */
export interface Taken {
  readonly door: "exit" | "select";
  readonly vcpu: number;
  readonly ended: Ended;
  /** End of the undo log before it. */
  readonly from: number;
  /** What the core answered, of `select`. */
  readonly chosen: number;
}

/** Looks at each step of the core. */
export interface Judge {
  /** The harness has acted for guests and CPU: the undo log has its stores from `from` on. */
  follow(from: number): void;
  /** All stores of the undo log, up to `end`, were undone. */
  restore(end: number): void;
  /** The machine holds another world, from its beginning. */
  renew(): void;
  judge(taken: Taken): Violation | undefined;
  /** The program is at its end. */
  settle(): Violation | undefined;
}

export interface Failure extends Violation {
  /** Index of the program's step. */
  readonly step: number;
}

const LONG_MODE = 1;
/** By mode: has it paging? */
const PAGING = [false, true, true, false, true, false, true] as const;
/** Steps after which a caller that waits for all of them gives up: it may, at any instruction. */
const STEPS_OF_A_CALL = 8;
/** The same for calls that are long by nature. */
const STEPS_OF_A_LONG_CALL = 1500;
const MULTICALL = 13;
const CONTROL = 60;
const LINEAR_PAGE = 0x1000;
const NOBODY = 0xffffffff;

export class Executor {
  readonly machine: FuzzMachine;
  readonly guests: Guests;
  readonly judge: Judge;
  /** Hypercalls that began, and steps of the core, since this was made. */
  calls = 0;
  steps = 0;
  /** Most instructions that a step of the core took. */
  mostInstructions = 0;
  /** How the step that was judged last came about. */
  path = "";
  /** Where in the undo log the stores of that step begin. */
  lastFrom = 0;
  readonly #results = new Map<string, number[]>();
  readonly #pending = new Set<number>();
  readonly #registers = new Int32Array(8);
  readonly #structure = new Int32Array(64);
  #violation: Violation | undefined;
  /** The core stopped the machine: no domain can run any more. */
  #halted = false;

  constructor(machine: FuzzMachine, judge: Judge) {
    this.machine = machine;
    this.guests = new Guests(machine);
    this.judge = judge;
  }

  /** Runs a program from the state that the machine is in, up to the first violation. */
  run(program: Program): Failure | undefined {
    this.#results.clear();
    this.#pending.clear();
    this.#violation = undefined;
    this.#halted = false;
    this.machine.words[variable.raceAt >> 2] = 0;
    for (let index = 0; index < program.length; index++) {
      this.#take(program[index]!);
      const violation = this.#violation as Violation | undefined;
      if (violation !== undefined) return { ...violation, step: index };
      if (this.#halted) return undefined;
    }
    const left = this.judge.settle();
    if (left === undefined) return undefined;
    this.path = "end";
    return { ...left, step: Math.max(program.length - 1, 0) };
  }

  #take(step: Step): void {
    const { kind } = step.operation;
    if (kind === "call") this.#call(step);
    else if (kind === "exit") this.#exit(step);
    else if (kind === "turn") this.#turn(step.values[0]!);
    else if (kind === "poke") this.#poke(step, 0, undefined);
    else if (kind === "race") this.#poke(step, 1, step.values[0]!.low & 63);
    else this.#offer(step);
  }

  // ---- the core's steps ---------------------------------------------------------------------

  #judged(taken: Taken): boolean {
    this.steps++;
    const instructions = this.machine.words[variable.steps >> 2]!;
    if (instructions > this.mostInstructions) this.mostInstructions = instructions;
    this.#violation = this.judge.judge(taken);
    this.lastFrom = taken.from;
    this.#halted = taken.ended.how !== "done";
    if (this.#violation !== undefined) this.path = pathOf(taken);
    this.machine.words[variable.raceAddress >> 2] = 0;
    return this.#violation === undefined && taken.ended.how === "done";
  }

  /** The core handles the exit of a vCPU; false: that is the end of the program. */
  #handle(vcpu: number, since: number): boolean {
    const { machine } = this;
    this.judge.follow(since);
    const from = machine.logEnd;
    const ended = machine.handleExit(vcpu);
    return this.#judged({ door: "exit", vcpu, ended, from, chosen: 0 });
  }

  // ---- calls --------------------------------------------------------------------------------

  #call(step: Step): void {
    const { guests, machine } = this;
    const [domain, id] = actors[step.actor]!;
    const vcpu = guests.row(domain, id);
    if (vcpu < 0 || !guests.canRun(domain, vcpu)) return;
    const since = machine.logEnd;
    const goesOn = this.#pending.has(vcpu);
    guests.enter(vcpu, step.mode);
    guests.exit(vcpu, 0x81);
    let structure = 0;
    if (!goesOn) {
      this.calls++;
      structure = this.#prepare(step, domain, id, vcpu);
    }
    const done = this.#resume(step, domain, vcpu, since);
    if (done && !goesOn) this.#keepReply(step, domain, structure);
  }

  /** Lets the core take the call's steps; true: the call is done. */
  #resume(step: Step, domain: number, vcpu: number, since: number): boolean {
    const { guests, machine } = this;
    const most = Math.min(
      patience[step.patience]!,
      step.operation.isLong ? STEPS_OF_A_LONG_CALL : STEPS_OF_A_CALL,
    );
    const rip = guests.rip(vcpu);
    let from = since;
    for (let taken = 0; taken < most; taken++) {
      if (!this.#handle(vcpu, from)) return false;
      if (guests.rip(vcpu) !== rip) {
        this.#pending.delete(vcpu);
        return true;
      }
      if (!guests.canRun(domain, vcpu)) break;
      from = machine.logEnd;
      if (step.operation.number !== CONTROL) continue;
      hurry(machine, step.values[1]!.low);
      this.judge.follow(from);
      from = machine.logEnd;
    }
    if (step.patience !== 0) this.#pending.add(vcpu);
    return false;
  }

  /** Writes the call's structure and registers; gives the structure's guest-physical address. */
  #prepare(step: Step, domain: number, id: number, vcpu: number): number {
    const { operation, values } = step;
    const long = step.mode === LONG_MODE;
    const registers = this.#registers;
    const own = 0x1000 + id * LINEAR_PAGE;
    let linear = own;
    let linearHigh = 0;
    let physical = own;
    if (operation.hasStructure) {
      const given = values[operation.firstField - 1]!;
      [linear, linearHigh, physical] = placeOf(given, own, PAGING[step.mode]!);
      this.#writeStructure(step, domain, linear, physical, long);
    }
    for (let index = 0; index < 3; index++) {
      const register = operation.registers[index];
      let low = 0;
      let high = 0;
      if (register?.kind === "constant") low = register.value;
      else if (register?.kind === "structure") {
        low = linear;
        high = linearHigh;
      } else if (register !== undefined) {
        const parameter = operation.parameters[register.index]!;
        low = this.#low(values[register.index]!, parameter.role);
        high = values[register.index]!.high;
      }
      registers[index * 2] = low;
      registers[index * 2 + 1] = high;
    }
    const number = operation.number === 0 ? registers[0]! : operation.number;
    if (step.listed) this.#writeList(domain, own, number);
    this.guests.callRegisters(vcpu, step.mode, step.listed ? MULTICALL : number, registers);
    return physical;
  }

  /** Puts the call into a multicall entry, and the list into the registers. */
  #writeList(domain: number, own: number, number: number): void {
    const { guests } = this;
    const registers = this.#registers;
    const entry = own + 0xc00;
    guests.write(domain, entry, number);
    guests.write(domain, entry + 4, 0);
    for (let word = 0; word < 6; word++)
      guests.write(domain, entry + 16 + word * 4, registers[word]!);
    registers.fill(0);
    registers[0] = entry;
    registers[2] = 1;
  }

  #low(argument: Argument, role: string): number {
    if (argument.back < 0) return argument.low;
    const results = this.#results.get(role);
    return results === undefined ? 0 : (results[results.length - 1 - argument.back] ?? 0);
  }

  readonly #lowOf = (argument: Argument, role: string): number => this.#low(argument, role);

  #writeStructure(
    step: Step,
    domain: number,
    linear: number,
    physical: number,
    long: boolean,
  ): void {
    const { operation } = step;
    const structure = this.#structure;
    const elements = operation.elementBytes === 0 ? 1 : elementsOf(step.values.at(0)!);
    let words = 0;
    for (let element = 0; element < elements; element++) {
      words = fillElement(step, element, structure, { long, linear, low: this.#lowOf });
      const at = physical + element * operation.elementBytes;
      for (let word = 0; word < words; word++) {
        this.guests.write(domain, at + word * 4, structure[word]!);
      }
    }
    if (operation.list === "none") return;
    const first = this.#low(step.values[operation.firstField]!, operation.fields[0]!.role);
    const isWide = operation.list === "wide" && long;
    for (let index = 0; index < ELEMENTS_MAX; index++) {
      const at = physical + LIST_OFFSET + index * (isWide ? 8 : 4);
      this.guests.write(domain, at, first + index);
      if (isWide) this.guests.write(domain, at + 4, 0);
    }
  }

  /** Keeps what a call gave, and which page it was about. */
  #keepReply({ operation, values }: Step, domain: number, structure: number): void {
    const { reply } = operation;
    if (reply === undefined) return;
    this.#keep(reply.role, this.guests.read(domain, structure + reply.at));
    const page = operation.parameters.findIndex(({ role }) => role === "page");
    if (page >= 0) this.#keep("page", this.#low(values[page]!, "page"));
  }

  #keep(role: string, result: number): void {
    const results = this.#results.get(role) ?? [];
    results.push(result);
    this.#results.set(role, results);
  }

  // ---- other exits, time, and guests' memory -------------------------------------------------

  #exit(step: Step): void {
    const { guests, machine } = this;
    const [domain, id] = actors[step.actor]!;
    const vcpu = guests.row(domain, id);
    if (vcpu < 0 || !guests.canRun(domain, vcpu) || this.#pending.has(vcpu)) return;
    const since = machine.logEnd;
    guests.enter(vcpu, step.mode);
    guests.exit(vcpu, step.operation.number);
    guests.setVmcb(vcpu, vmcb.exitInfo1, 0);
    guests.setVmcb(vcpu, vmcb.exitInfo2, guests.rip(vcpu) + 2);
    for (const [index, { name }] of step.operation.parameters.entries()) {
      const { low, high } = step.values[index]!;
      if (name === "code") guests.exit(vcpu, low, high);
      else if (name === "info1") guests.setVmcb(vcpu, vmcb.exitInfo1, low, high);
      else if (name === "shadow") guests.setVmcb(vcpu, vmcb.interruptState, low);
      else if (name === "interrupted") guests.setVmcb(vcpu, vmcb.exitInterrupt, low, high);
      else if (name === "flags") guests.setVmcb(vcpu, vmcb.rflags, low, high);
      else if (name === "rax") guests.setVmcb(vcpu, vmcb.rax, low, high);
      else guests.setGpr(vcpu, gprOf[name]!, low, high);
    }
    this.#handle(vcpu, since);
  }

  /** Time passes, the host's timer interrupts if it is due, and the core chooses who runs. */
  #turn(ticks: Argument): void {
    const { guests, machine } = this;
    const { longs } = machine;
    const passed = (BigInt(ticks.high >>> 0) << 32n) | BigInt(ticks.low >>> 0);
    const now = longs[variable.ticks >> 3]! + passed;
    longs[variable.ticks >> 3] = now;
    const current = guests.current();
    if (longs[variable.timer >> 3]! <= now && current >= 0) {
      const since = machine.logEnd;
      guests.exit(current, 0x60);
      if (!this.#handle(current, since)) return;
    }
    this.judge.follow(machine.logEnd);
    const from = machine.logEnd;
    const { vcpu, ended } = machine.select();
    if (!this.#judged({ door: "select", vcpu: current, ended, from, chosen: vcpu })) return;
    if (vcpu === NOBODY) return;
    const since = machine.logEnd;
    guests.takeEvent(vcpu);
    this.judge.follow(since);
  }

  /** A word of a guest's memory changes: at once, or while the next call is carried out. */
  #poke(step: Step, first: number, eventIndex: number | undefined): void {
    const [domain] = actors[step.actor]!;
    const at = this.#cell(domain, step.values[first]!.low);
    const value = step.values[first + 1]!.low;
    if (at < 0) return;
    if (eventIndex === undefined) this.machine.poke(at, value);
    else this.machine.race(eventIndex, at, value);
  }

  /** Linear offset of one of the words that matter. */
  #cell(domain: number, cell: number): number {
    const { guests } = this;
    const index = cell & 63;
    if (index < 8) return guests.special("grants", domain, index * 8);
    if (index < 10) return guests.place(domain, CONSOLE_GFN * 4096 + [3084, 3080][index & 1]!);
    if (index < 12) return guests.special("sharedInfo", domain, [2560, 2048, 0, 2564][index & 3]!);
    if (index < 16) return guests.special("grants", domain, (index - 12) * 8 + 4);
    if (index < 24) return guests.place(domain, 0x1000 + (index - 16) * 4);
    if (index >= 32) return guests.special("sharedInfo", domain, sharedWords[index & 7]!);
    return guests.place(domain, [0x10000, 0x11000, 0x11008, 0x13008][index & 3]!);
  }

  /** A guest writes an entry of its grant table: { u16 flags; u16 domain; u32 gfn }. */
  #offer(step: Step): void {
    const [domain] = actors[step.actor]!;
    const [reference, flags, other, gfn] = step.values;
    const number = this.#low(reference!, "reference") >>> 0;
    if (number >= 16384) return;
    const at = this.guests.special("grants", domain, number * 8);
    if (at < 0) return;
    this.machine.poke(at, (flags!.low & 0xffff) | (other!.low << 16));
    this.machine.poke(at + 4, gfn!.low);
  }
}

/** Words of shared_info: pending bits, mask bits, selectors, upcall bytes. */
const sharedWords = [2560, 2564, 2048, 2052, 8, 12, 64, 72] as const;

const gprOf: Readonly<Record<string, number>> = { rcx: 1, rdx: 2, rbx: 3, rsi: 6, rdi: 7 };

/** The door by which the core was entered; of a trap, the functions that it lies in. */
function pathOf({ door, ended }: Taken): string {
  return ended.how === "trap" ? `${door} > ${ended.functions}` : door;
}
