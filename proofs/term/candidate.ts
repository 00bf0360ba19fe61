// What a model of some assertions says of other terms: functions are what the model has of them,
// and 0 elsewhere. A model of a text that does not say that equal arguments have equal values may
// say otherwise; such pairs are found.

import type { Pair } from "./applications.ts";
import { type Assignment, argumentKey, compute, reduce } from "./evaluate.ts";
import type { Printed } from "./print.ts";
import { postorder, type Term } from "./term.ts";

interface Known {
  readonly term: Term;
  readonly value: bigint;
}

export class Candidate {
  readonly #values = new Map<Term, bigint>();
  readonly #functions = new Map<string, Map<string, Known>>();
  readonly #variables: ReadonlyMap<string, bigint>;
  /** Values of functions that differ although their arguments are equal. */
  readonly contradictions: readonly Pair[];

  /** `model` are values by the names that the text of the assertions gives. */
  constructor(
    assertions: readonly Term[],
    { nameOf }: Printed,
    model: ReadonlyMap<string, bigint>,
  ) {
    this.#variables = model;
    const contradictions: Pair[] = [];
    for (const term of postorder(assertions)) {
      if (term.operator !== "apply") {
        this.#values.set(term, this.#compute(term));
        continue;
      }
      const value = reduce(term.width, model.get(nameOf(term) ?? "") ?? 0n);
      this.#values.set(term, value);
      const known = this.#known(term);
      if (known === undefined)
        this.#functions.get(term.name)!.set(this.#key(term), { term, value });
      else if (known.value !== value) contradictions.push([known.term, term]);
    }
    this.contradictions = contradictions;
  }

  #key(term: Term): string {
    return argumentKey(term.operands.map((operand) => this.#values.get(operand)!));
  }

  #known(term: Term): Known | undefined {
    const values = this.#functions.get(term.name) ?? new Map<string, Known>();
    this.#functions.set(term.name, values);
    return values.get(this.#key(term));
  }

  /** The value of a term whose operands have values. */
  #compute(term: Term): bigint {
    switch (term.operator) {
      case "constant":
        return term.value;
      case "variable":
        return reduce(term.width, this.#variables.get(term.name) ?? 0n);
      case "apply":
        return reduce(term.width, this.#known(term)?.value ?? 0n);
      default:
        return compute(
          term,
          term.operands.map((operand) => this.#values.get(operand)!),
        );
    }
  }

  /** The state's values, as terms are evaluated with. */
  get assignment(): Assignment {
    const functions = [...this.#functions].map(([name, known]) => {
      const values = [...known].map(([key, { value }]) => [key, value] as const);
      return [name, new Map(values)] as const;
    });
    return { variables: this.#variables, functions: new Map(functions) };
  }

  /** Does a condition hold? */
  holds(condition: Term): boolean {
    const stack = [condition];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const open = top.operands.filter((operand) => !this.#values.has(operand));
      if (open.length > 0) {
        stack.push(...open);
        continue;
      }
      stack.pop();
      if (!this.#values.has(top)) this.#values.set(top, this.#compute(top));
    }
    return this.#values.get(condition) === 1n;
  }
}
