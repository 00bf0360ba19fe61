// Steps with a name (`Transaction.block`) that a proof takes as one step, the same in the code and
// in the specification. Another proof shows that the code's function does what the specification's
// steps say; here both are the same unknown function of the state, the inputs and the event's
// number.

import type { Invariant } from "../../spec/lang/invariant.ts";
import type { Bool, Word } from "../../spec/lang/word.ts";
import type { TableName } from "../../spec/tables.ts";
import { and, apply, FALSE, type Term, truncate } from "../term/index.ts";
import type { Cells, Column, State } from "../wasm/index.ts";
import { note } from "./event.ts";
import type { Contract } from "./runner.ts";
import type { SymbolicTransaction } from "./symbolic.ts";

export interface Block {
  /** As the specification names it; the code's function has a name that ends in it. */
  readonly name: string;
  /** Bits of the words that the steps give. */
  readonly outputs: readonly number[];
  /** Does the block look at this column? What it gives depends on no others. */
  readonly reads: (column: Column) => boolean;
  /** Does the block change this column? The others it leaves alone. */
  readonly writes: (column: Column) => boolean;
  /** What has to hold of the state and the inputs where the block is taken. */
  readonly given?: (state: State, inputs: readonly Term[]) => readonly Term[];
  /** The invariants hold before the block, and so again after it. */
  readonly keepsInvariants?: boolean;
  /** Invariants that the block's own proof uses; they hold where the block is taken. */
  readonly relies?: readonly Invariant[];
  /** What is known of all rows of columns that the block changes: it is written there. */
  readonly leaves?: (state: State, inputs: readonly Term[]) => void;
  /** What is known of single rows; shown with the block, and taken for granted elsewhere. */
  readonly promises?: readonly Promised[];
  /** When rows that are nobody's hold a part of what the block gives its caller. */
  readonly gives?: (column: Column, outputs: readonly Term[]) => Term;
  /** What the code's function does with the steps' words: its own result, if it has one. */
  readonly finish?: (state: State, inputs: readonly Term[], outputs: readonly Term[]) => Term;
}

/** What a block has done to a row of a table. */
export interface Promised {
  readonly says: string;
  readonly table: TableName;
  readonly holds: (
    before: SymbolicTransaction,
    after: SymbolicTransaction,
    /** What the block was given, and then what it gave. */
    words: readonly Word[],
    ...keys: readonly Word[]
  ) => Bool;
  /** Situations of the row before, in each of which it is shown apart; and in none of them. */
  readonly situations?: (before: SymbolicTransaction, ...keys: readonly Word[]) => readonly Bool[];
}

/** One place where a block was taken as one step. */
export interface BlockUse {
  readonly block: Block;
  readonly number: Term;
  /** Under what condition the run comes here. */
  readonly guard: Term;
  readonly before: ReadonlyMap<string, Cells>;
  readonly inputs: readonly Term[];
  /** The block changes columns; then a run comes to it at most once. */
  readonly isChange: boolean;
}

const symbol = (name: string): string => name.replace(/[^A-Za-z0-9]/g, ".");

/** What the names of columns begin with behind a block. */
const prefixOf = (block: Block): string => `${symbol(block.name)}.after.`;

/** The column as a block leaves it. */
const after = (state: State, block: Block, column: Column): Cells =>
  state.space.initial(column, prefixOf(block));

/** The block as the contract of its function. */
export function blockContract(block: Block, uses: BlockUse[]): Contract {
  const effect = (state: State, args: readonly Term[]) => {
    const outputs = takeBlock(state, block, args, uses);
    const result = block.finish === undefined ? outputs[0] : block.finish(state, args, outputs);
    return result === undefined ? { state } : { state, result };
  };
  return { name: block.name, effect };
}

/** Takes the block as one step of the state; gives the words of its steps. */
export function takeBlock(
  state: State,
  block: Block,
  inputs: readonly Term[],
  uses: BlockUse[],
): Term[] {
  for (const condition of block.given?.(state, inputs) ?? []) {
    state.require(condition, "host", `${block.name} may be called here`);
  }
  const before = new Map(state.cells);
  const number = note(state, `block ${block.name}`, inputs);
  const changed = [...state.space.columns.values()].filter(block.writes);
  const isChange = changed.length > 0;
  uses.push({ block, number, guard: state.path.all, before, inputs, isChange });
  for (const column of changed) state.cells.set(column.name, after(state, block, column));
  block.leaves?.(state, inputs);
  return outputsOf(block, number);
}

/** The words that a block gives where it is the event of that number. */
export function outputsOf(block: Block, number: Term): Term[] {
  return block.outputs.map((bits, at) =>
    truncate(apply(`${symbol(block.name)}.output${at}`, [number], 64), bits),
  );
}

/** A state in which the invariants hold if a run comes to it. */
export interface Kept {
  readonly state: State;
  readonly guard: Term;
}

/** A state that a block has left. */
export interface Left {
  readonly state: State;
  /** What the names of its columns begin with. */
  readonly prefix: string;
  /** When a row that is nobody's is a part of what the block has given. */
  readonly gives: (column: Column) => Term;
}

/** The state that a use of a block leaves; nothing if the block changes none. */
export function changedBy(start: State, use: BlockUse): Left[] {
  const { block, before, inputs, number, guard, isChange } = use;
  if (!isChange) return [];
  const state = start.clone();
  for (const column of start.space.columns.values()) {
    const old = before.get(column.name);
    if (block.writes(column)) state.cells.set(column.name, after(start, block, column));
    else if (old !== undefined) state.cells.set(column.name, old);
  }
  block.leaves?.(state, inputs);
  const outputs = outputsOf(block, number);
  const gives = (column: Column): Term => and(guard, block.gives?.(column, outputs) ?? FALSE);
  return [{ state, prefix: prefixOf(block), gives }];
}

/** The states that blocks leave and in which the invariants hold. */
export function statesKept(start: State, uses: readonly BlockUse[]): Kept[] {
  return uses.flatMap((use) => {
    if (!use.block.keepsInvariants) return [];
    return changedBy(start, use).map(({ state }) => ({ state, guard: use.guard }));
  });
}
