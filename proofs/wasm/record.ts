import type { Term } from "../term/index.ts";

/** A place in the binary. */
export interface Place {
  readonly function: string;
  readonly offset: number;
}

export type TrapKind = "bounds" | "unresolved" | "unreachable" | "division" | "loop" | "host";

/** Something that must hold for the run to have no trap: `condition` includes "if it gets here". */
export interface TrapObligation extends Place {
  readonly kind: TrapKind;
  readonly condition: Term;
  readonly detail: string;
}

/** A row that the code read or wrote. A row that is first read and then written is noted twice. */
export interface Access {
  readonly column: string;
  readonly index: Term;
  readonly written: boolean;
}

/** What became of a loop: summarised, or unrolled and why. */
export interface LoopReport extends Place {
  readonly summarised: boolean;
  readonly iterations: string;
  readonly reason: string;
}

/** A br_table that the code met with an operand that is not constant. */
export interface SwitchReport extends Place {
  readonly operand: Term;
  readonly targets: number;
}

/** What a run leaves behind besides its final state. */
export class RunRecord {
  obligations: TrapObligation[] = [];
  loops: LoopReport[] = [];
  switches: SwitchReport[] = [];
  readonly #accesses: Access[] = [];
  readonly #known = new Map<string, number>();
  readonly #fresh: string[];
  readonly prefix: string;
  /** Where the executor is; separate fields, as they change with each instruction. */
  function = "";
  offset = 0;

  constructor(prefix: string, used: readonly string[] = []) {
    this.prefix = prefix;
    this.#fresh = [...used];
  }

  get place(): Place {
    return { function: this.function, offset: this.offset };
  }

  get accesses(): readonly Access[] {
    return this.#accesses;
  }

  /** Notes that a row is read or written; reading what was written is not worth a note. */
  touch(column: string, index: Term, written: boolean): void {
    const key = `${column} ${index.id}`;
    const at = this.#known.get(key);
    const known = at === undefined ? undefined : this.#accesses[at];
    if (known !== undefined && (known.written || !written)) return;
    this.#known.set(key, this.#accesses.length);
    this.#accesses.push({ column, index, written });
  }

  /** A name that this run has not used, the same in every repetition of the run. */
  freshName(stem: string): string {
    const name = `${this.prefix}${stem}!${this.#fresh.length}`;
    this.#fresh.push(name);
    return name;
  }

  /** How many fresh names there are. */
  get freshCount(): number {
    return this.#fresh.length;
  }

  /** The names made since there were `count` of them. */
  freshSince(count: number): readonly string[] {
    return this.#fresh.slice(count);
  }

  /** An empty record that goes on with this one's fresh names. */
  successor(): RunRecord {
    return new RunRecord(this.prefix, this.#fresh);
  }

  /** To be handed back to `restore`, which then forgets all that came since. */
  mark(): RecordMark {
    return {
      obligations: this.obligations.length,
      loops: this.loops.length,
      switches: this.switches.length,
      accesses: this.#accesses.length,
    };
  }

  restore(mark: RecordMark): void {
    this.obligations.length = mark.obligations;
    this.loops.length = mark.loops;
    this.switches.length = mark.switches;
    for (const { column, index } of this.#accesses.splice(mark.accesses)) {
      this.#known.delete(`${column} ${index.id}`);
    }
  }
}

export interface RecordMark {
  readonly obligations: number;
  readonly loops: number;
  readonly switches: number;
  readonly accesses: number;
}
