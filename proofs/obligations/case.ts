// What is proved of one function, in one situation: the code, the steps of the specification, and
// what is known of both.

import type { Invariant } from "../../spec/lang/invariant.ts";
import type { Word } from "../../spec/lang/word.ts";
import type { Term } from "../term/index.ts";
import type { Column, State } from "../wasm/index.ts";
import type { Block } from "./block.ts";
import type { Seed } from "./instances.ts";
import type { Lemma } from "./lemma.ts";
import type { Repetition } from "./repetition.ts";
import type { Round, Rounds } from "./rounds.ts";
import type { Search } from "./search.ts";
import type { SymbolicTransaction } from "./symbolic.ts";

/** One function of the code, for one choice of what its arguments have in common. */
export interface Case {
  readonly family: string;
  readonly operation: string;
  /** Name of the function: exported, or the end of an inner one's. */
  readonly function: string;
  readonly args: readonly Term[];
  /** Brings a state about which nothing is known to where the case begins. */
  readonly prepare?: (state: State) => void;
  /** The exit code or the command that `prepare` sets: which of the code's operations it is. */
  readonly selects?: Term;
  /** What the case is: conditions that rule out ways through the code before it runs. */
  readonly when?: readonly Term[];
  /** What holds when the function is called, besides the invariants. */
  readonly given: (s: SymbolicTransaction) => Term[];
  /** The specification's steps; the result if the function has one. */
  readonly steps: (s: SymbolicTransaction, args: readonly Word[]) => Word | undefined;
  readonly blocks?: readonly Block[];
  readonly lemmas?: readonly Lemma[];
  readonly repetitions?: readonly Repetition[];
  /** Loops of which all rounds are one step. */
  readonly rounds?: readonly Rounds[];
  /** Loops that look for a number. */
  readonly searches?: readonly Search[];
  /** Other loops that only read are the specification's `least` and `count`. */
  readonly finds?: boolean;
  /** The case is about one round of a loop of its function. */
  readonly round?: Round;
  readonly invariants: readonly Invariant[];
  /** Columns that are compared although they mean nothing between two steps. */
  readonly compares?: (column: Column) => boolean;
  /** If given: loops run round by round, so many rounds at most; else 64 where there is no summary. */
  readonly unroll?: number;
  /** Clauses that tell situations apart: a goal that is too much is shown in each of them. */
  readonly split?: readonly string[];
  /** Results that the steps name and that the invariants rule out. */
  readonly never?: readonly bigint[];
  /** The call brings a command: the policy says who may give which, and who gives it is told. */
  readonly commands?: boolean;
  /** Names of events that may be about the memory of another domain: the one at the other end of a
   *  channel of the caller, or whose memory the caller has mapped. */
  readonly delivers?: readonly string[];
  /** Goals of the case's own, about the state before and after, and the function's result. */
  readonly claims?: (before: State, after: State, result?: Term) => readonly Claim[];
  /** A condition under which states are looked for that give the results; else any. */
  readonly witness?: Term;
  /** Conditions that goals may not need: they are shown first whatever the truth of these. */
  readonly blind?: (condition: Term) => boolean;
  /** Rows at which the invariants are assumed in every goal. */
  readonly about?: (s: SymbolicTransaction, args: readonly Word[]) => readonly Seed[];
  /** If given: the only columns that the code and the steps may look at. */
  readonly reads?: (column: Column) => boolean;
  /** If given: the only columns that the code and the steps may change. */
  readonly writes?: (column: Column, start: State) => boolean;
}

/** A goal in the words of a case. */
export interface Claim {
  readonly property: string;
  readonly conclusion: Term;
  readonly rows: readonly Seed[];
  /** Conditions that imply it together, each of which is shown apart. */
  readonly apart?: readonly Term[];
}
