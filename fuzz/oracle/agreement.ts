// Oracle 1: specification and core agree. The specification keeps tables of its own; after each
// step only what either side wrote is compared, so that by induction the whole tables agree. Steps
// are the compiled specification's; where it differs from the core, its text is asked why.

import { handleExit } from "../../spec/exit.ts";
import { hypercalls } from "../../spec/hypercall.ts";
import { SpecificationError } from "../../spec/lang/word.ts";
import { selectVcpu } from "../../spec/select.ts";
import { type TableName, tables, textColumns } from "../../spec/tables.ts";
import { columns, linearBytes } from "../../tcb/core/layout.ts";
import { type CompiledSteps, makeSteps, specificationCode } from "../compiler/index.ts";
import { place, variable } from "../instrument/places.ts";
import { type Cell, cellAt, cellText, columnAt, GRANULE_SHIFT } from "../world/columns.ts";
import type { Taken, Violation } from "../world/executor.ts";
import { vmcb } from "../world/guest.ts";
import type { FuzzMachine } from "../world/machine.ts";
import { compiledCopy } from "./copies.ts";
import { Disagreement, FastTransaction, Halted } from "./transaction.ts";
import type { FastWord } from "./word.ts";

/** What is done with a column, by its index in layout.ts plus one. */
const OUTSIDE = 0;
const COMPARED = 1;
const TAKEN_OVER = 2;

const treatment = Uint8Array.from([
  OUTSIDE,
  ...columns.map(({ table, name }) => {
    const { role } = tables[table as TableName];
    return role === "state" || role === "text" || textColumns.includes(name)
      ? COMPARED
      : TAKEN_OVER;
  }),
]);
const VMMCALL = 0x81;
const MULTICALL = 13;
/** Numbers of hypercalls that the core has. */
const known = new Set([12, 13, 15, 17, 18, 20, 24, 29, 32, 33, 34, 60]);
const specified = new Set([MULTICALL, ...hypercalls.map(({ value }) => value)]);

/** Is there a text for a hypercall of that number? */
const hasText = (number: number): boolean => specified.has(number) || !known.has(number);

/** Most cells that a step of the specification may write. */
const WRITTEN_MAX = 1 << 20;
/** What compiled code throws. */
const BAD = new Error("the text demands what is not so");
const DISAGREES = new Error("the core did something else");
const HALTED = new Error("the machine stops");

export class Agreement {
  readonly transaction: FastTransaction;
  /** Steps that compiled code and text judged differently: 0, or the compiler is wrong. */
  doubts = 0;
  readonly #steps: CompiledSteps;
  readonly #written = new Int32Array(WRITTEN_MAX);
  readonly #clauses: Uint8Array;
  /** Steps that the specification does not describe: the core's tables were taken over. */
  unspecified = 0;
  compared = 0;
  readonly #machine: FuzzMachine;

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
    const tables = machine.bytes.slice(0, linearBytes + 64);
    this.transaction = new FastTransaction(tables.buffer);
    this.#clauses = new Uint8Array(specificationCode().clauses.length);
    this.#steps = makeSteps({
      U8: tables,
      U16: new Uint16Array(tables.buffer),
      I32: this.transaction.words,
      W: this.#written,
      EVENTS: machine.words,
      CLAUSES: this.#clauses,
      READS: new Int32Array(0),
      BAD,
      DISAGREES,
      HALTED,
      COPY: compiledCopy(tables, machine.bytes, this.#written, BAD),
    });
  }

  /** Clauses that steps came to, with what they say. */
  get clauses(): [id: string, says: string][] {
    const known = specificationCode().clauses.filter((_, index) => this.#clauses[index] !== 0);
    const all = new Map(known.map(([id, says]) => [id, says]));
    for (const [id, says] of this.transaction.clauses) all.set(id, says);
    return [...all];
  }

  /** Takes over the core's tables where the undo log names them, from `from` to `end`. */
  follow(from: number, end = this.#machine.logEnd): void {
    const { words } = this.#machine;
    for (let entry = from; entry < end; entry += 16) this.#take(words[entry >> 2]!);
  }

  /** Takes all of the core's tables over. */
  renew(): void {
    this.transaction.bytes.set(this.#machine.bytes.subarray(0, linearBytes));
  }

  /** Forgets what the specification wrote that the core did not. */
  restore(end: number): void {
    for (const at of this.transaction.written) this.#take(at);
    this.#takeWritten();
    this.follow(place.log, end);
  }

  /** Takes over the core's cells where compiled code wrote. */
  #takeWritten(): void {
    const count = Math.min(this.#steps.written(), WRITTEN_MAX);
    for (let index = 0; index < count; index++) this.#take(this.#written[index]!);
  }

  #take(address: number): void {
    if (address >= linearBytes) return;
    const mine = this.transaction.words;
    const { words } = this.#machine;
    const at = address >> 2;
    mine[at] = words[at]!;
    mine[at + 1] = words[at + 1]!;
    if ((address & 3) !== 0) mine[at + 2] = words[at + 2]!;
  }

  /** Has the step that was just taken a text? */
  #isSpecified({ door, vcpu }: Taken): boolean {
    if (door === "select") return true;
    const { words } = this.#machine;
    if (words[(vmcb.exitCode + vcpu * 4096) >> 2] !== VMMCALL) return true;
    // The specification's tables still hold the call's number.
    const number = this.transaction.words[(vmcb.rax + vcpu * 4096) >> 2]! >>> 0;
    if (number !== MULTICALL) return hasText(number);
    const read = words[(place.events + 32) >> 2]!;
    const any = words[variable.eventEnd >> 2]! > place.events;
    return !any || hasText(read);
  }

  judge(taken: Taken): Violation | undefined {
    if (taken.ended.how !== "done" && taken.ended.how !== "halt") return undefined;
    if (!this.#isSpecified(taken)) {
      this.unspecified++;
      this.follow(taken.from);
      return undefined;
    }
    this.compared++;
    if (this.#agrees(taken)) return undefined;
    this.#back(taken.from);
    const violation = this.#judgeByText(taken);
    if (violation === undefined) this.doubts++;
    return violation;
  }

  /** Carries out the compiled step and compares. */
  #agrees({ door, vcpu, chosen, from, ended }: Taken): boolean {
    const end = this.#machine.words[variable.eventEnd >> 2]! >> 2;
    try {
      let next = chosen;
      if (door === "exit") this.#steps.exit(vcpu, place.events >> 2, end);
      else next = this.#steps.select(place.events >> 2, end);
      if (ended.how === "halt" || next !== chosen) return false;
    } catch (error) {
      if (error === BAD || error === DISAGREES) return false;
      if (error !== HALTED) throw error;
      if (ended.how !== "halt" || !this.#steps.finished()) return false;
    }
    return this.#findDifference(from, this.#written, this.#steps.written()) < 0;
  }

  /** Brings the specification's tables back to what they were before the step. */
  #back(from: number): void {
    this.#takeWritten();
    const machine = this.#machine;
    const { bytes } = this.transaction;
    for (let entry = machine.logEnd - 16; entry >= from; entry -= 16) {
      const address = machine.words[entry >> 2]!;
      if (address >= linearBytes) continue;
      for (let byte = 0; byte < 8; byte++) bytes[address + byte] = machine.bytes[entry + 8 + byte]!;
    }
  }

  #judgeByText(taken: Taken): Violation | undefined {
    const { transaction } = this;
    const { words } = this.#machine;
    transaction.begin(words, place.events, words[variable.eventEnd >> 2]!);
    try {
      this.#carryOut(taken);
      transaction.finish();
      if (taken.ended.how === "halt") throw new Disagreement(taken.ended.why);
    } catch (error) {
      if (!(error instanceof Halted)) return this.#explain(error);
    }
    const { written } = transaction;
    const at = this.#findDifference(taken.from, written, written.length);
    return at < 0 ? undefined : this.#difference(at);
  }

  /** The step as the text has it. Throws Disagreement when another vCPU is chosen. */
  #carryOut({ door, vcpu, chosen }: Taken): void {
    const { transaction } = this;
    if (door === "exit") handleExit(transaction, transaction.word32(vcpu));
    else {
      const next = selectVcpu(transaction, transaction.word32(0)) as FastWord;
      if (next.low32 >>> 0 === chosen) return;
      throw new Disagreement(`the core chose vCPU row ${chosen}, the specification ${next.show()}`);
    }
  }

  #explain(error: unknown): Violation {
    const { transaction } = this;
    const says = error instanceof Error ? error.message : String(error);
    const isOurs = error instanceof SpecificationError || error instanceof Disagreement;
    const about = transaction.ownClauseId;
    return { oracle: "specification", about, says: isOurs ? says : `the text failed: ${says}` };
  }

  /** Compares what the core wrote since `from`, and the specification's first `count` cells of
   *  `written`; gives an address that differs, or -1. */
  #findDifference(from: number, written: ArrayLike<number>, count: number): number {
    const machine = this.#machine;
    const { words } = machine;
    const end = machine.logEnd;
    for (let entry = from; entry < end; entry += 16) {
      const address = words[entry >> 2]!;
      if (address >= linearBytes) continue;
      const how = treatment[columnAt[address >> GRANULE_SHIFT]!];
      if (how === TAKEN_OVER) this.#take(address);
      else if (how === COMPARED && this.#differs(address)) return address;
    }
    for (let index = 0; index < count; index++) {
      const address = written[index]!;
      const how = treatment[columnAt[address >> GRANULE_SHIFT]!];
      if (how === COMPARED && this.#differs(address)) return address;
    }
    return -1;
  }

  #differs(address: number): boolean {
    const mine = this.transaction.words;
    const { words } = this.#machine;
    const at = address >> 2;
    return (
      mine[at] !== words[at] ||
      mine[at + 1] !== words[at + 1] ||
      ((address & 3) !== 0 && mine[at + 2] !== words[at + 2])
    );
  }

  #difference(address: number): Violation | undefined {
    const { bytes } = this.transaction;
    const core = this.#machine.bytes;
    for (let at = address & ~3; at < address + 12; at++) {
      if (bytes[at] === core[at]) continue;
      const cell = cellAt(at);
      if (cell === undefined) continue;
      const [one, two] = [cellText(core, cell), cellText(bytes, cell)];
      const about = this.#clauseOf(cell);
      const says = `${cell.name}[${cell.row}]: the core has ${one}, the specification ${two}`;
      return { oracle: "specification", about, says };
    }
    return undefined;
  }

  /** The clause that says what a cell becomes; of one that no clause names, the last one. */
  #clauseOf({ at }: Cell): string {
    const { written, writtenUnder, ownClauseId } = this.transaction;
    const index = written.lastIndexOf(at);
    return index < 0 ? ownClauseId : writtenUnder[index]!;
  }
}
