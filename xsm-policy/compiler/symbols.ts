/** Symbol tables: what each name means, and in which blocks it may be used. */

import type { Node } from "./ast.ts";
import type { NameTable } from "./names.ts";
import { didYouMean } from "./suggest.ts";

export const SYMBOL_KINDS = [
  "type",
  "role",
  "user",
  "boolean",
  "sensitivity",
  "category",
  "class",
  "common",
] as const;

export type SymbolKind = (typeof SYMBOL_KINDS)[number];

/**
 * One declared or required name. Types, attributes and aliases share a table, as do roles and role
 * attributes.
 */
export interface PolicySymbol {
  readonly name: string;
  /** An attribute (of types or roles); a tunable, among booleans. */
  readonly special: boolean;
  /** The symbol that an alias stands for. */
  readonly aliasOf: PolicySymbol | undefined;
  /** Where it was first declared; undefined while it is only required. */
  node: Node | undefined;
  /** Blocks that declare it: several only for roles and users. */
  readonly declaredIn: number[];
  /** Blocks that declare or require it. */
  readonly blocks: number[];
  /** Index in the resolved policy; -1 while it has none. */
  index: number;
}

/** The names of one kind. */
export class SymbolTable {
  readonly #names: NameTable;
  readonly #byName = new Map<number, PolicySymbol>();

  constructor(names: NameTable) {
    this.#names = names;
  }

  /** The symbol of a name number. */
  get(id: number): PolicySymbol | undefined {
    return this.#byName.get(id);
  }

  add(id: number, special: boolean, aliasOf?: PolicySymbol): PolicySymbol {
    const symbol: PolicySymbol = {
      name: this.#names.text(id),
      special,
      aliasOf,
      node: undefined,
      declaredIn: [],
      blocks: [],
      index: -1,
    };
    this.#byName.set(id, symbol);
    return symbol;
  }

  /** All symbols with their name numbers, in order of first appearance. */
  entries(): IterableIterator<[number, PolicySymbol]> {
    return this.#byName.entries();
  }

  /** A hint for an unknown name. */
  suggest(id: number): string | undefined {
    return didYouMean(this.#names.text(id), this.#knownNames());
  }

  *#knownNames(): Generator<string> {
    for (const symbol of this.#byName.values()) yield symbol.name;
  }
}
