// Two states side by side, as terms: what stands of the one, said of the other. What both show
// alike to the viewer without a doubt has one name in both.

import {
  apply,
  equal,
  implies,
  or,
  postorder,
  rewrite,
  substitute,
  type Term,
  TRUE,
  variable,
  zeroExtend,
} from "../term/index.ts";
import type { Column, State } from "../wasm/index.ts";
import type { Left } from "./block.ts";
import { isShown, type View } from "./disclosures.ts";
import { bound, type Choices } from "./symbolic.ts";

const OTHER = "other.";

/** The name of the same thing in the other state. */
const toggled = (name: string): string =>
  name.startsWith(OTHER) ? name.slice(OTHER.length) : `${OTHER}${name}`;

const isOther = (name: string): boolean => name.startsWith(OTHER);

export class Mirror {
  readonly #view: View;
  readonly #start: State;
  readonly #later: readonly Left[];
  readonly #choices: Choices;
  readonly #known = new Map<Term, Term>();
  /** Choices that occurred. */
  readonly #met = new Set<Term>();

  /** `later` are states that blocks leave, and in which again all looks alike. */
  constructor(view: View, start: State, later: readonly Left[], choices: Choices) {
    this.#view = view;
    this.#start = start;
    this.#later = later;
    this.#choices = choices;
  }

  /** The term as it is said of the other state. */
  of(term: Term): Term {
    const known = this.#known.get(term);
    if (known !== undefined) return known;
    const [made] = this.all([term]);
    this.#known.set(term, made!);
    this.#known.set(made!, term);
    return made!;
  }

  all(terms: readonly Term[]): readonly Term[] {
    return rewrite(terms, (term, operands) => {
      const { name, width } = term;
      if (term.operator === "variable") {
        return this.#isOneForBoth(term) ? undefined : variable(toggled(name), width);
      }
      if (term.operator !== "apply") return undefined;
      const column = this.#columnOf(name);
      if (column === undefined) return undefined;
      const row = operands[0]!;
      // One row, which both show for sure: one value.
      if (row === term.operands[0] && !isOther(name) && this.#isSure(name, column, row)) {
        return undefined;
      }
      return apply(toggled(name), operands, width);
    });
  }

  /** Facts: rows of columns that occur in the terms hold the same if one of the states shows them. */
  alike(terms: readonly Term[]): Term[] {
    return postorder(terms).flatMap((cell) => {
      const column = cell.operator === "apply" ? this.#columnOf(cell.name) : undefined;
      if (column === undefined) return [];
      const name = isOther(cell.name) ? toggled(cell.name) : cell.name;
      const row = cell.operands[0]!;
      const there = this.of(row);
      const shown = or(this.#shown(name, column, row), this.of(this.#shown(name, column, there)));
      const other = apply(toggled(name), [row], cell.width);
      return [implies(shown, equal(apply(name, [row], cell.width), other))];
    });
  }

  /** What has to be shown where choices were taken for one in both states: that the conditions
   *  which they were chosen by are the same for every number. */
  chosenAlike(): Term[] {
    const goals = new Set<Term>();
    // A condition may speak of other choices, which are met when it is said of the other state.
    for (const name of this.#met) {
      const condition = this.#conditionOf(name);
      goals.add(equal(condition, this.of(condition)));
    }
    return [...goals];
  }

  /** What a choice is the least of, for any number that it may be. */
  #conditionOf(name: Term): Term {
    const choice = this.#choices.get(name)!;
    const low = variable("least.low", Math.ceil(Math.log2(choice.limit)));
    const [condition] = substitute([choice.condition], new Map([[bound, zeroExtend(low, 32)]]));
    return condition!;
  }

  /** Arguments, rows that stand for any, and choices among the same. */
  #isOneForBoth(name: Term): boolean {
    if (!name.name.includes("!")) return true;
    if (!this.#choices.has(name)) return false;
    this.#met.add(name);
    return true;
  }

  /** The column that a name is about, in either state, before or behind a block. */
  #columnOf(name: string): Column | undefined {
    return this.#start.space.columns.get(name.slice(name.lastIndexOf(".") + 1));
  }

  #shown(name: string, column: Column, row: Term): Term {
    const { viewer, labels } = this.#view;
    // A block may be taken at several places, once in a run: it leaves the same names.
    const left = this.#later.filter(({ prefix }) => name.startsWith(prefix));
    const state = left[0]?.state ?? this.#start;
    const shown = isShown({ state, column, row, viewer, labels });
    return or(shown, ...left.map(({ gives }) => gives(column)));
  }

  #isSure(name: string, column: Column, row: Term): boolean {
    return this.#shown(name, column, row) === TRUE;
  }
}
