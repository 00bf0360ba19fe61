// Functions of the code that are proved once. Elsewhere, the specification's steps stand for a
// call.

import type { Invariant } from "../../spec/lang/invariant.ts";
import type { Word } from "../../spec/lang/word.ts";
import { constant, type Term } from "../term/index.ts";
import type { State } from "../wasm/index.ts";
import type { BlockUse } from "./block.ts";
import { columnsRead, type Seed } from "./instances.ts";
import type { Contract } from "./runner.ts";
import { type Context, SymbolicTransaction } from "./symbolic.ts";
import { termOf, wordOf } from "./values.ts";

export interface Lemma {
  /** The end of the function's name, from its file on. */
  readonly function: string;
  readonly args: readonly Term[];
  /** What has to hold of the arguments (and the state) where the function is called. */
  readonly given: (s: SymbolicTransaction, args: readonly Word[]) => Term[];
  readonly steps: (s: SymbolicTransaction, args: readonly Word[]) => Word | undefined;
  /** Loops of the function run round by round, so many rounds at most. */
  readonly unroll?: number;
  /** Clauses that tell situations apart. */
  readonly split?: readonly string[];
  /** Rows at which the invariants are assumed in the lemma's own proof. */
  readonly about?: (s: SymbolicTransaction, args: readonly Word[]) => readonly Seed[];
  /** Invariants that the proof uses. Where what they read has changed before a call, they are shown
   *  to hold again. */
  readonly invariants: readonly Invariant[];
}

/** A call in a state of which the lemma's invariants have to be shown. */
function reliedOn(lemma: Lemma, state: State): BlockUse {
  const block = {
    name: lemma.function,
    outputs: [],
    reads: () => false,
    writes: () => false,
    relies: lemma.invariants,
  };
  const before = new Map(state.cells);
  const guard = state.path.all;
  return { block, number: constant(32, 0), guard, before, inputs: [], isChange: false };
}

/** A lemma as the contract of its function. */
export function contractOf(
  lemma: Lemma,
  context: Context,
  start: State,
  uses: BlockUse[],
): Contract {
  const relies = columnsRead(lemma.invariants, start);
  const effect = (state: State, args: readonly Term[]) => {
    const words = args.map(wordOf);
    const s = new SymbolicTransaction(state, context, uses);
    for (const condition of lemma.given(s, words)) {
      state.require(condition, "host", `${lemma.function} may be called here`);
    }
    if (relies.some((name) => state.contents(name) !== start.contents(name))) {
      uses.push(reliedOn(lemma, state));
    }
    if (state.dead) return { state };
    // What the steps demand of their state is proved with the lemma.
    const { length } = state.record.obligations;
    const result = lemma.steps(s, words);
    state.record.obligations.length = length;
    return result === undefined ? { state: s.state } : { state: s.state, result: termOf(result) };
  };
  return { name: lemma.function, effect };
}
