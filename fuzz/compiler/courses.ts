// What compiled steps are made of: lines in scopes, and courses of steps of which one is taken.

import { Transaction } from "../../spec/lang/transaction.ts";
import type { Word } from "../../spec/lang/word.ts";
import type { Code } from "./code.ts";
import { ANY, type Half, Scope, ZERO } from "./scope.ts";
import { type Binder, type CodeBool, CodeWord } from "./word.ts";

/** The rest of a course of steps is never reached. */
export class Unreachable extends Error {}

/** Pieces of more lines become functions. */
const PIECE_LINES = 60;

/** A course of steps that was written down: its result, unless it is never reached. */
export interface Course {
  readonly scope: Scope;
  readonly result: CodeWord | undefined;
}

/** Where code goes: names, lines, scopes, and courses of steps of which one is taken. */
export abstract class CodeCourses extends Transaction implements Binder {
  protected readonly code: Code;
  /** Clauses in the order in which the text comes to them. */
  readonly clauses: Map<string, { readonly says: string; readonly index: number }>;
  /** Whether each read is noted, for a piece that only reads. */
  notes = false;
  /** Columns of which any row was read. */
  readonly columnsRead = new Set<string>();
  protected scope = new Scope(undefined);
  protected label: string | undefined;
  #names = 0;

  constructor(code: Code, clauses: CodeCourses["clauses"] = new Map()) {
    super();
    this.code = code;
    this.clauses = clauses;
  }

  // ---- code ---------------------------------------------------------------------------------

  protected freshName(kind: "v" | "r" | "L"): string {
    return `${kind}${this.#names++}`;
  }

  protected emit(text: string): void {
    this.scope.lines.push(text);
  }

  bind(expression: string, max: number): Half {
    const known = this.scope.known(expression);
    if (known !== undefined) return known;
    const half = { text: this.freshName("v"), max };
    this.emit(`const ${half.text} = ${expression};`);
    this.scope.know(expression, half);
    return half;
  }

  bindBoth(expression: string): readonly [Half, Half] {
    const low = this.scope.known(expression);
    const high = this.scope.known(`${expression}.H1`);
    if (low !== undefined && high !== undefined) return [low, high];
    const made: [Half, Half] = [this.effect(expression, ANY), this.effect("H1", ANY)];
    this.scope.know(expression, made[0]);
    this.scope.know(`${expression}.H1`, made[1]);
    return made;
  }

  /** A name for what a statement gives that has an effect, or depends on the state. */
  protected effect(expression: string, max: number): Half {
    const half = { text: this.freshName("v"), max };
    this.emit(`let ${half.text} = ${expression};`);
    return half;
  }

  /** Does something once in this scope. */
  protected once(statement: string): void {
    if (this.scope.known(statement) !== undefined) return;
    this.scope.know(statement, ZERO);
    this.emit(statement);
  }

  /** Carries steps out in a scope of their own. */
  protected inside(scope: Scope, steps: () => void): void {
    const outer = this.scope;
    this.scope = scope;
    try {
      steps();
    } finally {
      this.scope = outer;
    }
  }

  protected course(steps: () => Word): Course {
    const scope = new Scope(this.scope);
    let result: CodeWord | undefined;
    this.inside(scope, () => {
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
    this.scope = new Scope(undefined);
    this.label = undefined;
    const end = steps();
    const names = parameters.map(({ text }) => text);
    this.code.define(name, names, [...begin, ...this.scope.lines], end);
  }

  /** A parameter of a function, a word of 32 bits. */
  parameter(max: number): CodeWord {
    return new CodeWord(this, 32, { text: this.freshName("v"), max }, ZERO);
  }

  // ---- courses of steps -----------------------------------------------------------------------

  /** Names for the result of several courses, of which one is taken. */
  #joined(courses: readonly Course[]): CodeWord | undefined {
    const results = courses.flatMap(({ result }) => (result === undefined ? [] : [result]));
    const [first, ...others] = results;
    if (first === undefined) return undefined;
    // The name of one course alone is known to nobody outside of it.
    const isAlone = others.length === 0 && courses.length > 1;
    const half = (pick: (word: CodeWord) => Half): Half => {
      const own = pick(first);
      const isOne = others.every((other) => pick(other).text === own.text);
      if (isOne && (!isAlone || own.value !== undefined)) return own;
      const max = Math.max(...results.map((result) => pick(result).max));
      return { text: this.freshName("r"), max };
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
    const { name, takes, mayRefuse } = this.code.outline(scope, values);
    const call = `${name}(${takes.join(", ")});`;
    const [first, ...others] = sets;
    const given = this.freshName("v");
    return [
      first === undefined ? call : `let ${given} = ${call}`,
      ...(mayRefuse ? [`@after ${this.label}`] : []),
      ...(first === undefined ? [] : [`${first[0].text} = ${given};`]),
      ...others.map(([half], index) => `${half.text} = H${index + 1};`),
    ];
  }

  /** Names what is joined, before the courses. */
  #announce(joined: CodeWord | undefined, courses: readonly Course[]): void {
    const named = new Set(
      courses.flatMap(({ result }) => this.#toSet(joined, result).map(([name]) => name.text)),
    );
    for (const name of named) this.emit(`let ${name} = 0;`);
  }

  #taken(courses: readonly Course[]): void {
    for (const { scope } of courses) this.scope.forget(scope.written);
  }

  /** `if` and `else if`: the courses of cases, and the one of none of them. */
  protected choice(conditions: readonly CodeBool[], courses: readonly Course[]): Word {
    const joined = this.#joined(courses);
    this.#announce(joined, courses);
    for (const [index, course] of courses.entries()) {
      const condition = conditions[index];
      const head = condition === undefined ? "else" : `if (${condition.text})`;
      const lines = this.#linesOf(course, joined);
      this.emit(
        index === 0 ? `${head} {` : `} ${index < conditions.length ? "else " : ""}${head} {`,
      );
      for (const line of lines) this.emit(line);
    }
    this.emit("}");
    this.#taken(courses);
    if (joined === undefined) throw new Unreachable();
    return joined;
  }
}
