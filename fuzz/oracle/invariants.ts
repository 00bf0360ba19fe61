// Oracle 2: all invariants hold. Those of a row that changed are looked at after the step; those of
// other rows, when a cell changed that they have ever read, at the end of the program: so a step
// costs what it changed.

import { columns, linearBytes } from "../../tcb/core/layout.ts";
import { columnAt, GRANULE_SHIFT } from "../world/columns.ts";
import type { Taken, Violation } from "../world/executor.ts";
import type { FuzzMachine } from "../world/machine.ts";
import { type Instance, Instances } from "./instances.ts";
import { Pairs } from "./pairs.ts";

/** A cell that more instances read than this (a superframe's, read for each of its 512 frames) has
 *  them looked at in one program of 16, pairs of rows are in one of 128, unless the looks are
 *  thorough. */
const FAN_OUT = 12;
const SELDOM = 15;
const RARELY = 127;

/** Most instances that wait for a look, and that there are. */
const WAITING_MAX = 1 << 20;

/** Numbers of instances that wait for their look, each once a round. */
class Waiting {
  readonly #numbers = new Int32Array(WAITING_MAX);
  /** By instance: the round in which it was added last. */
  readonly #added = new Int32Array(WAITING_MAX);
  #count = 0;
  #round = 1;

  add(number: number): void {
    if (this.#added[number] === this.#round) return;
    this.#added[number] = this.#round;
    this.#numbers[this.#count++] = number;
  }

  clear(): void {
    this.#count = 0;
    this.#round++;
  }

  /** Looks at all of these; gives the first that is not so. */
  look(instances: Instances): Instance | undefined {
    let found: Instance | undefined;
    for (let index = 0; index < this.#count; index++) {
      const number = this.#numbers[index]!;
      if (!instances.look(number)) found ??= instances.instance(number);
    }
    this.clear();
    return found;
  }
}

export class Invariants {
  /** Look at all that may be affected, after every program. */
  thorough = true;
  readonly #machine: FuzzMachine;
  readonly #instances: Instances;
  readonly #pairs: Pairs;
  readonly #due = new Waiting();
  readonly #later = new Waiting();
  #programs = 0;

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
    this.#instances = new Instances(machine);
    this.#pairs = new Pairs(machine);
    this.renew();
  }

  /** Looks at everything. Throws Error when something is not so. */
  renew(): void {
    this.restore();
    for (const number of this.#instances.first()) this.#due.add(number);
    const broken = violationOf(this.#due.look(this.#instances));
    if (broken !== undefined) throw new Error(`the world breaks ${broken.about}: ${broken.says}`);
  }

  judge({ from }: Taken): Violation | undefined {
    const { words, logEnd } = this.#machine;
    const { matters } = this.#instances;
    for (let entry = from; entry < logEnd; entry += 16) {
      const address = words[entry >> 2]!;
      if (address >= linearBytes || isSame(words, entry, address)) continue;
      const index = columnAt[address >> GRANULE_SHIFT]!;
      if (matters[index] !== 0) this.#changed(entry, address, index);
    }
    return violationOf(this.#due.look(this.#instances));
  }

  /** Is this not one of the programs that are looked at more closely? */
  #isFew(mask: number): boolean {
    return !this.thorough && (this.#programs & mask) !== 0;
  }

  /** The end of a program: what is left to be looked at. */
  settle(): Violation | undefined {
    const broken = violationOf(this.#later.look(this.#instances));
    if (broken !== undefined || this.#isFew(RARELY)) return broken;
    return this.#pairs.look();
  }

  /** Forgets what is left: the state was brought back. */
  restore(): void {
    this.#due.clear();
    this.#later.clear();
    this.#programs++;
  }

  /** What a store makes due: eight bytes were logged, of which some changed. */
  #changed(entry: number, address: number, index: number): void {
    const { bytes } = this.#machine;
    const column = columns[index - 1]!;
    const step = column.stride === column.width ? column.width : 8;
    for (let offset = 0; offset < 8; offset += step) {
      for (let byte = offset; byte < offset + step; byte++) {
        if (bytes[entry + 8 + byte] === bytes[address + byte]) continue;
        this.#cell(index, address + offset);
        break;
      }
    }
  }

  #cell(index: number, address: number): void {
    const { own, readers } = this.#instances.cell(columns[index - 1]!, address);
    for (let at = 0; at < own.length; at++) this.#due.add(own[at]!);
    if (readers.length > FAN_OUT && this.#isFew(SELDOM)) return;
    for (let at = 0; at < readers.length; at++) this.#later.add(readers[at]!);
  }
}

/** Do both words at a multiple of 4 hold what the log has of them? Most stores change nothing. */
const isSame = (words: Int32Array, entry: number, address: number): boolean =>
  (address & 3) === 0 &&
  words[(entry + 8) >> 2] === words[address >> 2] &&
  words[(entry + 12) >> 2] === words[(address + 4) >> 2];

function violationOf(instance: Instance | undefined): Violation | undefined {
  if (instance === undefined) return undefined;
  const { invariant, keys } = instance;
  const says = `${invariant.says} Not so for ${invariant.table}(${keys.join(", ")}).`;
  return { oracle: "invariant", about: invariant.id, says };
}
