import type { ValueType } from "../wasm/module.ts";
import { opcodes } from "../wasm/opcodes.ts";
import {
  assemble,
  constantCode,
  type FunctionText,
  signed,
  typeCode,
  unsigned,
} from "./assemble.ts";
import type { Random } from "./random.ts";

/** Global 0 is the fuel that every round of a loop burns; 1 and 2 are free to use. */
export const GLOBALS: readonly ValueType[] = ["i32", "i32", "i64"];

/** Parameters of every generated function, and its further locals. */
const PARAMETERS: readonly ValueType[] = ["i32", "i64", "i32"];
const LOCALS: readonly ValueType[] = ["i32", "i64", "i32", "i64"];
const ALL_LOCALS = [...PARAMETERS, ...LOCALS];
const MEMORY_MASK = 0x3f;

interface Operation {
  readonly code: number;
  readonly operands: readonly ValueType[];
  readonly result: ValueType;
}

function operationsByResult(): Record<ValueType, Operation[]> {
  const found: Record<ValueType, Operation[]> = { i32: [], i64: [] };
  for (const [code, { name, immediate }] of opcodes) {
    if (immediate !== "none" || !name.includes(".")) continue;
    const [type, operation] = name.split(".") as [ValueType, string];
    const result = /^(eqz|eq|ne|(lt|gt|le|ge)_[su])$/.test(operation) ? "i32" : type;
    const from = /_(i32|i64)/.exec(operation)?.[1] as ValueType | undefined;
    const isUnary = from !== undefined || /^(eqz|clz|ctz|popcnt|extend\d+_s)$/.test(operation);
    const operand = from ?? type;
    found[result].push({ code, result, operands: isUnary ? [operand] : [operand, operand] });
  }
  return found;
}

const operations = operationsByResult();
const loads: Record<ValueType, number[]> = {
  i32: [0x28, 0x2c, 0x2d, 0x2e, 0x2f],
  i64: [0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35],
};
const stores: Record<ValueType, number[]> = {
  i32: [0x36, 0x3a, 0x3b],
  i64: [0x37, 0x3c, 0x3d, 0x3e],
};

/** An enclosing label: what a branch to it carries. */
type LabelType = ValueType | undefined;

/** Writes well-typed random code. `budget` bounds the size, and falls with every instruction. */
class Writer {
  readonly code: number[] = [];
  readonly #random: Random;
  readonly #labels: LabelType[] = [];
  readonly #callees: number;
  readonly #result: ValueType;
  #budget: number;

  constructor(random: Random, callees: number, result: ValueType, budget: number) {
    this.#random = random;
    this.#callees = callees;
    this.#result = result;
    this.#budget = budget;
  }

  write(): readonly number[] {
    this.#labels.push(this.#result);
    if (!this.#statements(4)) this.#expression(this.#result, 3);
    return this.code;
  }

  #emit(...bytes: number[]): void {
    this.code.push(...bytes);
    this.#budget--;
  }

  /** Some statements; true if control does not reach their end. */
  #statements(depth: number): boolean {
    const count = 1 + this.#random.below(4);
    for (let at = 0; at < count && this.#budget > 0; at++) this.#statement(depth);
    return this.#random.oneIn(9) && this.#jump();
  }

  #jump(): boolean {
    const random = this.#random;
    switch (random.below(4)) {
      case 0:
        if (random.oneIn(3)) this.#emit(0x00);
        else this.#return();
        return true;
      case 1:
        this.#return();
        return true;
      case 2: {
        const depth = random.below(this.#labels.length);
        this.#carry(depth);
        this.#emit(0x0c, depth);
        return true;
      }
      default:
        return this.#branchTable();
    }
  }

  #return(): void {
    this.#expression(this.#result, 1);
    this.#emit(0x0f);
  }

  #labelAt(depth: number): LabelType {
    return this.#labels[this.#labels.length - 1 - depth];
  }

  /** The value that a branch takes along, if its label wants one. */
  #carry(depth: number): void {
    const type = this.#labelAt(depth);
    if (type !== undefined) this.#expression(type, 1);
  }

  #branchTable(): boolean {
    const type = this.#labelAt(this.#random.below(this.#labels.length));
    const fitting = this.#labels.map((_, at) => at).filter((at) => this.#labelAt(at) === type);
    const depths = Array.from({ length: 1 + this.#random.below(6) }, () =>
      this.#random.pick(fitting),
    );
    if (type !== undefined) this.#expression(type, 1);
    this.#expression("i32", 1);
    this.#emit(0x41, ...signed(7n, 32), 0x71);
    this.#emit(0x0e, ...unsigned(depths.length - 1), ...depths);
    return true;
  }

  #inside(label: LabelType, body: () => void): void {
    this.#labels.push(label);
    body();
    this.#labels.pop();
  }

  #statement(depth: number): void {
    const random = this.#random;
    const kind = random.below(depth > 0 ? 14 : 7);
    if (kind <= 2) this.#set();
    else if (kind === 3) this.#store();
    else if (kind === 4) this.#bulk();
    else if (kind === 5) {
      this.#expression(random.pick(["i32", "i64"]), 2);
      this.#emit(0x1a);
    } else if (kind === 6) this.#branchIf();
    else if (kind <= 8) this.#block(depth);
    else if (kind <= 11) this.#if(depth);
    else this.#loop(depth);
  }

  #set(): void {
    if (this.#random.oneIn(4)) {
      const at = 1 + this.#random.below(2);
      this.#expression(GLOBALS[at]!, 2);
      this.#emit(0x24, at);
      return;
    }
    const at = this.#random.below(ALL_LOCALS.length);
    this.#expression(ALL_LOCALS[at]!, 3);
    this.#emit(0x21, at);
  }

  /** An address that is mostly small, so that accesses meet. */
  #address(): void {
    this.#expression("i32", 1);
    if (!this.#random.oneIn(12)) this.#emit(...constantCode("i32", BigInt(MEMORY_MASK)), 0x71);
  }

  #memoryArgument(): number[] {
    return [0, ...unsigned(this.#random.oneIn(20) ? 65_500 : this.#random.below(32))];
  }

  #store(): void {
    const type = this.#random.pick(["i32", "i64"] as const);
    this.#address();
    this.#expression(type, 2);
    this.#emit(this.#random.pick(stores[type]), ...this.#memoryArgument());
  }

  #bulk(): void {
    const isFill = this.#random.oneIn(2);
    this.#address();
    if (isFill) this.#expression("i32", 1);
    else this.#address();
    this.#emit(...constantCode("i32", BigInt(this.#random.below(24))));
    this.#emit(...(isFill ? [0xfc, 11, 0] : [0xfc, 10, 0, 0]));
  }

  #branchIf(): void {
    const depth = this.#random.below(this.#labels.length);
    const type = this.#labelAt(depth);
    this.#carry(depth);
    this.#expression("i32", 2);
    this.#emit(0x0d, depth);
    if (type !== undefined) this.#emit(0x1a);
  }

  #block(depth: number): void {
    this.#emit(0x02, 0x40);
    this.#inside(undefined, () => this.#statements(depth - 1));
    this.#emit(0x0b);
  }

  #if(depth: number): void {
    this.#expression("i32", 2);
    this.#emit(0x04, 0x40);
    this.#inside(undefined, () => this.#statements(depth - 1));
    if (this.#random.oneIn(2)) {
      this.#emit(0x05);
      this.#inside(undefined, () => this.#statements(depth - 1));
    }
    this.#emit(0x0b);
  }

  /** Each round burns fuel; without fuel the function returns. */
  #loop(depth: number): void {
    this.#emit(0x03, 0x40);
    this.#inside(undefined, () => {
      this.#emit(0x23, 0, 0x45, 0x04, 0x40);
      this.#emit(...constantCode(this.#result, 77n), 0x0f, 0x0b);
      this.#emit(0x23, 0, 0x41, 1, 0x6b, 0x24, 0);
      if (this.#statements(depth - 1)) return;
      this.#expression("i32", 2);
      this.#emit(0x0d, 0);
    });
    this.#emit(0x0b);
  }

  #expression(type: ValueType, depth: number): void {
    const random = this.#random;
    const kind = depth === 0 || this.#budget <= 0 ? 5 : random.below(12);
    if (kind <= 4) {
      const operation = random.pick(operations[type]);
      for (const operand of operation.operands) this.#expression(operand, depth - 1);
      this.#emit(operation.code);
    } else if (kind <= 6) this.#leaf(type);
    else if (kind === 7) {
      this.#address();
      this.#emit(random.pick(loads[type]), ...this.#memoryArgument());
    } else if (kind === 8) {
      this.#expression(type, depth - 1);
      this.#expression(type, depth - 1);
      this.#expression("i32", depth - 1);
      this.#emit(0x1b);
    } else if (kind === 9) this.#valueBlock(type, depth);
    else if (kind === 10 && this.#callees > 0) this.#call(type, depth);
    else this.#tee(type, depth);
  }

  #leaf(type: ValueType): void {
    const random = this.#random;
    if (random.oneIn(3)) {
      this.#emit(...constantCode(type, random.word(type === "i32" ? 32 : 64)));
      return;
    }
    if (random.oneIn(6)) {
      this.#emit(0x23, type === "i32" ? random.below(2) : 2);
      return;
    }
    const fitting = ALL_LOCALS.map((_, at) => at).filter((at) => ALL_LOCALS[at] === type);
    this.#emit(0x20, random.pick(fitting));
  }

  #tee(type: ValueType, depth: number): void {
    const fitting = ALL_LOCALS.map((_, at) => at).filter((at) => ALL_LOCALS[at] === type);
    this.#expression(type, depth - 1);
    this.#emit(0x22, this.#random.pick(fitting));
  }

  #valueBlock(type: ValueType, depth: number): void {
    const isIf = this.#random.oneIn(2);
    if (isIf) this.#expression("i32", depth - 1);
    this.#emit(isIf ? 0x04 : 0x02, typeCode(type));
    const part = () => {
      if (!this.#statements(depth - 1)) this.#expression(type, depth - 1);
    };
    this.#inside(type, part);
    if (isIf) {
      this.#emit(0x05);
      this.#inside(type, part);
    }
    this.#emit(0x0b);
  }

  /** Functions give words of alternating type; a wrong one is converted. */
  #call(type: ValueType, depth: number): void {
    const callee = this.#random.below(this.#callees);
    for (const parameter of PARAMETERS) this.#expression(parameter, depth - 1);
    this.#emit(0x10, callee);
    const given = resultOf(callee);
    if (given !== type) this.#emit(type === "i32" ? 0xa7 : 0xac);
  }
}

function resultOf(index: number): ValueType {
  return index % 2 === 0 ? "i32" : "i64";
}

export interface GeneratedModule {
  readonly bytes: Uint8Array;
  /** The function to call, which calls the others. */
  readonly entry: string;
  readonly parameters: readonly ValueType[];
}

/** A module of three functions with random structured control, memory, globals and calls. */
export function generateModule(random: Random, budget: number, fuel: number): GeneratedModule {
  const functions: FunctionText[] = [];
  for (let at = 0; at < 3; at++) {
    const result = resultOf(at);
    const body = [...new Writer(random, at, result, at === 2 ? budget : budget / 3).write()];
    // The entry fills the tank.
    if (at === 2) body.unshift(...constantCode("i32", BigInt(fuel)), 0x24, 0);
    functions.push({ name: `f${at}`, parameters: PARAMETERS, result, locals: LOCALS, body });
  }
  const globals = GLOBALS.map((type) => ({ type, initial: random.word(type === "i32" ? 32 : 64) }));
  const data = [{ address: 0, bytes: Array.from({ length: 96 }, () => random.below(256)) }];
  return { bytes: assemble({ functions, globals, data }), entry: "f2", parameters: PARAMETERS };
}
