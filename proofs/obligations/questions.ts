// What loops find that search or count (wasm/loop-search.ts), by the names of the specification's
// `least` and `count`.

import type { State } from "../wasm/index.ts";
import type { Questions } from "../wasm/loop-search.ts";
import { choiceOf } from "./search.ts";
import { bound, type ChoiceBook } from "./symbolic.ts";

/** Names from a book, for the loops of one run. */
export function questionsOf(book: ChoiceBook, start: State): Questions {
  return {
    bound,
    least: (condition, limit) => choiceOf(book, condition, limit, start),
    count: (condition, limit) => book.count(condition, limit),
  };
}
