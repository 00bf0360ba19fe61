// Targets that take bytes or text as they are: readers of files and of boot packs. A subject says
// what came of an input; what differs in that is what guides the campaign.

import type { Chance } from "../program/generate.ts";
import type { Failure, Figures, Target, Verdict } from "./target.ts";

/** What came of an input. */
export interface Sight {
  /** Short words for how far it came: new ones make an input worth keeping. */
  readonly features: readonly string[];
  readonly failure?: Pick<Failure, "oracle" | "about" | "says">;
}

export interface Subject {
  readonly name: string;
  readonly isText: boolean;
  /** Inputs to begin with. */
  readonly seeds: readonly Uint8Array[];
  /** Words that are put into inputs. */
  readonly words: readonly string[];
  /** Whatever it throws is a failure. */
  look(bytes: Uint8Array): Sight;
  /** Edge counters of the core that were hit, if it runs one. */
  counters?(): readonly number[];
  /** Clauses of the specification that were compared, if there is one to compare with. */
  clauses?(): [id: string, says: string][];
}

/** An input that takes longer is a failure, in microseconds of CPU: the machine may be busy. */
const SLOW = 5_000_000;
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];
const PATH_MAX = 3;
/** Features are counted by their number's remainder. */
const MARKS = 1 << 16;

/** The functions in which an error came up, the innermost last. */
function pathOf({ stack = "" }: Error): string {
  const names = [...stack.matchAll(/^ {4}at (?:new )?([\w.#]+) /gm)].map(([, name]) => name!);
  return names.slice(0, PATH_MAX).reverse().join(" > ");
}

function spliced(bytes: Uint8Array, at: number, length: number, put: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length - length + put.length);
  whole.set(bytes.subarray(0, at));
  whole.set(put, at);
  whole.set(bytes.subarray(at + length), at + put.length);
  return whole;
}

export class ByteTarget implements Target {
  readonly name: string;
  keepsFeatures = true;
  counts: Uint8Array | undefined;
  readonly #subject: Subject;
  readonly #known = new Map<string, number>();
  #executions = 0;
  #last: readonly number[] = [];

  constructor(subject: Subject) {
    this.name = subject.name;
    this.#subject = subject;
  }

  setThorough(): void {}

  run(bytes: Uint8Array): Verdict {
    this.#executions++;
    const began = process.cpuUsage();
    const { sight, path } = this.#look(bytes);
    const { user, system } = process.cpuUsage(began);
    const isSlow = user + system > SLOW;
    const late = { oracle: "time", about: "time", says: "it took more than five seconds" };
    const failure = sight.failure ?? (isSlow ? late : undefined);
    const before = this.#known.size;
    this.#last = sight.features.map((word) => this.#numberOf(word));
    const fresh = this.#known.size > before;
    if (this.counts !== undefined) {
      for (const feature of this.#last) this.counts[feature % MARKS] = 1;
    }
    return { failure: failure && { ...failure, operation: this.name, path }, fresh };
  }

  #look(bytes: Uint8Array): { sight: Sight; path: string } {
    try {
      return { sight: this.#subject.look(bytes), path: "" };
    } catch (error) {
      const problem = error instanceof Error ? error : new Error(String(error));
      const failure = { oracle: "exception", about: problem.name, says: problem.message };
      return { sight: { features: [], failure }, path: pathOf(problem) };
    }
  }

  #numberOf(word: string): number {
    const number = this.#known.get(word) ?? this.#known.size;
    this.#known.set(word, number);
    return number;
  }

  text(bytes: Uint8Array): string {
    if (this.#subject.isText) return `${new TextDecoder().decode(bytes)}\n`;
    const hex = Buffer.from(bytes).toString("hex");
    return hex.replace(/.{1,64}/g, (line) => `${line}\n`);
  }

  parse(text: string): Uint8Array {
    if (this.#subject.isText) return new TextEncoder().encode(text.replace(/\n$/, ""));
    return new Uint8Array(Buffer.from(text.replace(/\s/g, ""), "hex"));
  }

  generate(chance: Chance): Uint8Array {
    const { seeds } = this.#subject;
    const one = seeds[chance.below(seeds.length)]!;
    return this.mutate(one, chance, seeds[chance.below(seeds.length)]!);
  }

  mutate(bytes: Uint8Array, chance: Chance, other: Uint8Array): Uint8Array {
    let changed = bytes;
    for (let rounds = 1 + chance.below(4); rounds > 0; rounds--) {
      changed = this.#change(changed, chance, other);
    }
    return changed;
  }

  #change(bytes: Uint8Array, chance: Chance, other: Uint8Array): Uint8Array {
    const at = chance.below(bytes.length + 1);
    const length = Math.min(chance.below(chance.below(4) === 0 ? 256 : 9), bytes.length - at);
    switch (chance.below(6)) {
      case 0:
        return spliced(bytes, at, length, new Uint8Array(0));
      case 1:
        return spliced(bytes, at, 0, bytes.subarray(at, at + length));
      case 2: {
        const from = chance.below(other.length + 1);
        return spliced(bytes, at, length, other.subarray(from, from + 1 + chance.below(64)));
      }
      case 3:
        return this.#withNumber(bytes, at & ~3, chance);
      case 4:
        return this.#withWord(bytes, at, length, chance);
      default:
        return spliced(bytes, at, Math.min(1, length), Uint8Array.of(chance.below(256)));
    }
  }

  /** A word of the subject's instead of some bytes. */
  #withWord(bytes: Uint8Array, at: number, length: number, chance: Chance): Uint8Array {
    const { words } = this.#subject;
    const word = words.length === 0 ? "" : words[chance.below(words.length)]!;
    return spliced(bytes, at, length, new TextEncoder().encode(word));
  }

  /** A number near a boundary, little-endian, at a multiple of four. */
  #withNumber(bytes: Uint8Array, at: number, chance: Chance): Uint8Array {
    const copy = bytes.slice();
    if (at + 4 > copy.length) return copy;
    const view = new DataView(copy.buffer);
    const small = chance.below(3) - 1 + view.getUint32(at, true);
    const value = chance.below(2) === 0 ? small : EDGES[chance.below(EDGES.length)]!;
    view.setUint32(at, value >>> 0, true);
    return copy;
  }

  *smaller(bytes: Uint8Array): Iterable<Uint8Array> {
    for (let size = bytes.length >> 1; size >= 1; size >>= 1) {
      for (let end = bytes.length; end > 0; end -= size) {
        const from = Math.max(end - size, 0);
        yield spliced(bytes, from, end - from, new Uint8Array(0));
      }
    }
    const plain = this.#subject.isText ? 0x20 : 0;
    for (const [at, byte] of bytes.entries()) {
      if (byte !== plain) yield spliced(bytes, at, 1, Uint8Array.of(plain));
    }
  }

  features(): readonly number[] {
    return this.#last;
  }

  marks(): number {
    return MARKS;
  }

  figures(): Figures {
    const { size } = this.#known;
    const executions = this.#executions;
    return { executions, calls: executions, edges: size, edgesAll: size, clauses: 0 };
  }

  reached(): { readonly counters: readonly number[]; readonly clauses: [string, string][] } {
    return {
      counters: this.#subject.counters?.() ?? [],
      clauses: this.#subject.clauses?.() ?? [],
    };
  }
}
