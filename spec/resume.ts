// Calls that are longer than a step: what is left goes into the caller's argument registers, and
// the instruction stays where it is (Xen's continuations). Between two steps others may run.

import { RESUME } from "./abi.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";

/** The result of a call that goes on with these arguments. */
export function resumeWith(s: Transaction, first: Word, second: Word, third: Word): Word {
  s.row("call").set({ first, second, third });
  return s.word64(RESUME);
}
