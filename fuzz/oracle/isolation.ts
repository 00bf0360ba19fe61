// Oracle 3: nobody has a right to the watched domain, so nothing that it can see changes while
// others act: its rows, its vCPUs' rows and registers, its memory.

import { type TableName, tables } from "../../spec/tables.ts";
import { columns, linearBytes } from "../../tcb/core/layout.ts";
import { place, RAM_BASE, variable } from "../instrument/places.ts";
import { cellAt, columnNamed } from "../world/columns.ts";
import type { Taken, Violation } from "../world/executor.ts";
import type { FuzzMachine } from "../world/machine.ts";
import { OBSERVER } from "../world/pack.ts";

const DOMAINS = 64;
const VCPUS = 256;
const SUPERFRAME_BYTES = 2 << 20;
/** What a scheduler changes of a vCPU that others keep from running. */
const timeOnly = new Set(["vcpuTime", "denial", "slot"]);
const timeColumns = new Set(["vcpuRunstate", "vcpuRunstateSince"]);

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Bytes of the rows that belong to a domain, or to its vCPUs. */
function rangesOf(domain: number, vcpus: readonly number[]): Range[] {
  return columns.flatMap(({ table, name, base, stride, rows, width }): Range[] => {
    if (timeOnly.has(table) || timeColumns.has(name)) return [];
    const [count] = tables[table as TableName].keys;
    const each = rows / count!;
    const owned = count === DOMAINS ? [domain] : count === VCPUS ? vcpus : [];
    return owned.map((key) => {
      const from = base + key * each * stride;
      return { from, to: from + (each - 1) * stride + width };
    });
  });
}

const vcpuDomain = columnNamed("vcpuDomain").base;
const vcpuState = columnNamed("vcpuState").base;
const superOwner = columnNamed("superOwner").base;

export class Isolation {
  readonly #machine: FuzzMachine;
  /** By byte of linear memory in granules of 8: is it the watched domain's? */
  readonly #watched: Uint8Array;
  readonly #vcpus: readonly number[];

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
    const { bytes } = machine;
    this.#vcpus = Array.from({ length: VCPUS }, (_, row) => row).filter(
      (row) => bytes[vcpuState + row] !== 0 && bytes[vcpuDomain + row] === OBSERVER,
    );
    this.#watched = new Uint8Array(linearBytes);
    for (const { from, to } of rangesOf(OBSERVER, this.#vcpus)) this.#watched.fill(1, from, to);
  }

  judge({ door, vcpu, from }: Taken): Violation | undefined {
    if (door === "select" || this.#vcpus.includes(vcpu)) return undefined;
    const { words, logEnd } = this.#machine;
    for (let entry = from; entry < logEnd; entry += 16) {
      const address = words[entry >> 2]!;
      if (address === words[variable.raceAddress >> 2]) continue;
      if (address >= linearBytes ? this.#isMemory(address) : this.#watched[address] === 1) {
        const violation = this.#changed(entry, address);
        if (violation !== undefined) return violation;
      }
    }
    return undefined;
  }

  /** Is this a byte of the watched domain's machine memory? */
  #isMemory(address: number): boolean {
    const superframe = Math.floor((address - place.ram + RAM_BASE) / SUPERFRAME_BYTES);
    return this.#machine.bytes[superOwner + superframe] === OBSERVER + 1;
  }

  /** A store of what was there already shows nothing. */
  #changed(entry: number, address: number): Violation | undefined {
    const { bytes, words } = this.#machine;
    const old = new Uint8Array(
      Int32Array.of(words[(entry + 8) >> 2]!, words[(entry + 12) >> 2]!).buffer,
    );
    const differs = old.findIndex((byte, index) => bytes[address + index] !== byte);
    if (differs < 0) return undefined;
    const inTables = address < linearBytes;
    if (inTables && this.#watched[address + differs] !== 1) return undefined;
    const cell = inTables ? cellAt(address + differs) : undefined;
    const what = cell === undefined ? "memory" : `${cell.name}[${cell.row}]`;
    const says = `${what} of domain ${OBSERVER} changed, to which nobody has a right`;
    return { oracle: "isolation", about: cell?.name ?? "memory", says };
  }
}
