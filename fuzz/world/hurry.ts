// Taking a domain apart is thousands of equal steps, at most of which there is nothing to do. The
// harness passes over those, as the core itself would.

import { columnNamed } from "./columns.ts";
import type { FuzzMachine } from "./machine.ts";

const DYING = 5;
const DOMAINS = 64;
const domainState = columnNamed("domainState").base;
const teardownStage = columnNamed("domainTeardownStage").base;
const teardownRow = columnNamed("domainTeardownRow").base;

type NextRow = (machine: FuzzMachine, domain: number, row: number) => number;

/** The next row from `row` on, but the last, at which `busy`. */
const nextBusy =
  (rows: number, busy: (machine: FuzzMachine, domain: number, row: number) => boolean): NextRow =>
  (machine, domain, row) => {
    let next = row;
    while (next < rows - 1 && !busy(machine, domain, next)) next++;
    return next;
  };
const portUsed = columnNamed("portUsedWord").base;
const handleDomain = columnNamed("handleDomain").base;
const tableOwner = columnNamed("tableOwnerDirectory").base;
const directory = columnNamed("directoryEntry").base;
const leafEntry = columnNamed("leafEntry").base;
const superOwner = columnNamed("superOwner").base;

/** By stage of a teardown (tcb/core/teardown.ts). */
const emptyRows: readonly (NextRow | undefined)[] = [
  nextBusy(64, ({ words }, domain, row) => {
    const at = (portUsed + (domain * 64 + row) * 8) >> 2;
    return (words[at]! & (row === 0 ? -2 : -1)) !== 0 || words[at + 1] !== 0;
  }),
  nextBusy(1024, ({ bytes }, domain, row) => bytes[handleDomain + domain * 1024 + row] !== 0),
  undefined,
  // A table's last entry is where the table goes; of the others, those that map something.
  nextBusy(64 << 9, ({ halves, words }, domain, row) => {
    if (halves[(tableOwner + (domain * 64 + (row >> 9)) * 2) >> 1] === 0) return false;
    return (row & 511) === 511 || words[(leafEntry + ((domain << 15) | row) * 8) >> 2] !== 0;
  }),
  nextBusy(8192, ({ words }, domain, row) => {
    return words[(directory + (domain * 8192 + row) * 8) >> 2] !== 0;
  }),
  nextBusy(8192, ({ bytes }, domain, row) => bytes[superOwner + row] === domain + 1),
];

/** Moves a dying domain on to the next row at which there is something to do. */
export function hurry(machine: FuzzMachine, domain: number): void {
  if (domain >>> 0 >= DOMAINS || machine.bytes[domainState + domain] !== DYING) return;
  const find = emptyRows[machine.bytes[teardownStage + domain]!];
  if (find === undefined) return;
  const at = teardownRow + domain * 4;
  machine.poke(at, find(machine, domain, machine.words[at >> 2]!));
}
