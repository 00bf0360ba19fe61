// What the core fills before the first command of a boot pack: the specification says it once for
// each CPU, and the tables after the first step of a boot are compared with that.

import { buildCpuid } from "../../spec/cpuid.ts";
import { ConcreteState, ConcreteTransaction } from "../../spec/lang/concrete.ts";
import { buildMaps } from "../../spec/msr.ts";
import { type Column, columns } from "../../tcb/core/layout.ts";
import type { CpuidSource } from "../../tcb/machine/sim/cpuid.ts";

const FILLED: ReadonlySet<string> = new Set(["cpuidRow", "iopm", "msrpm"]);
const filled = columns.filter(({ table }) => FILLED.has(table));

interface Expected {
  readonly state: ConcreteState;
  readonly clauses: readonly (readonly [id: string, says: string])[];
}

function expectedOf(cpuid: CpuidSource): Expected {
  const state = new ConcreteState();
  const s = new ConcreteTransaction(state, {
    linearBase: 0n,
    perform: (_, [leaf, subleaf, register]) =>
      BigInt(cpuid(Number(leaf), Number(subleaf))[Number(register)]! >>> 0),
  });
  buildCpuid(s);
  buildMaps(s);
  return { state, clauses: s.clauses.map(({ id, says }) => [id, says] as const) };
}

/** Are the column's rows, and what lies between them, the same? */
function sameBytes(one: Uint8Array, other: Uint8Array, { base, rows, stride }: Column): boolean {
  const end = base + rows * stride;
  return Buffer.compare(one.subarray(base, end), other.subarray(base, end)) === 0;
}

/** Compares beginnings; keeps what is expected of each CPU. */
export class Beginning {
  readonly #expected = new Map<CpuidSource, Expected>();
  readonly #clauses = new Map<string, string>();

  /** Clauses that were compared. */
  get clauses(): [id: string, says: string][] {
    return [...this.#clauses];
  }

  /** The first cell that is not as the specification says, in words; undefined: all are. */
  difference(tables: Uint8Array, cpuid: CpuidSource): string | undefined {
    const expected = this.#expected.get(cpuid) ?? expectedOf(cpuid);
    this.#expected.set(cpuid, expected);
    for (const [id, says] of expected.clauses) this.#clauses.set(id, says);
    const { state } = expected;
    const core = new ConcreteState(tables);
    for (const column of filled) {
      if (sameBytes(tables, state.bytes, column)) continue;
      for (let row = 0; row < column.rows; row++) {
        const [mine, theirs] = [state.get(column, row), core.get(column, row)];
        if (mine === theirs) continue;
        return `${column.name}[${row}]: the core has ${theirs}, the specification ${mine}`;
      }
    }
    return undefined;
  }
}
