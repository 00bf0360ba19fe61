import { constant, isConstant, type Term } from "../term/index.ts";
import { type Cells, type Column, concreteCells, indexWidth, readCells } from "./column.ts";
import { bitsOf } from "./execute.ts";
import { Executor, type ExecutorOptions } from "./executor.ts";
import type { WasmModule } from "./module.ts";
import type { State } from "./state.ts";

/** The whole memory as one column of bytes: every access is exact, as in the machine. */
export function flatMemory(bytes: number): readonly Column[] {
  if (bytes === 0) return [];
  return [{ table: "memory", name: "memory", base: 0, stride: 1, width: 1, rows: bytes }];
}

export type Outcome =
  | {
      readonly kind: "returned";
      readonly result: bigint | undefined;
      /** Instructions executed; bulk operations count bytes / 8, models of imports their weight. */
      readonly steps: number;
    }
  | { readonly kind: "trapped"; readonly reason: string };

export interface ConcreteOptions extends Partial<ExecutorOptions> {
  /** Rounds of one loop before the run is given up; a million if not given. */
  readonly unroll?: number;
}

const DEFAULT_ROUNDS = 1_000_000;

/**
 * An instance of a module, interpreted by the symbolic executor on constants: the code path of the
 * proofs. After a trap the instance keeps the state from before the call.
 */
export class ConcreteInstance {
  readonly executor: Executor;
  #state: State;

  constructor(module: WasmModule, options: ConcreteOptions = {}) {
    this.executor = new Executor(module, {
      columns: flatMemory(module.memoryBytes),
      unroll: DEFAULT_ROUNDS,
      summarise: false,
      ...options,
    });
    this.#state = this.executor.initialState({ contents: "initial" });
  }

  /** Calls a function with unsigned values. */
  call(name: string, args: readonly bigint[]): Outcome {
    const types = this.executor.function(name).type.parameters;
    const terms = types.map((type, at) => constant(bitsOf(type), args[at] ?? 0n));
    const run = this.executor.run(name, terms, this.#state);
    const [trap] = run.obligations;
    if (trap !== undefined || run.final === undefined) {
      return { kind: "trapped", reason: `${trap?.kind}: ${trap?.detail}` };
    }
    this.#state = run.final;
    // Long histories of writes would be walked again and again.
    for (const [name, cells] of this.#state.cells) {
      if (cells.kind === "concrete") continue;
      this.#state.cells.set(name, concreteCells(cells.column, knownContents(cells)));
    }
    const { steps } = run;
    return { kind: "returned", result: run.result && known(run.result), steps };
  }

  /** The value of a row of a column. */
  read(column: string, row: number): bigint {
    const width = indexWidth(this.#state.column(column));
    return known(this.#state.read(column, constant(width, row)));
  }

  /** The rows of a column that are not 0. */
  contents(column: string): ReadonlyMap<bigint, bigint> {
    return knownContents(this.#state.contents(column));
  }

  /** The values of all globals, in order. */
  globals(): readonly bigint[] {
    return this.#state.globals.map(known);
  }

  /** Sets a row, to prepare a state. */
  write(column: string, row: number, value: bigint): void {
    const { rows, width, name } = this.#state.column(column);
    if (row < 0 || row >= rows) throw new Error(`column ${name} has no row ${row}`);
    const index = constant(indexWidth(this.#state.column(column)), row);
    this.#state.write(column, index, constant(8 * width, value));
  }
}

/** The rows of contents without unknowns that are not 0. */
export function knownContents(cells: Cells): ReadonlyMap<bigint, bigint> {
  const rows = new Set<bigint>();
  const values = new Map(addTouched(cells, rows));
  const width = indexWidth(cells.column);
  for (const row of rows) {
    const value = known(readCells(cells, constant(width, row)));
    if (value !== 0n) values.set(row, value);
    else values.delete(row);
  }
  return values;
}

/** Adds the rows that were written since the contents that are all known; gives those. */
function addTouched(cells: Cells, rows: Set<bigint>): ReadonlyMap<bigint, bigint> {
  let current = cells;
  for (;;) {
    switch (current.kind) {
      case "concrete":
        return current.values;
      case "write":
        rows.add(known(current.index));
        break;
      case "range": {
        const start = known(current.range.start);
        const count = known(current.range.count);
        for (let offset = 0n; offset < count; offset++) {
          rows.add(BigInt.asUintN(current.range.start.width, start + offset));
        }
        break;
      }
      default:
        throw new Error(`column ${current.column.name} has unknown contents`);
    }
    current = current.older;
  }
}

function known(term: Term): bigint {
  if (!isConstant(term)) throw new Error("a model of an import gave an unknown value");
  return term.value;
}
