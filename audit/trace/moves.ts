// Changes of state that rows of some tables make while core and specification run side by side, and
// under which clause: what the pictures of state machines are drawn from.

import { place } from "../../fuzz/instrument/places.ts";
import type { FastTransaction } from "../../fuzz/oracle/transaction.ts";
import { columnNamed } from "../../fuzz/world/columns.ts";
import type { FuzzMachine } from "../../fuzz/world/machine.ts";
import * as abi from "../../spec/abi.ts";
import * as states from "../../spec/states.ts";

export interface Move {
  /** As in "port: closed > unbound". */
  readonly name: string;
  /** Ids, sorted. */
  readonly clauses: readonly string[];
}

/** Names of a table's states, from the constants that begin so. */
function namesOf(constants: object, prefix: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const [name, value] of Object.entries(constants)) {
    if (!name.startsWith(prefix) || typeof value !== "number") continue;
    found.set(value, name.slice(prefix.length).toLowerCase());
  }
  return found;
}

/** A count, or a number plus one, that is 0 or not. */
const either = (none: string, some: string) => ({
  name: (value: number): string => (value === 0 ? none : some),
});
const named = (names: ReadonlyMap<number, string>) => ({
  name: (value: number): string => names.get(value) ?? String(value),
});
const ports = namesOf(abi, "EVTCHNSTAT_").set(abi.PORT_console, "console");

const machines = [
  { table: "port", column: columnNamed("portState"), ...named(ports) },
  { table: "domain", column: columnNamed("domainState"), ...named(namesOf(states, "DOMAIN_")) },
  { table: "vcpu", column: columnNamed("vcpuState"), ...named(namesOf(states, "VCPU_")) },
  { table: "handle", column: columnNamed("handleDomain"), ...either("free", "mapped") },
  { table: "grant", column: columnNamed("grantReaders"), ...either("not pinned", "pinned") },
] as const;

type Machine = (typeof machines)[number];

function machineAt(address: number): Machine | undefined {
  return machines.find(({ column: { base, stride, rows } }) => {
    const offset = address - base;
    return offset >= 0 && offset < stride * rows && offset % stride === 0;
  });
}

/** The narrowest state column takes a byte; states are small numbers. */
const valueAt = (word: number): number => word & 0xff;

export class Moves {
  readonly #found = new Map<string, Set<string>>();

  /** Takes in a step whose stores are in the undo log from `from` on. */
  add(machine: FuzzMachine, from: number, { written, writtenUnder }: FastTransaction): void {
    const seen = new Set<number>();
    for (let entry = from; entry < machine.logEnd; entry += 16) {
      const address = machine.words[entry >> 2]!;
      if (address >= place.ram || seen.has(address)) continue;
      seen.add(address);
      const one = machineAt(address);
      if (one === undefined) continue;
      const before = one.name(valueAt(machine.words[(entry + 8) >> 2]!));
      const after = one.name(valueAt(machine.bytes[address]!));
      if (before === after) continue;
      this.#note(`${one.table}: ${before} > ${after}`, writtenUnder[written.lastIndexOf(address)]);
    }
  }

  #note(name: string, clause: string | undefined): void {
    const clauses = this.#found.get(name) ?? new Set<string>();
    this.#found.set(name, clauses);
    if (clause !== undefined && clause !== "") clauses.add(clause);
  }

  /** All changes, sorted. */
  all(): Move[] {
    return [...this.#found]
      .map(([name, clauses]) => ({ name, clauses: [...clauses].sort() }))
      .sort((one, two) => (one.name < two.name ? -1 : 1));
  }
}
