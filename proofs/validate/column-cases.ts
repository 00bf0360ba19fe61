import * as t from "../term/index.ts";
import { type Column, decodeModule, Executor, indexWidth, type Run } from "../wasm/index.ts";
import { assemble, constantCode, unsigned } from "./assemble.ts";
import type { Tally } from "./conformance.ts";
import { HostRun } from "./host-instance.ts";
import type { Random } from "./random.ts";

const field = (name: string, offset: number, width: number): Column => ({
  ...{ table: "record", name, base: 256 + offset, stride: 64, width, rows: 5 },
});

/** Plain columns of each width, one with an odd number of rows, and the fields of a record. */
export const tables: readonly Column[] = [
  { table: "plain", name: "plain1", base: 16, stride: 1, width: 1, rows: 32 },
  { table: "plain", name: "plain4", base: 64, stride: 4, width: 4, rows: 16 },
  { table: "plain", name: "plain8", base: 160, stride: 8, width: 8, rows: 7 },
  field("record8", 0, 8),
  field("record4", 8, 4),
  field("record2", 14, 2),
  field("record1", 40, 1),
  field("recordLast", 56, 8),
  { table: "odd", name: "odd4", base: 640, stride: 12, width: 4, rows: 9 },
  { table: "odd", name: "odd2", base: 646, stride: 12, width: 2, rows: 9 },
];
const CALLS = 6;

const LOADS = { 1: [0x2d, 0x31], 2: [0x2f, 0x33], 4: [0x28, 0x35], 8: [0x29] } as const;
const STORES = { 1: [0x3a, 0x3c], 2: [0x3b, 0x3d], 4: [0x36, 0x3e], 8: [0x37] } as const;

const get = (local: number) => [0x20, local];
const word = (value: number) => constantCode("i32", BigInt(value));

/** Writes accesses whose addresses are made in the many ways in which compilers make them. */
class AccessWriter {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A row number that is often, not always, inside. */
  #row(rows: number): number[] {
    const random = this.#random;
    const argument = get(random.below(2));
    const safe = 2 ** Math.floor(Math.log2(rows)) - 1;
    switch (random.below(14)) {
      case 0:
        return argument;
      case 1:
        return [...argument, ...word(2 * safe + 1), 0x71];
      case 2:
        return [...argument, ...word(safe), 0x71, ...word(1), random.pick([0x6a, 0x6b])];
      case 3:
        return [...word(random.below(rows)), ...word(random.below(rows)), ...get(2), 0x1b];
      case 4:
      case 5:
        return word(random.below(rows));
      case 6:
      case 7:
        return [...argument, ...word(rows), 0x70];
      default:
        return [...argument, ...word(safe), 0x71];
    }
  }

  /** An address of a row and the static offset that belongs to it. */
  #address(column: Column): { code: number[]; offset: number } {
    const random = this.#random;
    const { base, stride, rows } = column;
    const shift = Math.log2(stride);
    const row = this.#row(rows);
    const scaled =
      Number.isInteger(shift) && random.oneIn(2)
        ? [...row, ...word(shift), 0x74]
        : [...row, ...word(stride), 0x6c];
    const off = random.oneIn(16) ? random.pick([1, -1, stride, -stride, 8]) : 0;
    const place = base + off;
    switch (random.below(6)) {
      case 0:
        return { code: [...scaled, ...word(place), 0x6a], offset: 0 };
      case 1:
        return { code: [...word(place - 8), ...scaled, 0x6a], offset: 8 };
      case 2: {
        // Two columns, chosen by a condition.
        const other = random.pick(tables);
        const second = [...this.#row(other.rows), ...word(other.stride), 0x6c];
        const left = [...scaled, ...word(place), 0x6a];
        const right = [...second, ...word(other.base), 0x6a];
        return { code: [...left, ...right, ...get(random.below(3)), 0x1b], offset: 0 };
      }
      default:
        return { code: scaled, offset: place };
    }
  }

  #width(column: Column): 1 | 2 | 4 | 8 {
    const { width } = column;
    return (this.#random.oneIn(10) ? this.#random.pick([1, 2, 4, 8]) : width) as 1 | 2 | 4 | 8;
  }

  /** Leaves a 32-bit word. */
  #load(): number[] {
    const column = this.#random.pick(tables);
    const width = this.#width(column);
    const { code, offset } = this.#address(column);
    const isWide = width === 8 || this.#random.oneIn(2);
    const opcode = LOADS[width][width === 8 ? 0 : isWide ? 1 : 0]!;
    return [...code, opcode, 0, ...unsigned(offset), ...(isWide ? [0xa7] : [])];
  }

  #store(): number[] {
    const random = this.#random;
    const column = random.pick(tables);
    const width = this.#width(column);
    const { code, offset } = this.#address(column);
    const isWide = width === 8 || random.oneIn(2);
    const value = random.oneIn(3)
      ? this.#load()
      : random.pick([get(0), get(1), get(3), word(random.bits() | 0)]);
    const wide = isWide ? [...value, 0xad, ...constantCode("i64", random.word(64)), 0x7c] : value;
    return [
      ...code,
      ...wide,
      STORES[width][width === 8 ? 0 : isWide ? 1 : 0]!,
      0,
      ...unsigned(offset),
    ];
  }

  /** A few bytes beside the row, at times. */
  #slip(): number {
    return this.#random.oneIn(6) ? this.#random.below(17) - 8 : 0;
  }

  #bulk(): number[] {
    const random = this.#random;
    const column = random.pick(tables);
    const target = this.#address(column);
    const rows = 1 + random.below(4);
    const slip = this.#slip();
    const length = random.oneIn(4)
      ? [...get(1), ...word(3), 0x71, ...word(column.stride), 0x6c]
      : word(Math.max(0, rows * column.stride + (random.oneIn(2) ? -slip : this.#slip())));
    const start = [...target.code, ...word(target.offset + slip), 0x6a];
    if (random.oneIn(2)) return [...start, ...get(0), ...length, 0xfc, 11, 0];
    const other = random.oneIn(2) ? column : random.pick(tables);
    const source = this.#address(other);
    return [...start, ...source.code, ...word(source.offset), 0x6a, ...length, 0xfc, 10, 0, 0];
  }

  write(): number[] {
    const random = this.#random;
    const body: number[] = [];
    for (let count = 1 + random.below(3); count > 0; count--) {
      const kind = random.below(6);
      if (kind <= 2) body.push(...this.#store());
      else if (kind <= 4) body.push(...get(3), ...this.#load(), 0x6a, 0x21, 3);
      else body.push(...this.#bulk());
      if (!random.oneIn(4)) continue;
      body.push(...get(random.below(3)), 0x04, 0x40, ...this.#store(), 0x0b);
    }
    return [...body, ...get(3)];
  }
}

/**
 * Accesses to tables: where the executor's demands are met, its tables and results have to be V8's.
 * (Where they are not met it claims nothing; the cases are counted apart.)
 */
export class ColumnCases {
  readonly #random: Random;
  readonly #tally: Tally;

  constructor(random: Random, tally: Tally) {
    this.#random = random;
    this.#tally = tally;
  }

  run(): void {
    const random = this.#random;
    const parameters = ["i32", "i32", "i32"] as const;
    const body = new AccessWriter(random).write();
    // Only in columns: data between them would be a constant area, which nothing may write.
    const data = tables.map(({ base, stride, width, rows }) => {
      const length = stride === width ? rows * width : width;
      return { address: base, bytes: Array.from({ length }, () => random.below(256)) };
    });
    const functions = [
      { name: "access", parameters, result: "i32" as const, locals: ["i32" as const], body },
    ];
    const bytes = assemble({ functions, globals: [], data });
    const executor = new Executor(decodeModule(bytes), { columns: tables });
    const args = executor.unknownArguments("access");
    const run = executor.run("access", args, executor.initialState({ contents: "initial" }));
    for (let call = 0; call < CALLS; call++) {
      const values = parameters.map(() =>
        random.oneIn(3) ? random.word(32) : BigInt(random.below(20)),
      );
      const variables = new Map(args.map((arg, at) => [arg.name, values[at]!]));
      const assignment = { variables, functions: new Map() };
      const demands = t.and(...run.obligations.map((one) => one.condition));
      this.#tally.column++;
      if (t.evaluate(demands, assignment) !== 1n) {
        this.#tally.unclaimed++;
        continue;
      }
      const difference = this.#differ(run, assignment, bytes, executor, values);
      if (difference === undefined) continue;
      this.#tally.mismatch("column", `(${values.join(", ")}): ${difference}`, bytes);
      return;
    }
  }

  #differ(
    run: Run,
    assignment: t.Assignment,
    bytes: Uint8Array,
    executor: Executor,
    values: readonly bigint[],
  ): string | undefined {
    const theirs = new HostRun(bytes);
    const outcome = theirs.call("access", executor.function("access").type, values);
    if (outcome.kind === "trapped") return "V8 trapped";
    if (run.final === undefined || run.result === undefined) return "we never return";
    const result = t.evaluate(run.result, assignment);
    if (result !== outcome.result) return `result: we ${result}, V8 ${outcome.result}`;
    const buffer = Buffer.from(theirs.words.buffer);
    for (const column of tables) {
      const { name, base, stride, width, rows } = column;
      const read = Array.from({ length: rows }, (_, row) =>
        run.final!.read(name, t.constant(indexWidth(column), row)),
      );
      for (const [row, value] of t.evaluateAll(read, assignment).entries()) {
        let other = 0n;
        for (let at = width - 1; at >= 0; at--) {
          other = (other << 8n) | BigInt(buffer[base + row * stride + at]!);
        }
        if (value !== other) return `${name} row ${row}: we ${value}, V8 ${other}`;
      }
    }
    return undefined;
  }
}
