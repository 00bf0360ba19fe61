// What earlier proofs took: which facts each goal needed, and how long a case was. Verdicts are not
// recorded: a goal is put to the solver with these facts first, and with others if they no longer
// suffice. So the record makes proofs fast, and can make none wrong.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Pair, Term } from "../term/index.ts";

/** Facts by their structure, in the order of the goal's facts. */
export interface Hint {
  /** How many rounds of rows the facts are about. */
  readonly level: number;
  readonly facts: readonly string[];
  /** Values of functions that are compared. */
  readonly pairs: readonly (readonly [string, string])[];
}

/** Few facts led nowhere: the goal takes all of them. */
const WHOLE = "*";

export const wholeHint = (level: number): Hint => ({ level, facts: [WHOLE], pairs: [] });

export const isWhole = ({ facts }: Hint): boolean => facts[0] === WHOLE;

/** Names a term by its structure; the same in every run. */
export const markOf = (term: Term): string => term.hash.toString(36);

const LIST = ",";
const PAIR = "-";
const TIME = "time";

const listOf = (text: string | undefined): string[] =>
  text === undefined || text === "" ? [] : text.split(LIST);

export class Record {
  readonly #hints = new Map<string, Hint>();
  readonly #times = new Map<string, number>();

  /** A line of the file is a goal's mark, level, facts and pairs; or a case and its milliseconds. */
  static from(file: string): Record {
    const record = new Record();
    if (!existsSync(file)) return record;
    for (const line of readFileSync(file, "utf8").split("\n")) record.#read(line.split(" "));
    return record;
  }

  #read([mark, ...words]: readonly string[]): void {
    if (mark === undefined || mark === "") return;
    if (mark === TIME) {
      this.#times.set(words.slice(1).join(" "), Number(words[0]));
      return;
    }
    const [level, facts, pairs] = words;
    const both = listOf(pairs).map((pair) => pair.split(PAIR) as [string, string]);
    this.#hints.set(mark, { level: Number(level), facts: listOf(facts), pairs: both });
  }

  /** What a proof of the claim took. */
  hintOf(claim: Term): Hint | undefined {
    return this.#hints.get(markOf(claim));
  }

  /** How long a case took; nothing if that is not known. */
  timeOf(name: string): number | undefined {
    return this.#times.get(name);
  }

  note(claim: string, hint: Hint): void {
    this.#hints.set(claim, hint);
  }

  noteTime(name: string, ms: number): void {
    this.#times.set(name, ms);
  }

  /** Everything, in an order of its own. */
  write(file: string): void {
    const times = [...this.#times].map(([name, ms]) => `${TIME} ${Math.round(ms)} ${name}`);
    const hints = [...this.#hints].map(([mark, { level, facts, pairs }]) => {
      const both = pairs.map((pair) => pair.join(PAIR)).join(LIST);
      return `${mark} ${level} ${facts.join(LIST)} ${both}`;
    });
    writeFileSync(file, `${[...times.sort(), ...hints.sort()].join("\n")}\n`);
  }
}

/** A hint that names these. */
export function hintFor(level: number, facts: readonly Term[], pairs: readonly Pair[]): Hint {
  const both = pairs.map(([one, two]) => [markOf(one), markOf(two)] as const);
  return { level, facts: facts.map(markOf), pairs: both };
}
