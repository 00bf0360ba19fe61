// Which lines of the core carry out which clause, found by running both side by side: programs of
// the fuzzer's grammar, and after each step the clauses that the specification came to and the
// blocks of the core that ran. A block that runs in those steps in which a clause is reached, and
// hardly in others, is tied to it (Ochiai's coefficient). The seeds are fixed: the same core, the
// same ties.

import { LOG_ENTRY_BYTES, place, variable } from "../../fuzz/instrument/places.ts";
import { FastTransaction } from "../../fuzz/oracle/transaction.ts";
import { Chance, generate } from "../../fuzz/program/generate.ts";
import { decode, type Program } from "../../fuzz/program/program.ts";
import type { Judge, Taken } from "../../fuzz/world/executor.ts";
import type { FuzzMachine } from "../../fuzz/world/machine.ts";
import { makeWorld } from "../../fuzz/world/world.ts";
import { type Places, placesOf } from "../../scripts/coverage/lines.ts";
import { handleExit } from "../../spec/exit.ts";
import { selectVcpu } from "../../spec/select.ts";
import { linearBytes } from "../../tcb/core/layout.ts";
import { type Move, Moves } from "./moves.ts";

/** Lines of a source that carry out a clause, and how surely. */
export interface Tie {
  readonly file: string;
  readonly line: number;
  /** 0 to 1: 1 if the line ran in exactly those steps in which the clause was reached. */
  readonly score: number;
}

/** Counts of steps. */
class Counts {
  readonly clause = new Map<string, number>();
  readonly block = new Map<number, number>();
  readonly both = new Map<string, Map<number, number>>();
  steps = 0;

  add(clauses: Iterable<string>, blocks: readonly number[]): void {
    this.steps++;
    for (const block of blocks) this.block.set(block, (this.block.get(block) ?? 0) + 1);
    for (const clause of clauses) {
      this.clause.set(clause, (this.clause.get(clause) ?? 0) + 1);
      let own = this.both.get(clause);
      if (own === undefined) {
        own = new Map();
        this.both.set(clause, own);
      }
      for (const block of blocks) own.set(block, (own.get(block) ?? 0) + 1);
    }
  }
}

/** The blocks that ran since the machine last forgot. */
function blocksRun({ words }: FuzzMachine): number[] {
  const end = words[variable.touchedEnd >> 2]! >> 2;
  return [...words.subarray(place.touched >> 2, end)];
}

/** Carries each step out by the text, and notes clauses, blocks and changes of state. */
class Observer implements Judge {
  readonly counts = new Counts();
  readonly moves = new Moves();
  readonly #machine: FuzzMachine;
  readonly #transaction: FastTransaction;

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
    this.#transaction = new FastTransaction(machine.bytes.slice(0, linearBytes + 64).buffer);
  }

  /** Takes the core's cells over where the undo log names them. */
  follow(from: number, end = this.#machine.logEnd): void {
    const { words } = this.#machine;
    for (let entry = from; entry < end; entry += LOG_ENTRY_BYTES) this.#take(words[entry >> 2]!);
  }

  restore(end: number): void {
    this.follow(place.log, end);
  }

  /** The machine holds another world: the specification begins where it begins. */
  renew(): void {
    const { words } = this.#transaction;
    words.set(this.#machine.words.subarray(0, words.length));
  }

  settle(): undefined {
    return undefined;
  }

  /** The eight bytes at an address, which may lie in three words. */
  #take(address: number): void {
    if (address >= linearBytes) return;
    for (let at = address >> 2; at <= (address + 7) >> 2; at++) {
      this.#transaction.words[at] = this.#machine.words[at]!;
    }
  }

  #carryOut({ door, vcpu }: Taken): void {
    const s = this.#transaction;
    try {
      if (door === "exit") handleExit(s, s.word32(vcpu));
      else selectVcpu(s, s.word32(0));
    } catch {
      // What no text describes reaches no clause; whether both agree is for the fuzzer to judge.
    }
  }

  judge(taken: Taken): undefined {
    const machine = this.#machine;
    const s = this.#transaction;
    s.clauses.clear();
    s.begin(machine.words, place.events, machine.words[variable.eventEnd >> 2]!);
    this.#carryOut(taken);
    this.counts.add(s.clauses.keys(), blocksRun(machine));
    this.moves.add(machine, taken.from, s);
    for (const address of s.written) this.#take(address);
    this.follow(taken.from);
    machine.forget();
  }
}

/** Weakest tie that counts, and how far below the best one another may lie. */
const SCORE_MIN = 0.25;
const SCORE_MARGIN = 0.9;
/** Places of one clause; more of them tell a reader nothing. */
const TIES_MAX = 8;

const COUNTED = /^tcb\/core\/(?!columns[.]ts$|access[.]ts$)/;

function tiesOf(counts: Counts, lines: ReadonlyMap<number, readonly string[]>, clause: string) {
  const reached = counts.clause.get(clause) ?? 0;
  const best = new Map<string, number>();
  for (const [block, both] of counts.both.get(clause) ?? []) {
    const score = both / Math.sqrt(reached * counts.block.get(block)!);
    for (const line of lines.get(block) ?? []) {
      if (score > (best.get(line) ?? 0)) best.set(line, score);
    }
  }
  const top = Math.max(0, ...best.values());
  const limit = Math.max(SCORE_MIN, top * SCORE_MARGIN);
  return [...best]
    .filter(([, score]) => score >= limit)
    .sort(([one, a], [two, b]) => b - a || (one < two ? -1 : 1))
    .slice(0, TIES_MAX)
    .map(([at, score]): Tie => {
      const [file, line] = at.split(":") as [string, string];
      return { file, line: Number(line), score: Math.round(score * 100) / 100 };
    });
}

/** Source lines of each block. */
function linesOf(machine: FuzzMachine, places: Places): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const site of machine.copy.sites) {
    if (site.kind !== "block") continue;
    const own = site.offsets.map((offset) => places.get(offset));
    const named = own.filter((one) => one !== undefined && COUNTED.test(one.source));
    found.set(site.counter, [...new Set(named.map((one) => `${one!.source}:${one!.line}`))]);
  }
  return found;
}

export interface Executed {
  readonly ties: ReadonlyMap<string, readonly Tie[]>;
  /** Steps of the core in which each clause was reached. */
  readonly reached: ReadonlyMap<string, number>;
  readonly steps: number;
  readonly moves: readonly Move[];
}

/**
 * Runs so many programs, and those given besides, on a core.
 * @param map the core's source map
 */
export function coExecute(
  core: Uint8Array<ArrayBuffer>,
  map: string,
  programs: number,
  others: readonly Program[] = [],
): Executed {
  let observer: Observer | undefined;
  const world = makeWorld(core, (machine) => {
    observer = new Observer(machine);
    return observer;
  });
  const run = (program: Program): void => {
    world.run(program);
    world.reset();
    world.machine.forget();
  };
  for (const program of others) run(program);
  for (let seed = 1; seed <= programs; seed++) run(decode(generate(new Chance(seed))));
  const { counts } = observer!;
  const lines = linesOf(world.machine, placesOf(map));
  const clauses = [...counts.clause.keys()].sort();
  return {
    ties: new Map(clauses.map((id) => [id, tiesOf(counts, lines, id)])),
    reached: counts.clause,
    steps: counts.steps,
    moves: observer!.moves.all(),
  };
}
