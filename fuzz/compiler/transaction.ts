// The specification with code: each word is an expression of the code that is written, and a
// branch is two pieces of it. What comes out is the same steps as JavaScript.

import type { Column } from "../../spec/lang/column.ts";
import { type PrimitiveName, resultBits, resultWidth } from "../../spec/lang/machine.ts";
import type { Case, Found } from "../../spec/lang/transaction.ts";
import type { Bits, Bool, Operand, Word } from "../../spec/lang/word.ts";
import { LINEAR_BASE } from "../../tcb/machine/sim/machine.ts";
import { primitiveNumber } from "../instrument/machine.ts";
import type { Piece } from "./code.ts";
import { CodeCourses, type Course, Unreachable } from "./courses.ts";
import { ANY, constantHalf, type Half, Scope, ZERO } from "./scope.ts";
import { CodeBool, CodeWord, literal } from "./word.ts";

const GREATEST: Readonly<Record<number, number>> = { 1: 0xff, 2: 0xffff, 4: ANY, 8: ANY };

interface Block {
  readonly piece: Piece;
  /** For each name that the piece takes: which of the inputs' halves it is. */
  readonly inputs: readonly number[];
  readonly written: readonly string[];
  readonly results: readonly CodeWord[];
}
export class CodeTransaction extends CodeCourses {
  readonly #blocks = new Map<string, Block>();

  branch(condition: Bool, whenTrue: () => Word, whenFalse: () => Word): Word {
    const { constant } = condition as CodeBool;
    if (constant !== undefined) return constant ? whenTrue() : whenFalse();
    const courses = [this.course(whenTrue), this.course(whenFalse)];
    const [one, other] = courses as [Course, Course];
    const isPlain = one.scope.lines.length + other.scope.lines.length === 0;
    if (isPlain && one.result !== undefined && other.result !== undefined) {
      return condition.choose(one.result, other.result);
    }
    return this.choice([condition as CodeBool], courses);
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
    const courses = [...taken.map(({ steps }) => this.course(steps)), this.course(last)];
    return this.choice(
      taken.map(({ condition }) => condition),
      courses,
    );
  }

  require(condition: Bool, refusal: Operand): void {
    const { constant, text } = condition as CodeBool;
    if (constant === true || this.scope.known(`require ${text}`) !== undefined) return;
    if (this.label === undefined) throw new Error("a refusal outside of every attempt");
    const { lower, upper } = literalOr(this, refusal);
    const refuse = `@refuse ${this.label} ${lower.text} ${upper.text}`;
    if (constant === false) {
      this.emit(refuse);
      throw new Unreachable();
    }
    this.emit(`if (${(condition.not() as CodeBool).text})`);
    this.emit(refuse);
    this.scope.know(`require ${text}`, ZERO);
  }

  attempt(steps: () => Word): Word {
    const label = this.freshName("L");
    const outer = this.label;
    this.label = label;
    let course: Course;
    try {
      course = this.course(steps);
    } finally {
      this.label = outer;
    }
    const { scope, result } = course;
    this.emit(`${label}: {`);
    for (const line of scope.lines) this.emit(line);
    const bits = result?.bits ?? 64;
    if (result !== undefined) {
      this.emit(`RL = ${result.lower.text};`);
      this.emit(`RH = ${result.upper.text};`);
    }
    this.emit("}");
    this.scope.forget(scope.written);
    const lower = this.effect("RL", ANY);
    return new CodeWord(this, bits, lower, bits === 64 ? this.effect("RH", ANY) : ZERO);
  }

  least(limit: number, satisfies: (index: Word) => Bool): Found {
    const [exists, found, index] = [this.freshName("r"), this.freshName("r"), this.freshName("r")];
    for (const name of [exists, found]) this.emit(`let ${name} = 0;`);
    const scope = new Scope(this.scope, true);
    let text = "";
    this.inside(scope, () => {
      const at = { text: this.freshName("v"), max: limit - 1 };
      this.emit(`let ${at.text} = ${index};`);
      text = (satisfies(new CodeWord(this, 32, at, ZERO)) as CodeBool).text;
    });
    this.emit(`for (let ${index} = 0; ${index} < ${limit}; ${index}++) {`);
    for (const line of scope.lines) this.emit(line);
    this.emit(`if (${text}) { ${exists} = 1; ${found} = ${index}; break; }`);
    this.emit("}");
    this.scope.forget(scope.written);
    const truth = new CodeBool(this, `(${exists} === 1)`);
    return { exists: truth, index: new CodeWord(this, 32, { text: found, max: limit - 1 }, ZERO) };
  }

  /** A loop over numbers below `count`. */
  #loop(count: Half, steps: (round: CodeWord) => void): void {
    const index = this.freshName("r");
    const scope = new Scope(this.scope, true);
    this.inside(scope, () => {
      const at = { text: this.freshName("v"), max: count.max };
      this.emit(`let ${at.text} = ${index};`);
      steps(new CodeWord(this, 32, at, ZERO));
    });
    this.emit(`for (let ${index} = 0; ${index} < ${count.text}; ${index}++) {`);
    for (const line of scope.lines) this.emit(line);
    this.emit("}");
    this.scope.forget(scope.written);
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
    const outer = this.scope;
    const scope = new Scope(undefined);
    let results: CodeWord[] = [];
    this.inside(scope, () => {
      try {
        results = steps() as CodeWord[];
      } catch (error) {
        if (error instanceof Unreachable) outer.lines.push(...scope.lines);
        throw error;
      }
    });
    const piece = this.code.outline(
      scope,
      results.flatMap(({ lower, upper }) => [lower, upper]),
    );
    const inputs = piece.takes.map((name) => halves.findIndex(({ text }) => text === name));
    return { piece, inputs, written: [...scope.written], results };
  }

  #call({ piece, written, results }: Block, takes: readonly string[]): Word[] {
    const first = this.effect(`${piece.name}(${takes.join(", ")})`, ANY);
    if (piece.mayRefuse) this.emit(`@after ${this.label}`);
    this.scope.forget(written);
    const all = results.flatMap(({ lower, upper }) => [lower, upper]);
    const halves = all.map((half, index): Half => {
      if (half.value !== undefined) return half;
      if (index === 0) return { ...first, max: half.max };
      return this.effect(`H${index}`, half.max);
    });
    return results.map(
      ({ bits }, index) => new CodeWord(this, bits, halves[index * 2]!, halves[index * 2 + 1]!),
    );
  }

  // ---- the state and the machine --------------------------------------------------------------

  protected demand(condition: Bool): void {
    const { constant } = condition as CodeBool;
    if (constant === true) return;
    this.once(`if (${(condition.not() as CodeBool).text}) throw BAD;`);
  }

  protected readRows(column: Column, index: Word, source: Word, count: Word): void {
    const at = this.#place(column, (index as CodeWord).lower);
    const { lower, upper } = source as CodeWord;
    const parameters = [at, lower, upper, (count as CodeWord).lower].map(({ text }) => text);
    this.emit(`wn = COPY(${parameters.join(", ")}, wn);`);
    this.scope.forget([column.name]);
  }

  /** Byte offset of a row of a column. */
  #place({ base, stride }: Column, index: Half): Half {
    if (index.value !== undefined) return constantHalf(base + index.value * stride);
    const scaled = stride === 1 ? index.text : `${index.text} * ${stride}`;
    return this.bind(`${base} + ${scaled}`, ANY);
  }

  protected read(column: Column, index: Word): Word {
    const row = (index as CodeWord).lower;
    const known = this.scope.readAlready(column.name, row.text);
    const bits = column.width === 8 ? 64 : 32;
    if (known !== undefined) return new CodeWord(this, bits, known[0]!, known[1]!);
    const at = this.#place(column, row);
    this.columnsRead.add(column.name);
    if (this.notes) {
      this.emit(`READS[reads++ & 4095] = ${at.text};`);
      this.emit(`sum = (Math.imul(sum, 31) + ${at.text}) | 0;`);
    }
    const cell = (text: string): Half => {
      const half = { text: this.freshName("v"), max: GREATEST[column.width]! };
      this.emit(`const ${half.text} = ${text};`);
      return half;
    };
    const array = { 1: "U8", 2: "U16", 4: "I32", 8: "I32" }[column.width];
    const shift = { 1: 0, 2: 1, 4: 2, 8: 2 }[column.width];
    const lower = cell(`${array}[${at.text} >> ${shift}]`);
    const upper = column.width === 8 ? cell(`I32[(${at.text} >> 2) + 1]`) : ZERO;
    this.scope.keepRead(column.name, row.text, [lower, upper]);
    return new CodeWord(this, bits, lower, upper);
  }

  protected write(column: Column, index: Word, value: Word): void {
    const row = (index as CodeWord).lower;
    const { lower, upper } = value as CodeWord;
    this.#store(column, row, lower, upper);
    this.scope.forget([column.name]);
    this.scope.keepRead(column.name, row.text, [lower, upper]);
  }

  #store(column: Column, row: Half, lower: Half, upper: Half): void {
    const at = this.#place(column, row);
    this.emit(`W[wn++] = ${at.text};`);
    if (column.width === 1) this.emit(`U8[${at.text}] = ${lower.text};`);
    else if (column.width === 2) this.emit(`U16[${at.text} >> 1] = ${lower.text};`);
    else this.emit(`I32[${at.text} >> 2] = ${lower.text};`);
    if (column.width === 8) this.emit(`I32[(${at.text} >> 2) + 1] = ${upper.text};`);
  }

  protected writeRows(
    column: Column,
    index: Word,
    count: Word,
    value: (distance: Word) => Word,
  ): void {
    this.#loop((count as CodeWord).lower, (round) => {
      const row = (index as CodeWord).add(round) as CodeWord;
      const { lower, upper } = value(round) as CodeWord;
      this.#store(column, row.lower, lower, upper);
    });
    this.scope.forget([column.name]);
  }

  protected perform(name: PrimitiveName, parameters: readonly Word[]): Word | undefined {
    const given = parameters.flatMap((word) => {
      const { bits, lower, upper } = word as CodeWord;
      return bits === 64 ? [lower.text, upper.text] : [lower.text, "0"];
    });
    const call = `event${parameters.length}(${[primitiveNumber[name], ...given].join(", ")})`;
    const width = resultWidth(name);
    if (name === "halt") {
      this.emit(`${call};`);
      this.emit("throw HALTED;");
      throw new Unreachable();
    }
    if (width === undefined) {
      this.emit(`${call};`);
      return undefined;
    }
    const limit = 2 ** Math.min(resultBits[name] ?? 32, 32) - 1;
    const lower = this.effect(call, limit);
    return new CodeWord(this, width, lower, width === 64 ? this.effect("H1", ANY) : ZERO);
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
    this.once(`CLAUSES[${known.index}] = 1;`);
  }
}

function literalOr(s: CodeTransaction, operand: Operand): CodeWord {
  return operand instanceof CodeWord ? operand : s.word(64, operand as number | bigint);
}
