// Oracle 1: specification and core agree. The specification keeps tables of its own; after each
// step only what either side wrote is compared, so that by induction the whole tables agree.

import { handleExit } from "../../spec/exit.ts";
import { hypercalls } from "../../spec/hypercall.ts";
import { SpecificationError } from "../../spec/lang/word.ts";
import { selectVcpu } from "../../spec/select.ts";
import { type TableName, tables, textColumns } from "../../spec/tables.ts";
import { columns, linearBytes } from "../../tcb/core/layout.ts";
import { place, variable } from "../instrument/places.ts";
import { type Cell, cellAt, cellText, columnAt, GRANULE_SHIFT } from "../world/columns.ts";
import type { Taken, Violation } from "../world/executor.ts";
import { vmcb } from "../world/guest.ts";
import type { FuzzMachine } from "../world/machine.ts";
import { Disagreement, FastTransaction } from "./transaction.ts";
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

export class Agreement {
  readonly transaction: FastTransaction;
  /** Steps that the specification does not describe: the core's tables were taken over. */
  unspecified = 0;
  compared = 0;
  readonly #machine: FuzzMachine;

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
    this.transaction = new FastTransaction(machine.bytes.slice(0, linearBytes + 64).buffer);
  }

  /** Takes over the core's tables where the undo log names them, from `from` to `end`. */
  follow(from: number, end = this.#machine.logEnd): void {
    const { words } = this.#machine;
    for (let entry = from; entry < end; entry += 16) this.#take(words[entry >> 2]!);
  }

  /** Forgets what the specification wrote that the core did not. */
  restore(end: number): void {
    for (const at of this.transaction.written) this.#take(at);
    this.follow(place.log, end);
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
    const { transaction } = this;
    const { words } = this.#machine;
    if (taken.ended.how !== "done") return undefined;
    transaction.begin(words, place.events, words[variable.eventEnd >> 2]!);
    if (!this.#isSpecified(taken)) {
      this.unspecified++;
      this.follow(taken.from);
      return undefined;
    }
    this.compared++;
    try {
      this.#carryOut(taken);
      transaction.finish();
    } catch (error) {
      return this.#explain(error, taken);
    }
    return this.#compare(taken.from);
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

  #explain(error: unknown, taken: Taken): Violation | undefined {
    const { transaction } = this;
    if (error instanceof SpecificationError && error.message.endsWith("is not specified")) {
      this.unspecified++;
      for (const at of transaction.written) this.#take(at);
      this.follow(taken.from);
      return undefined;
    }
    const says = error instanceof Error ? error.message : String(error);
    const isOurs = error instanceof SpecificationError || error instanceof Disagreement;
    const about = transaction.ownClauseId;
    return { oracle: "specification", about, says: isOurs ? says : `the text failed: ${says}` };
  }

  /** Compares what either side wrote since `from`. */
  #compare(from: number): Violation | undefined {
    const machine = this.#machine;
    const { words } = machine;
    const end = machine.logEnd;
    for (let entry = from; entry < end; entry += 16) {
      const address = words[entry >> 2]!;
      if (address >= linearBytes) continue;
      const how = treatment[columnAt[address >> GRANULE_SHIFT]!];
      if (how === TAKEN_OVER) this.#take(address);
      else if (how === COMPARED && this.#differs(address)) return this.#difference(address);
    }
    for (const address of this.transaction.written) {
      const how = treatment[columnAt[address >> GRANULE_SHIFT]!];
      if (how === COMPARED && this.#differs(address)) return this.#difference(address);
    }
    return undefined;
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
