// The operations of a build of the core, as its own control flow tells them apart: the exported
// functions, exits by code, hypercalls by number and operation, commands by number. An operation
// that no case is about is unspecified.

import {
  apply,
  constant,
  evaluate,
  isConstant,
  postorder,
  type Term,
  truncate,
  variable,
  zeroExtend,
} from "../term/index.ts";
import { type Column, indexWidth } from "../wasm/index.ts";
import type { Case } from "./case.ts";
import type { Code } from "./runner.ts";
import { cutsOf } from "./scout.ts";

/** A range of values of a word that the code and all cases treat alike. */
interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

export interface Operation {
  /** As in "exit 0x72" or "hypercall 32: 4". */
  readonly name: string;
  /** The case that is about it, as "family: operation"; none if it is unspecified. */
  readonly of?: string;
}

const DISPATCH = "hypercall/dispatch";
const PERFORM = "control_op/perform";
const EXIT = "handleExit";
/** Bits of memory_op's first argument that are its operation; the rest is progress. */
const MEMORY_OP = 12n;
const MEMORY_BITS = 6;

const vcpu = variable("vcpu", 32);
const number = variable("number", 64);
const first = variable("first", 64);

const shown = (value: bigint): string => (value < 64n ? `${value}` : `0x${value.toString(16)}`);
const nameOf = ({ first: one, last }: Range): string =>
  one === last ? shown(one) : `${shown(one)} to ${shown(last)}`;

const operation = (name: string, one: Case | undefined): Operation =>
  one === undefined ? { name } : { name, of: `${one.family}: ${one.operation}` };

/** Is the case about these values of words that it selects by? */
function covers(one: Case, values: readonly (readonly [Term | undefined, bigint])[]): boolean {
  const variables = new Map<string, bigint>();
  for (const [term, value] of values) {
    if (term?.operator === "variable") variables.set(term.name, value);
  }
  const assignment = { variables, functions: new Map() };
  const holds = (one.when ?? []).every((condition) => evaluate(condition, assignment) === 1n);
  return holds && values.every(([term, value]) => !term || evaluate(term, assignment) === value);
}

/** The case is about that number, or its conditions decide. */
function mayCover(one: Case, term: Term, value: bigint): boolean {
  return isConstant(term) ? term.value === value : covers(one, [[term, value]]);
}

/** The ranges that what cases say of themselves tells apart, and further cuts. */
function rangesOf(
  cases: readonly Case[],
  selected: (one: Case) => Term | undefined,
  word?: Term,
  cuts: readonly bigint[] = [0n],
): Range[] {
  const found = new Set(cuts);
  const width = word?.width ?? Math.max(1, ...cases.map((one) => selected(one)?.width ?? 1));
  const limit = 1n << BigInt(width);
  for (const one of cases) {
    const value = selected(one);
    if (value !== undefined && isConstant(value)) {
      found.add(value.value).add(value.value + 1n);
    }
    const subject = value ?? word;
    if (subject === undefined) continue;
    for (const term of postorder(one.when ?? [])) {
      for (const cut of cutsOf(term, subject)) found.add(cut);
    }
  }
  const starts = [...found].filter((cut) => cut < limit).sort((a, b) => (a < b ? -1 : 1));
  return starts.map((start, at) => ({ first: start, last: (starts[at + 1] ?? limit) - 1n }));
}

/** Finds the operations of a build. */
export class Operations {
  readonly #code: Code;
  readonly #cases: readonly Case[];
  readonly #columns: readonly Column[];

  constructor(code: Code, columns: readonly Column[], cases: readonly Case[]) {
    this.#code = code;
    this.#columns = columns;
    this.#cases = cases;
  }

  all(): Operation[] {
    return [...this.#doors(), ...this.#exits(), ...this.#hypercalls(), ...this.#commands()];
  }

  #of(name: string): Case[] {
    return this.#cases.filter((one) => one.function === name);
  }

  /** Exported functions but the one that exits come through. A door is specified if cases are about
   *  all values of its argument, or of how far boot has come. */
  #doors(): Operation[] {
    const { exports } = this.#code.module;
    const names = exports.filter(({ kind }) => kind === "function").map(({ name }) => name);
    return names
      .filter((name) => name !== EXIT)
      .map((name) => {
        const cases = this.#of(name);
        const selected = (one: Case) => one.args[0] ?? one.selects;
        const isWhole = rangesOf(cases, selected).every(({ first: value }) =>
          cases.some((one) => covers(one, [[selected(one), value]])),
        );
        return operation(`door ${name}`, isWhole ? cases[0] : undefined);
      });
  }

  #exits(): Operation[] {
    const cases = this.#of(EXIT);
    const word = this.#initial("vmcbExitCode", vcpu);
    const ranges = this.#ranges(EXIT, [vcpu], word, cases, ({ selects }) => selects);
    return ranges.map((range) => {
      const found = cases.find((one) => covers(one, [[one.selects, range.first]]));
      return operation(`exit ${nameOf(range)}`, found);
    });
  }

  #commands(): Operation[] {
    const cases = this.#of(PERFORM);
    const word = this.#initial("commandOperation", constant(32, 0));
    const args = [variable("caller", 32), variable("source", 64)];
    const ranges = this.#ranges(PERFORM, args, word, cases, ({ selects }) => selects);
    return ranges.map((range) => {
      const found = cases.find((one) => covers(one, [[one.selects, range.first]]));
      return operation(`command ${nameOf(range)}`, found);
    });
  }

  #hypercalls(): Operation[] {
    const cases = this.#of(DISPATCH);
    const rest = [variable("second", 64), variable("third", 64)];
    const args = [vcpu, number, first, ...rest];
    const ranges = this.#ranges(DISPATCH, args, number, cases, (one) => one.args[1]);
    return ranges.flatMap((range) => {
      const call = `hypercall ${nameOf(range)}`;
      const own = cases.filter((one) => mayCover(one, one.args[1]!, range.first));
      if (range.first !== range.last) return [operation(call, own[0])];
      const low = range.first === MEMORY_OP ? variable("first.low", MEMORY_BITS) : first;
      const inner = [vcpu, constant(64, range.first), zeroExtend(low, 64), ...rest];
      const within = this.#ranges(DISPATCH, inner, low, own, (one) => one.args[2]);
      return within.map((part) => {
        const point = part.first;
        const found = own.find((one) =>
          covers(one, [
            [one.args[1], range.first],
            [one.args[2], point],
          ]),
        );
        return operation(within.length === 1 ? call : `${call}: ${nameOf(part)}`, found);
      });
    });
  }

  #initial(name: string, row: Term): Term {
    const column = this.#columns.find((one) => one.name === name)!;
    const index = truncate(row, indexWidth(column));
    return apply(name, [index], 8 * column.width);
  }

  /** The ranges that the code, or what a case says of itself, tells apart. */
  #ranges(
    entry: string,
    args: readonly Term[],
    word: Term,
    cases: readonly Case[],
    selected: (one: Case) => Term | undefined,
  ): Range[] {
    return rangesOf(cases, selected, word, this.#code.cuts(entry, args, word));
  }
}
