// The specification with code: each word is an expression of the code that is written, and a
// branch is two pieces of it. What comes out is the same steps as JavaScript.

import type { Column } from "../../spec/lang/column.ts";
import { type PrimitiveName, resultBits, resultWidth } from "../../spec/lang/machine.ts";
import { type Case, type Found, Transaction } from "../../spec/lang/transaction.ts";
import type { Bits, Bool, Operand, Word } from "../../spec/lang/word.ts";
import { LINEAR_BASE } from "../../tcb/machine/sim/machine.ts";
import { primitiveNumber } from "../instrument/machine.ts";
import type { Code, Piece } from "./code.ts";
import { ANY, constantHalf, type Half, Scope, ZERO } from "./scope.ts";
import { type Binder, CodeBool, CodeWord, literal } from "./word.ts";

/** The rest of a course of steps is never reached. */
class Unreachable extends Error {}

/** Pieces of more lines become functions. */
const PIECE_LINES = 60;
const GREATEST: Readonly<Record<number, number>> = { 1: 0xff, 2: 0xffff, 4: ANY, 8: ANY };

/** A course of steps that was written down: its result, unless it is never reached. */
interface Course {
  readonly scope: Scope;
  readonly result: CodeWord | undefined;
}

interface Block {
  readonly piece: Piece;
  /** For each name that the piece takes: which of the inputs' halves it is. */
  readonly inputs: readonly number[];
  readonly written: readonly string[];
  readonly results: readonly CodeWord[];
}

export class CodeTransaction extends Transaction implements Binder {
  readonly #code: Code;
  readonly #blocks = new Map<string, Block>();
  /** Clauses in the order in which the text comes to them. */
  readonly clauses: Map<string, { readonly says: string; readonly index: number }>;
  /** Whether each read is noted, for a piece that only reads. */
  notes = false;
  /** Columns of which any row was read. */
  readonly columnsRead = new Set<string>();
  #scope = new Scope(undefined);
  #label: string | undefined;
  #names = 0;

  constructor(code: Code, clauses: CodeTransaction["clauses"] = new Map()) {
    super();
    this.#code = code;
    this.clauses = clauses;
  }

  // ---- code ---------------------------------------------------------------------------------

  #name(kind: "v" | "r" | "L"): string {
    return `${kind}${this.#names++}`;
  }

  #line(text: string): void {
    this.#scope.lines.push(text);
  }

  bind(expression: string, max: number): Half {
    const known = this.#scope.known(expression);
    if (known !== undefined) return known;
    const half = { text: this.#name("v"), max };
    this.#line(`const ${half.text} = ${expression};`);
    this.#scope.know(expression, half);
    return half;
  }

  bindBoth(expression: string): readonly [Half, Half] {
    const low = this.#scope.known(expression);
    const high = this.#scope.known(`${expression}.H1`);
    if (low !== undefined && high !== undefined) return [low, high];
    const made: [Half, Half] = [this.#effect(expression, ANY), this.#effect("H1", ANY)];
    this.#scope.know(expression, made[0]);
    this.#scope.know(`${expression}.H1`, made[1]);
    return made;
  }

  /** A name for what a statement gives that has an effect, or depends on the state. */
  #effect(expression: string, max: number): Half {
    const half = { text: this.#name("v"), max };
    this.#line(`let ${half.text} = ${expression};`);
    return half;
  }

  /** Does something once in this scope. */
  #once(statement: string): void {
    if (this.#scope.known(statement) !== undefined) return;
    this.#scope.know(statement, ZERO);
    this.#line(statement);
  }

  /** Carries steps out in a scope of their own. */
  #inside(scope: Scope, steps: () => void): void {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      steps();
    } finally {
      this.#scope = outer;
    }
  }

  #course(steps: () => Word): Course {
    const scope = new Scope(this.#scope);
    let result: CodeWord | undefined;
    this.#inside(scope, () => {
      try {
        result = steps() as CodeWord;
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
      }
    });
    return { scope, result };
  }

  /** A whole function of the module; gives what the steps gave. */
  define(
    name: string,
    parameters: readonly Half[],
    steps: () => string,
    begin: readonly string[] = [],
  ): void {
    this.#scope = new Scope(undefined);
    this.#label = undefined;
    const end = steps();
    const names = parameters.map(({ text }) => text);
    this.#code.define(name, names, [...begin, ...this.#scope.lines], end);
  }

  /** A parameter of a function, a word of 32 bits. */
  parameter(max: number): CodeWord {
    return new CodeWord(this, 32, { text: this.#name("v"), max }, ZERO);
  }

  // ---- courses of steps -----------------------------------------------------------------------

  /** Names for the result of several courses, of which one is taken. */
  #joined(courses: readonly Course[]): CodeWord | undefined {
    const results = courses.flatMap(({ result }) => (result === undefined ? [] : [result]));
    const [first, ...others] = results;
    if (first === undefined) return undefined;
    const half = (pick: (word: CodeWord) => Half): Half => {
      const own = pick(first);
      if (others.every((other) => pick(other).text === own.text)) return own;
      const max = Math.max(...results.map((result) => pick(result).max));
      return { text: this.#name("r"), max };
    };
    const lower = half((word) => word.lower);
    return new CodeWord(
      this,
      first.bits,
      lower,
      half((word) => word.upper),
    );
  }

  /** The halves of a joined result that a course has to set. */
  #toSet(joined: CodeWord | undefined, result: CodeWord | undefined): [Half, Half][] {
    if (joined === undefined || result === undefined) return [];
    const pairs: [Half, Half][] = [
      [joined.lower, result.lower],
      [joined.upper, result.upper],
    ];
    return pairs.filter(([name, value]) => name.text !== value.text);
  }

  /** The lines of a course that ends with setting the joined result. */
  #linesOf({ scope, result }: Course, joined: CodeWord | undefined): readonly string[] {
    const sets = this.#toSet(joined, result);
    if (scope.lines.length <= PIECE_LINES || this.notes) {
      return [...scope.lines, ...sets.map(([name, value]) => `${name.text} = ${value.text};`)];
    }
    const values = sets.map(([, value]) => value);
    const { name, takes, mayRefuse } = this.#code.outline(scope, values);
    const call = `${name}(${takes.join(", ")});`;
    const [first, ...others] = sets;
    const given = this.#name("v");
    return [
      first === undefined ? call : `let ${given} = ${call}`,
      ...(mayRefuse ? [`@after ${this.#label}`] : []),
      ...(first === undefined ? [] : [`${first[0].text} = ${given};`]),
      ...others.map(([half], index) => `${half.text} = H${index + 1};`),
    ];
  }

  /** Names what is joined, before the courses. */
  #announce(joined: CodeWord | undefined, courses: readonly Course[]): void {
    const named = new Set(
      courses.flatMap(({ result }) => this.#toSet(joined, result).map(([name]) => name.text)),
    );
    for (const name of named) this.#line(`let ${name} = 0;`);
  }

  #taken(courses: readonly Course[]): void {
    for (const { scope } of courses) this.#scope.forget(scope.written);
  }

  /** `if` and `else if`: the courses of cases, and the one of none of them. */
  #choice(conditions: readonly CodeBool[], courses: readonly Course[]): Word {
    const joined = this.#joined(courses);
    this.#announce(joined, courses);
    for (const [index, course] of courses.entries()) {
      const condition = conditions[index];
      const head = condition === undefined ? "else" : `if (${condition.text})`;
      const lines = this.#linesOf(course, joined);
      this.#line(
        index === 0 ? `${head} {` : `} ${index < conditions.length ? "else " : ""}${head} {`,
      );
      for (const line of lines) this.#line(line);
    }
    this.#line("}");
    this.#taken(courses);
    if (joined === undefined) throw new Unreachable();
    return joined;
  }

  branch(condition: Bool, whenTrue: () => Word, whenFalse: () => Word): Word {
    const { constant } = condition as CodeBool;
    if (constant !== undefined) return constant ? whenTrue() : whenFalse();
    const courses = [this.#course(whenTrue), this.#course(whenFalse)];
    const [one, other] = courses as [Course, Course];
    const isPlain = one.scope.lines.length + other.scope.lines.length === 0;
    if (isPlain && one.result !== undefined && other.result !== undefined) {
      return condition.choose(one.result, other.result);
    }
    return this.#choice([condition as CodeBool], courses);
  }

  override select(word: Word, cases: readonly Case[], otherwise: () => Word): Word {
    const taken: { condition: CodeBool; steps: () => Word }[] = [];
    let last = otherwise;
    for (const { value, steps } of cases) {
      const condition = word.eq(value) as CodeBool;
      if (condition.constant === false) continue;
      if (condition.constant === true) {
        last = steps;
        break;
      }
      taken.push({ condition, steps });
    }
    if (taken.length === 0) return last();
    const courses = [...taken.map(({ steps }) => this.#course(steps)), this.#course(last)];
    return this.#choice(
      taken.map(({ condition }) => condition),
      courses,
    );
  }

  require(condition: Bool, refusal: Operand): void {
    const { constant, text } = condition as CodeBool;
    if (constant === true || this.#scope.known(`require ${text}`) !== undefined) return;
    if (this.#label === undefined) throw new Error("a refusal outside of every attempt");
    const { lower, upper } = literalOr(this, refusal);
    const refuse = `@refuse ${this.#label} ${lower.text} ${upper.text}`;
    if (constant === false) {
      this.#line(refuse);
      throw new Unreachable();
    }
    this.#line(`if (${(condition.not() as CodeBool).text})`);
    this.#line(refuse);
    this.#scope.know(`require ${text}`, ZERO);
  }

  attempt(steps: () => Word): Word {
    const label = this.#name("L");
    const outer = this.#label;
    this.#label = label;
    let course: Course;
    try {
      course = this.#course(steps);
    } finally {
      this.#label = outer;
    }
    const { scope, result } = course;
    this.#line(`${label}: {`);
    for (const line of scope.lines) this.#line(line);
    const bits = result?.bits ?? 64;
    if (result !== undefined) {
      this.#line(`RL = ${result.lower.text};`);
      this.#line(`RH = ${result.upper.text};`);
    }
    this.#line("}");
    this.#scope.forget(scope.written);
    const lower = this.#effect("RL", ANY);
    return new CodeWord(this, bits, lower, bits === 64 ? this.#effect("RH", ANY) : ZERO);
  }

  least(limit: number, satisfies: (index: Word) => Bool): Found {
    const [exists, found, index] = [this.#name("r"), this.#name("r"), this.#name("r")];
    for (const name of [exists, found]) this.#line(`let ${name} = 0;`);
    const scope = new Scope(this.#scope, true);
    let text = "";
    this.#inside(scope, () => {
      const at = { text: this.#name("v"), max: limit - 1 };
      this.#line(`let ${at.text} = ${index};`);
      text = (satisfies(new CodeWord(this, 32, at, ZERO)) as CodeBool).text;
    });
    this.#line(`for (let ${index} = 0; ${index} < ${limit}; ${index}++) {`);
    for (const line of scope.lines) this.#line(line);
    this.#line(`if (${text}) { ${exists} = 1; ${found} = ${index}; break; }`);
    this.#line("}");
    this.#scope.forget(scope.written);
    const truth = new CodeBool(this, `(${exists} === 1)`);
    return { exists: truth, index: new CodeWord(this, 32, { text: found, max: limit - 1 }, ZERO) };
  }

  /** A loop over numbers below `count`. */
  #loop(count: Half, steps: (round: CodeWord) => void): void {
    const index = this.#name("r");
    const scope = new Scope(this.#scope, true);
    this.#inside(scope, () => {
      const at = { text: this.#name("v"), max: count.max };
      this.#line(`let ${at.text} = ${index};`);
      steps(new CodeWord(this, 32, at, ZERO));
    });
    this.#line(`for (let ${index} = 0; ${index} < ${count.text}; ${index}++) {`);
    for (const line of scope.lines) this.#line(line);
    this.#line("}");
    this.#scope.forget(scope.written);
  }

  repeat(count: Word, steps: (round: Word) => void): void {
    this.#loop((count as CodeWord).lower, steps);
  }

  // ---- steps with a name ----------------------------------------------------------------------

  block(name: string, inputs: readonly (Word | Bool)[], steps: () => Word[]): Word[] {
    const halves = inputs.flatMap((input): Half[] => {
      if (input instanceof CodeWord) return [input.lower, input.upper];
      const { text, constant } = input as CodeBool;
      if (constant !== undefined) return [{ text, value: constant ? 1 : 0, max: 1 }];
      return [this.bind(text, 1)];
    });
    const shape = halves.map(({ text, value, max }, index) => {
      const first = halves.findIndex((half) => half.text === text);
      return value === undefined ? `${first === index ? "new" : first}:${max}` : value;
    });
    const key = [name, ...shape].join(" ");
    const known = this.#blocks.get(key);
    if (known !== undefined) {
      const takes = known.inputs.map((index) => halves[index]!.text);
      return this.#call(known, takes);
    }
    const made = this.#makeBlock(steps, halves);
    if (made.inputs.every((index) => index >= 0)) this.#blocks.set(key, made);
    return this.#call(made, made.piece.takes);
  }

  #makeBlock(steps: () => Word[], halves: readonly Half[]): Block {
    const outer = this.#scope;
    const scope = new Scope(undefined);
    let results: CodeWord[] = [];
    this.#inside(scope, () => {
      try {
        results = steps() as CodeWord[];
      } catch (error) {
        if (error instanceof Unreachable) outer.lines.push(...scope.lines);
        throw error;
      }
    });
    const piece = this.#code.outline(
      scope,
      results.flatMap(({ lower, upper }) => [lower, upper]),
    );
    const inputs = piece.takes.map((name) => halves.findIndex(({ text }) => text === name));
    return { piece, inputs, written: [...scope.written], results };
  }

  #call({ piece, written, results }: Block, takes: readonly string[]): Word[] {
    const first = this.#effect(`${piece.name}(${takes.join(", ")})`, ANY);
    if (piece.mayRefuse) this.#line(`@after ${this.#label}`);
    this.#scope.forget(written);
    const all = results.flatMap(({ lower, upper }) => [lower, upper]);
    const halves = all.map((half, index): Half => {
      if (half.value !== undefined) return half;
      if (index === 0) return { ...first, max: half.max };
      return this.#effect(`H${index}`, half.max);
    });
    return results.map(
      ({ bits }, index) => new CodeWord(this, bits, halves[index * 2]!, halves[index * 2 + 1]!),
    );
  }

  // ---- the state and the machine --------------------------------------------------------------

  protected demand(condition: Bool): void {
    const { constant } = condition as CodeBool;
    if (constant === true) return;
    this.#once(`if (${(condition.not() as CodeBool).text}) throw BAD;`);
  }

  override unspecified(): never {
    this.#line("throw BAD;");
    throw new Unreachable();
  }

  /** Byte offset of a row of a column. */
  #place({ base, stride }: Column, index: Half): Half {
    if (index.value !== undefined) return constantHalf(base + index.value * stride);
    const scaled = stride === 1 ? index.text : `${index.text} * ${stride}`;
    return this.bind(`${base} + ${scaled}`, ANY);
  }

  protected read(column: Column, index: Word): Word {
    const row = (index as CodeWord).lower;
    const known = this.#scope.readAlready(column.name, row.text);
    const bits = column.width === 8 ? 64 : 32;
    if (known !== undefined) return new CodeWord(this, bits, known[0]!, known[1]!);
    const at = this.#place(column, row);
    this.columnsRead.add(column.name);
    if (this.notes) {
      this.#line(`READS[reads++ & 4095] = ${at.text};`);
      this.#line(`sum = (Math.imul(sum, 31) + ${at.text}) | 0;`);
    }
    const cell = (text: string): Half => {
      const half = { text: this.#name("v"), max: GREATEST[column.width]! };
      this.#line(`const ${half.text} = ${text};`);
      return half;
    };
    const array = { 1: "U8", 2: "U16", 4: "I32", 8: "I32" }[column.width];
    const shift = { 1: 0, 2: 1, 4: 2, 8: 2 }[column.width];
    const lower = cell(`${array}[${at.text} >> ${shift}]`);
    const upper = column.width === 8 ? cell(`I32[(${at.text} >> 2) + 1]`) : ZERO;
    this.#scope.keepRead(column.name, row.text, [lower, upper]);
    return new CodeWord(this, bits, lower, upper);
  }

  protected write(column: Column, index: Word, value: Word): void {
    const row = (index as CodeWord).lower;
    const { lower, upper } = value as CodeWord;
    this.#store(column, row, lower, upper);
    this.#scope.forget([column.name]);
    this.#scope.keepRead(column.name, row.text, [lower, upper]);
  }

  #store(column: Column, row: Half, lower: Half, upper: Half): void {
    const at = this.#place(column, row);
    this.#line(`W[wn++] = ${at.text};`);
    if (column.width === 1) this.#line(`U8[${at.text}] = ${lower.text};`);
    else if (column.width === 2) this.#line(`U16[${at.text} >> 1] = ${lower.text};`);
    else this.#line(`I32[${at.text} >> 2] = ${lower.text};`);
    if (column.width === 8) this.#line(`I32[(${at.text} >> 2) + 1] = ${upper.text};`);
  }

  protected writeRows(
    column: Column,
    index: Word,
    count: number,
    value: (distance: Word) => Word,
  ): void {
    this.#loop(constantHalf(count), (round) => {
      const row = (index as CodeWord).add(round) as CodeWord;
      const { lower, upper } = value(round) as CodeWord;
      this.#store(column, row.lower, lower, upper);
    });
    this.#scope.forget([column.name]);
  }

  protected perform(name: PrimitiveName, parameters: readonly Word[]): Word | undefined {
    const given = parameters.flatMap((word) => {
      const { bits, lower, upper } = word as CodeWord;
      return bits === 64 ? [lower.text, upper.text] : [lower.text, "0"];
    });
    const call = `event${parameters.length}(${[primitiveNumber[name], ...given].join(", ")})`;
    const width = resultWidth(name);
    if (name === "halt") {
      this.#line(`${call};`);
      this.#line("throw HALTED;");
      throw new Unreachable();
    }
    if (width === undefined) {
      this.#line(`${call};`);
      return undefined;
    }
    const limit = 2 ** Math.min(resultBits[name] ?? 32, 32) - 1;
    const lower = this.#effect(call, limit);
    return new CodeWord(this, width, lower, width === 64 ? this.#effect("H1", ANY) : ZERO);
  }

  // ---- constants and clauses ------------------------------------------------------------------

  word(bits: Bits, value: number | bigint): CodeWord {
    return literal(this, bits, value);
  }

  truth(value: boolean): Bool {
    return new CodeBool(this, String(value));
  }

  linearBase(): Word {
    return this.word(64, LINEAR_BASE);
  }

  clause(id: string, says: string): void {
    let known = this.clauses.get(id);
    if (known === undefined) {
      known = { says, index: this.clauses.size };
      this.clauses.set(id, known);
    }
    this.#once(`CLAUSES[${known.index}] = 1;`);
  }
}

function literalOr(s: CodeTransaction, operand: Operand): CodeWord {
  return operand instanceof CodeWord ? operand : s.word(64, operand as number | bigint);
}
