// The world that every program begins in: the system after boot, with page tables, a grant table
// and shared_info in each resident's map. Running a program changes it, `reset` brings it back.

import { everything } from "../../tcb/machine/sim/cpuid.ts";
import { linkFuzzingCopy } from "../instrument/link.ts";
import { place, variable } from "../instrument/places.ts";
import { Beginning } from "../oracle/beginning.ts";
import type { Program } from "../program/program.ts";
import { parseProgram } from "../program/text.ts";
import { crowding } from "./crowding.ts";
import { Executor, type Failure, type Judge } from "./executor.ts";
import { PAGE_TABLES } from "./guest.ts";
import { boot, type FuzzMachine, makeMachine } from "./machine.ts";
import { KEEPER, residents } from "./pack.ts";
import { damagedPolicy, policies } from "./policy.ts";
import { ABSENT_PAGE, READ_ONLY_PAGE } from "./structure.ts";

/** A judge that lets everything pass. */
export const nobody: Judge = {
  follow: () => {},
  restore: () => {},
  renew: () => {},
  judge: () => undefined,
  settle: () => undefined,
};

const PRESENT = 7;
const READ_ONLY = 5;
const LARGE = 0x80;
const SMALL_ENTRIES = 64;

/** Identity maps by leaves of 1 GiB, 2 MiB (at 1 GiB) and 4 KiB (at 1 GiB + 2 MiB). */
export function pageTables(): [address: number, value: number][] {
  const small = Array.from({ length: SMALL_ENTRIES }, (_, index): [number, number] => {
    const bits = index * 4096 === READ_ONLY_PAGE ? READ_ONLY : PRESENT;
    return [
      PAGE_TABLES + 0x3000 + index * 8,
      index * 4096 === ABSENT_PAGE ? 0 : index * 4096 + bits,
    ];
  });
  return [
    [PAGE_TABLES, PAGE_TABLES + 0x1000 + PRESENT],
    [PAGE_TABLES + 0x1000, PRESENT + LARGE],
    [PAGE_TABLES + 0x1008, PAGE_TABLES + 0x2000 + PRESENT],
    [PAGE_TABLES + 0x2000, PRESENT + LARGE],
    [PAGE_TABLES + 0x2008, PAGE_TABLES + 0x3000 + PRESENT],
    ...small,
  ];
}

/** Each resident maps its grant table and shared_info; the first two take upcalls. */
export const preparation: Program = parseProgram(
  residents
    .flatMap(({ domain }) => [
      `d${domain}v0 memory_add(domain=0x7ff0, space=1, index=0, gfn=0x202)`,
      `d${domain}v0 memory_add(domain=0x7ff0, space=0, index=0, gfn=0x203)`,
    ])
    // Their first superframe is split: later calls then change a row, not a thousand.
    .concat([1, 2].map((domain) => `d${domain}v0 memory_remove(domain=0x7ff0, gfn=0x3f)`))
    .concat([
      "d1v0 hvm_set(domain=0x7ff0, index=0, value=0x0200000000000020)",
      "d2v0 hvm_set(domain=0x7ff0, index=0, value=0x0200000000000021)",
      "d1v0 turn(ticks=1000)",
    ])
    .join("\n"),
);

const beginning = new Beginning();

export class World {
  readonly machine: FuzzMachine;
  readonly executor: Executor;
  #ticks = 0n;
  #timer = 0n;

  /** A world on a booted machine. The judge sees nothing of its preparation. */
  constructor(machine: FuzzMachine, makeJudge: (machine: FuzzMachine) => Judge = () => nobody) {
    this.machine = machine;
    this.#prepare();
    this.executor = new Executor(machine, makeJudge(machine));
  }

  /** Another core in the place of the one that ran. Throws Error when it does not boot, fills a
   *  table otherwise than the specification there, or breaks the world's preparation or an
   *  invariant. */
  become(core: Uint8Array<ArrayBuffer>): void {
    const booted = boot(core);
    const differs = beginning.difference(booted.linear, everything);
    if (differs !== undefined) throw new Error(`boot: ${differs}`);
    this.machine.replace(linkFuzzingCopy(core), booted);
    this.#prepare();
    this.executor.judge.renew();
  }

  #prepare(): void {
    const { machine } = this;
    const builder = new Executor(machine, nobody);
    for (const { domain } of residents) {
      for (const [address, value] of pageTables()) builder.guests.write(domain, address, value);
    }
    for (let copy = 0; copy < policies.copies; copy++) {
      const words = new Int32Array(damagedPolicy(copy).buffer);
      const at = policies.at + copy * policies.stride;
      for (const [index, word] of words.entries())
        builder.guests.write(KEEPER, at + index * 4, word);
    }
    const failure = builder.run(preparation) ?? builder.run(crowding);
    if (failure !== undefined) throw new Error(`the world cannot be prepared: ${failure.says}`);
    machine.words[variable.logEnd >> 2] = place.log;
    machine.forget();
    this.#ticks = machine.longs[variable.ticks >> 3]!;
    this.#timer = machine.longs[variable.timer >> 3]!;
  }

  /** Runs a program; the state stays for a look until `reset`. */
  run(program: Program): Failure | undefined {
    return this.executor.run(program);
  }

  /** Back to the beginning. The coverage counters are the caller's to forget. */
  reset(): void {
    const { machine } = this;
    const end = machine.logEnd;
    machine.undo(place.log);
    this.executor.judge.restore(end);
    machine.longs[variable.ticks >> 3] = this.#ticks;
    machine.longs[variable.timer >> 3] = this.#timer;
  }
}

/** The world of a core. */
export function makeWorld(
  core: Uint8Array<ArrayBuffer>,
  makeJudge?: (machine: FuzzMachine) => Judge,
  comparisons = false,
): World {
  return new World(makeMachine(core, undefined, comparisons), makeJudge);
}
