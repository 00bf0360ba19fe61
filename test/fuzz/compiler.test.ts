// Compiled specification against its text: catches an operation, a branch, a refusal or a write
// that the compiler gets wrong, on the core's steps and on events that no core would leave.

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Code } from "../../fuzz/compiler/code.ts";
import {
  type CompiledSteps,
  makeInvariants,
  makeSteps,
  specificationCode,
} from "../../fuzz/compiler/index.ts";
import { prelude } from "../../fuzz/compiler/runtime.ts";
import { CodeTransaction } from "../../fuzz/compiler/transaction.ts";
import { type CodeBool, CodeWord } from "../../fuzz/compiler/word.ts";
import { place, variable } from "../../fuzz/instrument/places.ts";
import { compiledCopy } from "../../fuzz/oracle/copies.ts";
import { keysOf } from "../../fuzz/oracle/instances.ts";
import { FastTransaction } from "../../fuzz/oracle/transaction.ts";
import type { FastBool, FastWord } from "../../fuzz/oracle/word.ts";
import { Chance, generate } from "../../fuzz/program/generate.ts";
import { decode } from "../../fuzz/program/program.ts";
import { columnNamed } from "../../fuzz/world/columns.ts";
import type { Judge, Taken } from "../../fuzz/world/executor.ts";
import type { FuzzMachine } from "../../fuzz/world/machine.ts";
import { World } from "../../fuzz/world/world.ts";
import { handleExit } from "../../spec/exit.ts";
import { invariants } from "../../spec/invariants/index.ts";
import type { Bits, Bool, Word } from "../../spec/lang/word.ts";
import { selectVcpu } from "../../spec/select.ts";
import { linearBytes } from "../../tcb/core/layout.ts";
import { built, realMachine } from "./judged.ts";
import { number, operations } from "./operations.ts";

const BAD = new Error("bad");
/** Invariants copy nothing. */
const noMemory = (): never => {
  throw BAD;
};

/** An operation on two words as compiled code; gives its result as the words show it. */
function compiledOperation(operation: (a: Word, b: Word) => Word | Bool, bits: Bits) {
  const code = new Code();
  const s = new CodeTransaction(code);
  const halves = Array.from({ length: 4 }, () => s.parameter(0xffffffff).lower);
  const [a, b] = [0, 2].map((at) => new CodeWord(s, bits, halves[at]!, halves[at + 1]!));
  s.define("made", halves, () => {
    const result = operation(a!, b!);
    if (!(result instanceof CodeWord)) return `return [${(result as CodeBool).text}];`;
    return `return [${result.lower.text}, ${result.upper.text}];`;
  });
  const text = [prelude, ...code.functions, "return made;"].join("\n");
  const run = new Function("environment", text)({}) as (...all: number[]) => (number | boolean)[];
  return (left: bigint, right: bigint): string => {
    const half = (value: bigint, by: bigint) => Number(BigInt.asIntN(32, value >> by));
    const given = [left, right].flatMap((value) => [half(value, 0n), half(value, 32n)]);
    const [low, high] = run(...given);
    if (typeof low !== "number") return String(low);
    const whole = (BigInt(Number(high) >>> 0) << 32n) | BigInt(low >>> 0);
    return `0x${whole.toString(16)}`;
  };
}

test.each(Object.entries(operations))("%s means the same when compiled", (_name, operation) => {
  const fast = new FastTransaction(new ArrayBuffer(linearBytes));
  const compiled = { 32: compiledOperation(operation, 32), 64: compiledOperation(operation, 64) };
  fc.assert(
    fc.property(number, number, fc.constantFrom<Bits>(32, 64), (left, right, bits) => {
      const [a, b] = [BigInt.asUintN(bits, left), BigInt.asUintN(bits, right)];
      const text = operation(fast.word(bits, a), fast.word(bits, b)).show();
      expect(compiled[bits](a, b)).toBe(text);
    }),
    { seed: 5, numRuns: 200 },
  );
});

/** Carries out each step twice, by text and compiled, and compares all that it leaves. */
class Differential implements Judge {
  readonly #machine: FuzzMachine;
  readonly #text: FastTransaction;
  readonly #tables: Uint8Array;
  readonly #words: Int32Array;
  readonly #steps: CompiledSteps;
  readonly #written = new Int32Array(1 << 20);
  readonly #clauses = new Uint8Array(specificationCode().clauses.length);
  readonly #chance = new Chance(77);
  /** How often both came to an end, and how often neither did. */
  agreed = 0;
  refused = 0;

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
    this.#text = new FastTransaction(machine.bytes.slice(0, linearBytes + 64).buffer);
    this.#tables = machine.bytes.slice(0, linearBytes + 64);
    this.#words = new Int32Array(this.#tables.buffer);
    this.#steps = makeSteps({
      U8: this.#tables,
      U16: new Uint16Array(this.#tables.buffer),
      I32: this.#words,
      W: this.#written,
      EVENTS: machine.words,
      CLAUSES: this.#clauses,
      READS: new Int32Array(0),
      BAD,
      DISAGREES: BAD,
      HALTED: BAD,
      COPY: compiledCopy(this.#tables, machine.bytes, this.#written, BAD),
    });
  }

  #take(address: number): void {
    if (address >= linearBytes) return;
    for (let at = address; at < address + 8; at++) {
      this.#tables[at] = this.#machine.bytes[at]!;
      this.#text.bytes[at] = this.#machine.bytes[at]!;
    }
  }

  follow(from: number, end = this.#machine.logEnd): void {
    for (let at = from; at < end; at += 16) this.#take(this.#machine.words[at >> 2]!);
  }

  renew(): void {}

  restore(end: number): void {
    this.follow(place.log, end);
  }

  settle(): undefined {
    return undefined;
  }

  /** Changes a word of an event, in one step of eight; the lowest byte, so that it can be. */
  #spoil(end: number): void {
    if (this.#chance.below(8) !== 0 || end === place.events) return;
    const at = place.events + this.#chance.below((end - place.events) >> 2) * 4;
    this.#machine.words[at >> 2]! ^= 1 << this.#chance.below(8);
  }

  judge(taken: Taken): undefined {
    if (taken.ended.how !== "done") return;
    const { words } = this.#machine;
    const end = words[variable.eventEnd >> 2]!;
    this.#spoil(end);
    this.#clauses.fill(0);
    this.#text.clauses.clear();
    const byText = this.#byText(taken, end);
    const compiled = this.#compiled(taken, end);
    expect(compiled).toBe(byText);
    if (byText === "not") this.refused++;
    else this.#compare();
    for (const at of this.#text.written) this.#take(at);
    for (let at = 0; at < this.#steps.written(); at++) this.#take(this.#written[at]!);
    this.follow(taken.from);
  }

  #compare(): void {
    this.agreed++;
    const { written, words, clauses } = this.#text;
    const mine = [...this.#written.subarray(0, this.#steps.written())];
    expect(mine).toEqual(written);
    for (const at of written) {
      expect(this.#words[at >> 2]).toBe(words[at >> 2]);
      expect(this.#words[(at >> 2) + 1]).toBe(words[(at >> 2) + 1]);
    }
    const known = specificationCode().clauses.filter((_, index) => this.#clauses[index] === 1);
    expect(known.map(([id]) => id).sort()).toEqual([...clauses.keys()].sort());
  }

  #byText({ door, vcpu }: Taken, end: number): number | "not" {
    const s = this.#text;
    s.begin(this.#machine.words, place.events, end);
    try {
      let chosen = 0;
      if (door === "exit") handleExit(s, s.word32(vcpu));
      else chosen = (selectVcpu(s, s.word32(0)) as FastWord).low32 >>> 0;
      s.finish();
      return chosen;
    } catch {
      return "not";
    }
  }

  #compiled({ door, vcpu }: Taken, end: number): number | "not" {
    try {
      if (door === "select") return this.#steps.select(place.events >> 2, end >> 2);
      this.#steps.exit(vcpu, place.events >> 2, end >> 2);
      return 0;
    } catch (error) {
      if (error !== BAD) throw error;
      return "not";
    }
  }
}

describe.skipIf(!built)("the compiled specification (skipped unless built)", () => {
  it("does what the text does, step by step, whatever the machine answers", () => {
    let judge: Differential | undefined;
    const world = new World(realMachine(), (machine) => {
      judge = new Differential(machine);
      return judge;
    });
    const chance = new Chance(9);
    for (let round = 0; round < 60; round++) {
      world.run(decode(generate(chance)));
      world.reset();
    }
    expect(judge!.agreed).toBeGreaterThan(1000);
    expect(judge!.refused).toBeGreaterThan(30);
  });

  it("says of each row what the text of an invariant says, also of spoilt rows", () => {
    const machine = realMachine();
    const text = new FastTransaction(machine.bytes.buffer as ArrayBuffer);
    const noted = new Int32Array(4096);
    const { bytes: U8, halves: U16, words: I32 } = machine;
    const shared = {
      U8,
      U16,
      I32,
      W: noted,
      EVENTS: I32,
      READS: noted,
      BAD,
      DISAGREES: BAD,
      HALTED: BAD,
      COPY: noMemory,
    };
    const { holds } = makeInvariants({ ...shared, CLAUSES: new Uint8Array(0) });
    const chance = new Chance(3);
    let broken = 0;
    for (const [index, invariant] of invariants.entries()) {
      const named = [invariant.table, ...(invariant.other === undefined ? [] : [invariant.other])];
      for (let round = 0; round < 60; round++) {
        const rows = named.map(() => chance.below(64));
        const keys = named.flatMap((name, at) => keysOf(name, rows[at]!));
        const before = machine.logEnd;
        for (const name of specificationCode().reads[index]!) {
          const { base, stride } = columnNamed(name);
          const at = (base + rows[chance.below(rows.length)]! * stride) & ~3;
          if (chance.below(2) === 0) machine.poke(at, chance.word() >>> chance.below(32));
        }
        const byText = said(
          () => (invariant.holds(text, ...keys.map((key) => text.word32(key))) as FastBool).value,
        );
        const compiled = said(() => (holds[index] as (...all: number[]) => boolean)(...keys));
        expect([invariant.id, compiled]).toEqual([invariant.id, byText]);
        if (!byText) broken++;
        machine.undo(before);
      }
    }
    expect(broken).toBeGreaterThan(100);
  });
});

/** What it gives; false where it reads what does not exist. */
function said(look: () => boolean): boolean {
  try {
    return look();
  } catch {
    return false;
  }
}
