// The specification compiled to JavaScript: its own text, carried out once with code in the place
// of numbers. What comes out does the same steps on typed arrays, some hundred times as fast as
// the text itself; a test holds the two together.

import { handleExit } from "../../spec/exit.ts";
import { invariants } from "../../spec/invariants/index.ts";
import { selectVcpu } from "../../spec/select.ts";
import { type TableName, tables } from "../../spec/tables.ts";
import { keptCode } from "./cache.ts";
import { Code } from "./code.ts";
import { prelude } from "./runtime.ts";
import { CodeTransaction } from "./transaction.ts";
import type { CodeBool, CodeWord } from "./word.ts";

const VCPU_ROWS = 256;

/** What compiled code works on. */
export interface Environment {
  /** The tables in the core's layout, in bytes, halves and words. */
  readonly U8: Uint8Array;
  readonly U16: Uint16Array;
  readonly I32: Int32Array;
  /** Where the byte offsets of what is written are noted. */
  readonly W: Int32Array;
  /** The memory in which the core's events lie. */
  readonly EVENTS: Int32Array;
  /** By clause: 1 once a step came to it. */
  readonly CLAUSES: Uint8Array;
  /** Where an invariant's reads are noted, 4096 at most. */
  readonly READS: Int32Array;
  /** Thrown where the text demands what is not so, and where events differ. */
  readonly BAD: unknown;
  readonly DISAGREES: unknown;
  /** Thrown where the machine stops. */
  readonly HALTED: unknown;
  /** Copies `bytes` of the machine's memory into the tables at an offset, and notes in W from the
   *  entry `written` on where; gives the entry behind. Throws `BAD`. */
  readonly COPY: (at: number, low: number, high: number, bytes: number, written: number) => number;
}

/** The compiled steps. They throw `BAD`, `DISAGREES` or `HALTED`. */
export interface CompiledSteps {
  /** The exit of a vCPU, with the core's events from one word of EVENTS to another. */
  exit(vcpu: number, from: number, to: number): void;
  /** The vCPU that CPU 0 enters next. */
  select(from: number, to: number): number;
  /** Were all events of the last step looked at? */
  finished(): boolean;
  /** How many entries of W the last step has written. */
  written(): number;
}

/** Of rows with fewer keys the rest is of no use. Throws `BAD`. */
export type Holds = (first: number, second: number, third: number, fourth: number) => boolean;

export interface CompiledInvariants {
  /** By index in the list of invariants: does it hold of these keys? */
  readonly holds: readonly Holds[];
  /** How many reads the last look noted, and a sum of them. */
  reads(): number;
  sum(): number;
}

export interface SpecificationCode {
  /** The text of the steps' module, and of the invariants'. */
  readonly steps: string;
  readonly invariants: string;
  /** By index in the list of invariants: the columns that it may read. */
  readonly reads: readonly ReadonlySet<string>[];
  /** Clauses in the order of CLAUSES. */
  readonly clauses: readonly (readonly [id: string, says: string])[];
}

const moduleText = (functions: readonly string[], exported: string): string =>
  `${[prelude, ...functions].join("\n")}\nreturn { ${exported} };\n`;

function compileSteps(): Pick<SpecificationCode, "steps" | "clauses"> {
  const code = new Code();
  const s = new CodeTransaction(code);
  const vcpu = s.parameter(VCPU_ROWS - 1);
  s.define("exitSteps", [vcpu.lower], () => {
    handleExit(s, vcpu);
    return "return 0;";
  });
  s.define("selectSteps", [], () => {
    const next = selectVcpu(s, s.word32(0)) as CodeWord;
    return `return ${next.lower.text};`;
  });
  const begin = "wn = 0; next = from; last = to; REFUSED = 0;";
  const finish = "if (next < last) throw DISAGREES;";
  const exported = `exit(vcpu, from, to) { ${begin} exitSteps(vcpu); ${finish} },
select(from, to) { ${begin} const chosen = selectSteps(); ${finish} return chosen >>> 0; },
finished() { return next === last; },
written() { return wn; }`;
  const clauses = [...s.clauses].map(([id, { says }]) => [id, says] as const);
  return { steps: moduleText(code.functions, exported), clauses };
}

function compileInvariants(): Pick<SpecificationCode, "invariants" | "reads"> {
  const code = new Code();
  const reads: ReadonlySet<string>[] = [];
  for (const [index, { table, other, holds }] of invariants.entries()) {
    const s = new CodeTransaction(code);
    s.notes = true;
    const counts = [table, ...(other === undefined ? [] : [other])].flatMap(
      (name: TableName): readonly number[] => tables[name].keys,
    );
    const keys = counts.map((count) => s.parameter(count - 1));
    s.define(
      `invariant${index}`,
      keys.map(({ lower }) => lower),
      () => `return ${(holds(s, ...keys) as CodeBool).text};`,
      ["reads = 0;", "sum = 0;"],
    );
    reads.push(s.columnsRead);
  }
  const list = invariants.map((_, index) => `invariant${index}`).join(", ");
  const exported = `holds: [${list}],
reads() { return reads; },
sum() { return sum; }`;
  return { invariants: moduleText(code.functions, exported), reads };
}

let compiled: SpecificationCode | undefined;

/** The specification as JavaScript; made once in a process, and once for the same sources. */
export function specificationCode(): SpecificationCode {
  compiled ??= keptCode(() => ({ ...compileSteps(), ...compileInvariants() }));
  return compiled;
}

/** The compiled steps on tables. */
export function makeSteps(environment: Environment): CompiledSteps {
  return new Function("environment", specificationCode().steps)(environment) as CompiledSteps;
}

/** The compiled invariants on tables. */
export function makeInvariants(environment: Environment): CompiledInvariants {
  const make = new Function("environment", specificationCode().invariants);
  return make(environment) as CompiledInvariants;
}
