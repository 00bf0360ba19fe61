// Oracle 6: the native build of the core, made for Linux with sanitizers, takes every step that the
// WebAssembly takes, on a copy of its state. It must end in the same way, ask the same of the
// machine, and store the same.

import { type PrimitiveName, primitives, resultWidth } from "../../spec/lang/machine.ts";
import { linearBytes } from "../../tcb/core/layout.ts";
import { EVENT_BYTES, place, RAM_BYTES, variable } from "../instrument/places.ts";
import type { Judge, Taken, Violation } from "../world/executor.ts";
import type { FuzzMachine } from "../world/machine.ts";
import { NativeChild, NativeEnded, type StepAnswer } from "./child.ts";

const NO_RACE = 0xffffffff;
const MEMORY_END = linearBytes + RAM_BYTES;
const hasResult = Object.keys(primitives).map(
  (name) => resultWidth(name as PrimitiveName) !== undefined,
);

function mix(hash: number, word: number): number {
  const mixed = hash ^ word;
  return Math.imul((mixed << 5) | (mixed >>> 27), 0x9e3779b1);
}

export class NativeOracle implements Judge {
  readonly #machine: FuzzMachine;
  readonly #program: string;
  #child: NativeChild;
  /** How far the undo log has been told. */
  #cursor = 0;
  #stores: number[] = [];
  #race: readonly [index: number, at: number, value: number] = [NO_RACE, 0, 0];
  #ticks = 0n;
  #timer = 0n;
  /** After a step that did not come to its end both sides may have stopped anywhere. */
  #isLost = false;

  /** @param program a hosted build of the same core (scripts/hosted.ts) */
  constructor(machine: FuzzMachine, program: string) {
    this.#machine = machine;
    this.#program = program;
    this.#child = new NativeChild(program);
    this.renew();
  }

  renew(): void {
    const { bytes, logEnd } = this.#machine;
    this.#child.load(
      bytes.subarray(0, linearBytes),
      bytes.subarray(place.ram, place.ram + RAM_BYTES),
    );
    this.#stores = [];
    this.#isLost = false;
    this.#cursor = logEnd;
  }

  /** Takes in what the harness stored, and how the machine stands before a step. */
  follow(): void {
    const { words, longs, logEnd } = this.#machine;
    for (; this.#cursor < logEnd; this.#cursor += 16) {
      const at = words[this.#cursor >> 2]! & ~3;
      this.#stores.push(at, words[at >> 2]!);
    }
    const raceAt = words[variable.raceAt >> 2]!;
    const index = raceAt === 0 ? NO_RACE : (raceAt - place.events) / EVENT_BYTES;
    this.#race = [index, words[variable.raceAddress >> 2]!, words[variable.raceValue >> 2]!];
    this.#ticks = longs[variable.ticks >> 3]!;
    this.#timer = longs[variable.timer >> 3]!;
  }

  restore(): void {
    this.#stores = [];
    this.#isLost = false;
    this.#cursor = place.log;
    this.#child.undo();
  }

  settle(): undefined {
    return undefined;
  }

  judge(taken: Taken): Violation | undefined {
    if (this.#isLost) return undefined;
    this.#isLost = taken.ended.how !== "done";
    try {
      return this.#compare(taken, this.#step(taken));
    } catch (error) {
      if (!(error instanceof NativeEnded)) throw error;
      this.#child.close();
      this.#child = new NativeChild(this.#program);
      this.#isLost = true;
      return disagreement("sanitizer", error.message);
    }
  }

  close(): void {
    this.#child.close();
  }

  #step({ door, vcpu }: Taken): StepAnswer {
    this.#child.store(this.#stores);
    this.#stores = [];
    const [raceIndex, raceAt, raceValue] = this.#race;
    const kind = door === "exit" ? "exit" : "choose";
    const clock = { ticks: this.#ticks, timer: this.#timer };
    const answer = this.#child.step({ kind, vcpu, raceIndex, raceAt, raceValue, ...clock });
    this.#cursor = this.#machine.logEnd;
    return answer;
  }

  #compare({ door, ended, from, chosen }: Taken, native: StepAnswer): Violation | undefined {
    if (native.ending !== ended.how) {
      return disagreement("ending", `it ends by ${native.ending}, the WebAssembly by ${ended.how}`);
    }
    if (ended.how !== "done") return undefined;
    const { logEnd, longs } = this.#machine;
    if (door === "select" && native.chosen !== chosen) {
      return disagreement("choice", `it chooses ${native.chosen}, the WebAssembly ${chosen}`);
    }
    if (native.eventHash >>> 0 !== this.#eventHash()) {
      return disagreement("events", "it asks something else of the machine");
    }
    const stores = (logEnd - from) / 16;
    if (native.stores !== stores || native.storeHash >>> 0 !== this.#storeHash(from)) {
      return disagreement(
        "stores",
        `it stores something else (${native.stores} and ${stores} times)`,
      );
    }
    if (native.timer === longs[variable.timer >> 3]) return undefined;
    return disagreement("timer", "it arms the timer for another time");
  }

  #eventHash(): number {
    const { words } = this.#machine;
    const end = words[variable.eventEnd >> 2]! >> 2;
    let hash = 0;
    for (let at = place.events >> 2; at < end; at += EVENT_BYTES >> 2) {
      const id = words[at]!;
      hash = mix(hash, id);
      const last = hasResult[id] === true ? 10 : 8;
      for (let word = 2; word < last; word++) hash = mix(hash, words[at + word]!);
    }
    return hash >>> 0;
  }

  #storeHash(from: number): number {
    const { words, bytes, logEnd } = this.#machine;
    let hash = 0;
    for (let entry = from; entry < logEnd; entry += 16) {
      const at = words[entry >> 2]!;
      hash = mix(hash, at);
      for (let byte = at; byte < at + 8; byte++) {
        hash = mix(hash, byte < MEMORY_END ? bytes[byte]! : 0);
      }
    }
    return hash >>> 0;
  }
}

function disagreement(about: string, says: string): Violation {
  return { oracle: "native", about, says: `The native build differs: ${says}` };
}
