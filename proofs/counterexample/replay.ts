// A witness, run twice: by the host's own WebAssembly engine on the very bytes, and by the
// specification with numbers. What differs is what the counterexample is about.

import { ConcreteState, ConcreteTransaction, numberOf, truth } from "../../spec/lang/concrete.ts";
import { type PrimitiveName, primitives, resultBits } from "../../spec/lang/machine.ts";
import type { Clause, Transaction } from "../../spec/lang/transaction.ts";
import type { Word } from "../../spec/lang/word.ts";
import { type TableName, tables, textColumns } from "../../spec/tables.ts";
import { columns } from "../../tcb/core/layout.ts";
import type { Case } from "../obligations/case.ts";
import { engine } from "../wasm/engine.ts";
import { type DataSegment, decodeModule } from "../wasm/index.ts";
import { withExport } from "./export.ts";
import { type Cell, cellName, NotingTransaction } from "./noting.ts";
import type { Witness } from "./witness.ts";

export interface Difference {
  /** "result", "event 3", "portState[3, 17]", "trap", "memory outside of the tables". */
  readonly what: string;
  readonly core: string;
  readonly specification: string;
}

export interface Replay {
  readonly differences: readonly Difference[];
  /** The clauses that the specification came to, in order. */
  readonly clauses: readonly Clause[];
  /** What the specification looked at, by names as portState[3, 17]. */
  readonly looked: ReadonlyMap<string, Cell>;
}

interface Event {
  readonly name: string;
  readonly parameters: readonly bigint[];
}

interface Side {
  readonly result: bigint | undefined;
  readonly isWide?: boolean;
  readonly events: readonly Event[];
  readonly memory: Uint8Array;
  readonly trap?: string;
}

/** What lies between the tables: a value that comes from there shows. */
const RED_ZONE = 0xa5;
const DOOR = "replayed";
const LIMIT_EVENTS = 100_000;

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const shownEvent = (event: Event | undefined): string =>
  event === undefined ? "nothing" : `${event.name}(${event.parameters.map(hex).join(", ")})`;

/** Answers events by their number, and notes them. */
class Oracle {
  readonly events: Event[] = [];
  readonly #answers: ReadonlyMap<number, bigint>;
  readonly linearBase: bigint;

  constructor({ answers, linearBase }: Witness) {
    this.#answers = new Map(answers);
    this.linearBase = linearBase;
  }

  perform(name: PrimitiveName, parameters: readonly bigint[]): bigint {
    const number = this.events.length;
    if (number >= LIMIT_EVENTS) throw new Error("too many events");
    const widths = primitives[name].parameters;
    this.events.push({
      name,
      parameters: parameters.map((one, at) => BigInt.asUintN(widths[at]!, one)),
    });
    return BigInt.asUintN(resultBits[name] ?? 64, this.#answers.get(number) ?? 0n);
  }
}

function imports(oracle: Oracle): Record<string, unknown> {
  const names = Object.keys(primitives) as PrimitiveName[];
  const made = names.map((name) => {
    const { result } = primitives[name] as { result?: 32 | 64 };
    const call = (...given: (number | bigint)[]) => {
      const value = oracle.perform(name, given.map(BigInt));
      if (result === undefined) return undefined;
      return result === 64 ? BigInt.asIntN(64, value) : Number(BigInt.asIntN(32, value));
    };
    return [name, call] as const;
  });
  const silent = () => undefined;
  const base = () => BigInt.asIntN(64, oracle.linearBase);
  const others = { linearBase: base, write: silent, copyIn: silent, copyOut: silent };
  return { ...Object.fromEntries(made), ...others };
}

/** Memory in which only tables and the module's own data are not red. */
function paint(memory: Uint8Array, data: readonly DataSegment[]): void {
  const kept = data.map(({ address, bytes }) => memory.slice(address, address + bytes.length));
  memory.fill(RED_ZONE);
  for (const [at, { address }] of data.entries()) memory.set(kept[at]!, address);
  for (const column of columns) {
    const { base, stride, width, rows } = column;
    if (stride === width) memory.fill(0, base, base + rows * width);
    else
      for (let row = 0; row < rows; row++)
        memory.fill(0, base + row * stride, base + row * stride + width);
  }
}

function plant(state: ConcreteState, witness: Witness): void {
  for (const [name, row, value] of witness.rows) {
    state.set(columns.find((column) => column.name === name)!, row, value);
  }
}

function runCore(bytes: Uint8Array, witness: Witness): { side: Side; before: Uint8Array } {
  const oracle = new Oracle(witness);
  const door = withExport(bytes, witness.function, DOOR);
  const module = new engine.Module(door);
  const { exports } = new engine.Instance(module, { machine: imports(oracle) });
  const { buffer } = exports.memory as { readonly buffer: ArrayBuffer };
  const memory = new Uint8Array(buffer);
  const decoded = decodeModule(bytes);
  paint(memory, decoded.data);
  plant(new ConcreteState(memory), witness);
  const before = memory.slice();
  const { type } = decodedFunction(door);
  const args = type.map((one, at) => {
    const value = witness.args[at]!;
    return one === "i64" ? BigInt.asIntN(64, value) : Number(BigInt.asIntN(32, value));
  });
  try {
    const result = (exports[DOOR] as (...all: unknown[]) => bigint | number | undefined)(...args);
    const isWide = typeof result === "bigint";
    const side = { result: result === undefined ? undefined : BigInt(result), isWide };
    return { side: { ...side, events: oracle.events, memory }, before };
  } catch (error) {
    const trap = error instanceof Error ? error.message : String(error);
    return { side: { result: undefined, events: oracle.events, memory, trap }, before };
  }
}

function decodedFunction(door: Uint8Array): { readonly type: readonly ("i32" | "i64")[] } {
  const { exports, functions, imports: imported } = decodeModule(door);
  const { index } = exports.find(({ name }) => name === DOOR)!;
  return { type: functions[index - imported.length]!.type.parameters };
}

/** Runs a witness on both sides. */
export function replay(bytes: Uint8Array, one: Case, witness: Witness): Replay {
  const { side: core, before } = runCore(bytes, witness);
  const oracle = new Oracle(witness);
  const state = new ConcreteState(before);
  const s = new NotingTransaction(state, oracle);
  const words = one.args.map((term, at) => s.word(term.width > 32 ? 64 : 32, witness.args[at]!));
  const steps = one.steps as (s: Transaction, args: readonly Word[]) => Word | undefined;
  const result = steps(s, words);
  const spec = {
    result: result === undefined ? undefined : numberOf(result),
    events: oracle.events,
    memory: before,
  };
  const found = core.trap === undefined ? compare(core, spec) : [trapped(core.trap)];
  const broken = core.trap === undefined ? brokenInvariants(one, witness, core.memory) : [];
  return { differences: [...found, ...broken], clauses: s.clauses, looked: s.cells };
}

const trapped = (reason: string): Difference => ({
  what: "trap",
  core: reason,
  specification: "no trap",
});

function compare(core: Side, spec: Side): Difference[] {
  const found: Difference[] = [];
  const [mine, theirs] = [core.result, spec.result].map((one) =>
    one === undefined ? undefined : BigInt.asUintN(64, one),
  );
  const low = (value: bigint | undefined) => value !== undefined && BigInt.asUintN(32, value);
  if (mine !== theirs && low(mine) !== low(theirs)) {
    const shown = (one: bigint | undefined) =>
      `${one === undefined ? "none" : BigInt.asIntN(64, one)}`;
    found.push({ what: "result", core: shown(mine), specification: shown(theirs) });
  }
  const length = Math.max(core.events.length, spec.events.length);
  for (let at = 0; at < length; at++) {
    const [one, two] = [shownEvent(core.events[at]), shownEvent(spec.events[at])];
    if (one !== two) found.push({ what: `event ${at}`, core: one, specification: two });
  }
  return [...found, ...tableDifferences(core.memory, spec.memory)];
}

const LIMIT_CHUNK_BYTES = 4096;

/** Places at which two memories differ. */
function* differing(one: Uint8Array, two: Uint8Array): Generator<number> {
  for (let from = 0; from < one.length; from += LIMIT_CHUNK_BYTES) {
    const to = Math.min(from + LIMIT_CHUNK_BYTES, one.length);
    const left = Buffer.from(one.buffer, one.byteOffset + from, to - from);
    const right = Buffer.from(two.buffer, two.byteOffset + from, to - from);
    if (left.equals(right)) continue;
    for (let at = from; at < to; at++) if (one[at] !== two[at]) yield at;
  }
}

/** The column and row whose value lies at a place. */
function cellAt(place: number): Cell | undefined {
  for (const column of columns) {
    const { base, stride, width, rows } = column;
    const row = Math.floor((place - base) / stride);
    if (row < 0 || row >= rows || (place - base) % stride >= width) continue;
    return { column, row };
  }
  return undefined;
}

function tableDifferences(core: Uint8Array, spec: Uint8Array): Difference[] {
  const found = new Map<string, Difference>();
  const [one, two] = [new ConcreteState(core), new ConcreteState(spec)];
  for (const place of differing(core, spec)) {
    const cell = cellAt(place);
    if (cell === undefined) {
      const what = "memory outside of the tables";
      const changed = `changed at ${hex(BigInt(place))}`;
      found.set(what, found.get(what) ?? { what, core: changed, specification: "unchanged" });
      continue;
    }
    const { column, row } = cell;
    const role = tables[column.table as TableName].role;
    if (role !== "state" || textColumns.includes(column.name)) continue;
    const what = cellName(column, row);
    const [mine, theirs] = [one.get(column, row), two.get(column, row)];
    found.set(what, { what, core: hex(mine), specification: hex(theirs) });
  }
  return [...found.values()];
}

/** Invariants that the core's state breaks at a row that the witness is about. */
function brokenInvariants(one: Case, witness: Witness, memory: Uint8Array): Difference[] {
  const [, id] = /^keeps (INV-[A-Z0-9-]+)/.exec(witness.property) ?? [];
  const invariant = one.invariants.find((candidate) => candidate.id === id);
  if (invariant === undefined) return [];
  const silent = { linearBase: witness.linearBase, perform: () => 0n };
  const s = new ConcreteTransaction(new ConcreteState(memory), silent);
  const { keys } = tables[invariant.table];
  const bits = keys.map((count) => Math.ceil(Math.log2(count)));
  const named = witness.rows.filter(([name]) => name.startsWith(invariant.table));
  const rows = new Set(named.map(([, row]) => row));
  return [...rows].flatMap((row) => {
    const words: Word[] = [];
    let rest = row;
    for (let at = keys.length - 1; at >= 0; at--) {
      const size = at === 0 ? 2 ** 32 : 2 ** bits[at]!;
      words.unshift(s.word32(rest % size));
      rest = Math.floor(rest / size);
    }
    if (truth(invariant.holds(s, ...words))) return [];
    const what = `${id} at ${invariant.table}[${words.map((word) => numberOf(word)).join(", ")}]`;
    return [{ what, core: "broken", specification: invariant.says }];
  });
}
