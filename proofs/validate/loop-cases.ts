import * as t from "../term/index.ts";
import { type Column, decodeModule, Executor, type Run } from "../wasm/index.ts";
import { assemble, constantCode, unsigned } from "./assemble.ts";
import type { Tally } from "./conformance.ts";
import { HostRun } from "./host-instance.ts";
import type { Random } from "./random.ts";

const ROWS = 64;

/** Tables that loops work on: one of each width. */
const columns: readonly Column[] = [
  { table: "loop", name: "loop4", base: 0, stride: 4, width: 4, rows: ROWS },
  { table: "loop", name: "loop1", base: 512, stride: 1, width: 1, rows: ROWS },
  { table: "loop", name: "loop8", base: 1024, stride: 8, width: 8, rows: ROWS },
  { table: "loop", name: "loop2", base: 2048, stride: 2, width: 2, rows: ROWS },
];

/** Locals: the base row and a value (arguments), the counter, a temporary, a second counter. */
const BASE = 0;
const VALUE = 1;
const COUNTER = 2;
const TEMPORARY = 3;
const SECOND = 4;
const CALLS = 3;

const get = (local: number) => [0x20, ...unsigned(local)];
const set = (local: number) => [0x21, ...unsigned(local)];
const word = (value: number) => constantCode("i32", BigInt(value));

/** Writes one function: a counted loop with stores to tables, some of which can be summarised. */
class LoopWriter {
  readonly #random: Random;

  /** Rounds that store to every row of a table. */
  readonly #isWhole: boolean;
  readonly #favourite: Column;

  constructor(random: Random) {
    this.#random = random;
    this.#isWhole = random.oneIn(6);
    this.#favourite = random.pick(columns);
  }

  /** Rounds mostly read what they write: that is where a wrong summary shows. */
  #column(): Column {
    return this.#random.oneIn(3) ? this.#random.pick(columns) : this.#favourite;
  }

  /** The row that an access touches: mostly base + counter. */
  #row(): number[] {
    if (this.#isWhole) return get(this.#random.oneIn(4) ? BASE : COUNTER);
    switch (this.#random.below(9)) {
      case 0:
        return get(COUNTER);
      case 1:
        return [...get(BASE), ...get(COUNTER), 0x6a, ...word(1), 0x6a];
      case 2:
        return get(BASE);
      case 3:
        return [...get(BASE), ...get(SECOND), 0x6a];
      case 4:
        return [...word(40), ...get(COUNTER), 0x6b];
      default:
        return [...get(BASE), ...get(COUNTER), 0x6a];
    }
  }

  #address(column: Column): number[] {
    const scaled = [...this.#row(), ...word(Math.log2(column.stride)), 0x74];
    return this.#random.oneIn(2) ? [...scaled, ...word(column.base), 0x6a] : scaled;
  }

  /** The static offset that completes an address. */
  #access(code: number, address: number[], column: Column, value: number[] = []): number[] {
    const isComplete = address.at(-1) === 0x6a && address.length > 1 && hasBase(address, column);
    return [...address, ...value, code, 0, ...unsigned(isComplete ? 0 : column.base)];
  }

  #load(column: Column): number[] {
    const code = { 1: 0x2d, 2: 0x2f, 4: 0x28, 8: 0x29 }[column.width]!;
    const loaded = this.#access(code, this.#address(column), column);
    return column.width === 8 ? [...loaded, 0xa7] : loaded;
  }

  #value(depth: number): number[] {
    const random = this.#random;
    switch (random.below(depth > 0 ? 8 : 4)) {
      case 0:
        return get(COUNTER);
      case 1:
        return get(VALUE);
      case 2:
        return word(random.below(1000));
      case 3:
        return random.oneIn(3) ? get(TEMPORARY) : get(SECOND);
      case 4:
        return this.#load(this.#column());
      default: {
        const operator = random.pick([0x6a, 0x6b, 0x6c, 0x71, 0x72, 0x73]);
        return [...this.#value(depth - 1), ...this.#value(depth - 1), operator];
      }
    }
  }

  #store(column: Column): number[] {
    const code = { 1: 0x3a, 2: 0x3b, 4: 0x36, 8: 0x37 }[column.width]!;
    const value = this.#value(2);
    const wide = column.width === 8 ? [...value, 0xad] : value;
    return this.#access(code, this.#address(column), column, wide);
  }

  #statement(): number[] {
    const random = this.#random;
    if (random.oneIn(6)) return [...this.#value(2), ...set(TEMPORARY)];
    const store = this.#store(this.#column());
    if (!random.oneIn(4)) return store;
    return [...this.#value(1), 0x04, 0x40, ...store, 0x0b];
  }

  write(): number[] {
    const random = this.#random;
    const body = Array.from({ length: 1 + random.below(3) }, () => this.#statement()).flat();
    const start = random.oneIn(3) && !this.#isWhole ? random.below(4) : 0;
    const end = this.#isWhole ? ROWS : start + random.below(20);
    const next = [
      ...[...get(COUNTER), ...word(1), 0x6a, ...set(COUNTER)],
      ...[...get(SECOND), ...word(1), 0x6a, ...set(SECOND)],
    ];
    const goesOn = [...get(COUNTER), ...word(end), random.pick([0x49, 0x48, 0x47])];
    const loops = [
      [0x03, 0x40, ...goesOn, 0x04, 0x40, ...body, ...next, 0x0c, 1, 0x0b, 0x0b],
      [0x02, 0x40, 0x03, 0x40, ...goesOn, 0x45, 0x0d, 1, ...body, ...next, 0x0c, 0, 0x0b, 0x0b],
      [0x03, 0x40, ...body, ...next, ...goesOn, 0x0d, 0, 0x0b],
    ];
    const isEmpty = start === end;
    return [
      ...[...get(BASE), ...word(15), 0x71, ...set(BASE)],
      ...[...word(start), ...set(COUNTER), ...word(random.below(3)), ...set(SECOND)],
      // A loop that tests last and counts to its own start would go round 2^32 times.
      ...(isEmpty ? loops[0]! : random.pick(loops)),
      ...[...get(COUNTER), ...get(TEMPORARY), 0x6a],
    ];
  }
}

/** Does the address end in an addition of the column's base? */
function hasBase(address: readonly number[], column: Column): boolean {
  const tail = [...word(column.base), 0x6a];
  return tail.every((byte, at) => address[address.length - tail.length + at] === byte);
}

/** Counted loops, executed once for all arguments and compared at some of them. */
export class LoopCases {
  readonly #random: Random;
  readonly #tally: Tally;

  constructor(random: Random, tally: Tally) {
    this.#random = random;
    this.#tally = tally;
  }

  run(): void {
    const random = this.#random;
    const body = new LoopWriter(random).write();
    const locals = ["i32", "i32", "i32"] as const;
    const parameters = ["i32", "i32"] as const;
    const length = 2048 + 2 * ROWS;
    const data = [{ address: 0, bytes: Array.from({ length }, () => random.below(256)) }];
    const functions = [{ name: "loop", parameters, result: "i32" as const, locals, body }];
    const bytes = assemble({ functions, globals: [], data });
    const executor = new Executor(decodeModule(bytes), { columns });
    const args = executor.unknownArguments("loop");
    const run = executor.run("loop", args, executor.initialState({ contents: "initial" }));
    if (run.loops.some((one) => one.summarised)) this.#tally.summarised++;
    for (let call = 0; call < CALLS; call++) {
      const values = [BigInt(random.bits()), random.word(32)];
      const theirs = new HostRun(bytes);
      const outcome = theirs.call("loop", executor.function("loop").type, values);
      const result = outcome.kind === "returned" ? outcome.result! : 0n;
      const difference = differ(run, args, values, result, theirs);
      this.#tally.loop++;
      if (difference === undefined) continue;
      this.#tally.mismatch("loop", `(${values.join(", ")}): ${difference}`, bytes);
      return;
    }
  }
}

function differ(
  run: Run,
  args: readonly t.Term[],
  values: readonly bigint[],
  expected: bigint,
  theirs: HostRun,
): string | undefined {
  const variables = new Map(args.map((arg, at) => [arg.name, values[at]!]));
  const unsafe = firstUnsafe(run, variables);
  if (unsafe !== undefined) return unsafe;
  const { final, result } = run;
  if (final === undefined || result === undefined) return "we never return";
  const assignment = { variables, functions: new Map() };
  const isKnown = t.postorder([result]).every((part) => !/(lost|hole)/.test(part.name));
  const ours = t.evaluate(result, assignment);
  if (isKnown && ours !== expected) return `result: we ${ours}, V8 ${expected}`;
  const bytes = Buffer.from(theirs.words.buffer);
  for (const { name, base, width } of columns) {
    const rows = Array.from({ length: ROWS }, (_, row) => final.read(name, t.constant(6, row)));
    const read = t.evaluateAll(rows, assignment);
    for (const [row, value] of read.entries()) {
      let other = 0n;
      for (let at = width - 1; at >= 0; at--) {
        other = (other << 8n) | BigInt(bytes[base + row * width + at]!);
      }
      if (value !== other) return `${name} row ${row}: we ${value}, V8 ${other}`;
    }
  }
  return undefined;
}

/** No access leaves its table, in any round. */
function firstUnsafe(run: Run, variables: ReadonlyMap<string, bigint>): string | undefined {
  for (const { condition, detail } of run.obligations) {
    const names = t.postorder([condition]).map((part) => part.name);
    const rounds = [...new Set(names.filter((name) => name.includes("round")))];
    for (let round = 0n; round <= BigInt(ROWS); round++) {
      const more = new Map([...variables, ...rounds.map((name) => [name, round] as const)]);
      const holds = t.evaluate(condition, { variables: more, functions: new Map() });
      if (holds !== 1n) return `${detail} fails in round ${round}`;
    }
  }
  return undefined;
}
