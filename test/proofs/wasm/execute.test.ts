import { beforeAll, describe, expect, test } from "vitest";
import * as t from "../../../proofs/term/index.ts";
import {
  decodeModule,
  Executor,
  globalSymbol,
  type HostFunction,
  type Run,
} from "../../../proofs/wasm/index.ts";
import { compile } from "../compile.ts";
import { columns, source } from "./fixture.ts";

const hosts: readonly HostFunction[] = [
  {
    name: "machine.load32",
    parameters: ["address"],
    effect: (state, args) => t.apply("guest32", [state.nextSequence(), args[0]!], 32),
  },
  {
    name: "machine.notify",
    parameters: ["port"],
    effect: (state, args) => {
      state.output("notify", args);
      return undefined;
    },
  },
];

let executor: Executor;

beforeAll(async () => {
  executor = new Executor(decodeModule(await compile(source)), { columns, hosts });
});

const word = (value: number | bigint, width = 32) => t.constant(width, value);
const call = (name: string, ...args: t.Term[]): Run => executor.run(name, args);
const unknown = (name: string): Run => call(name, ...executor.unknownArguments(name));
const kinds = (run: Run) => run.obligations.map((one) => one.kind);

/** The value under contents that give each element a recognisable value. */
function valueIn(term: t.Term, variables: Record<string, bigint>): bigint {
  const applied = t.postorder([term]).filter((part) => part.operator === "apply");
  const assignment = {
    variables: new Map(Object.entries(variables)),
    functions: new Map<string, Map<string, bigint>>(),
  };
  for (const part of applied) {
    const keys = t.evaluateAll(part.operands, assignment);
    const known = assignment.functions.get(part.name) ?? new Map();
    assignment.functions.set(part.name, known.set(t.argumentKey(keys), 1000n + keys[0]!));
  }
  return t.evaluate(term, assignment);
}

describe("straight code", () => {
  test("checks, then a write: one result per refusal, one changed row", () => {
    const run = unknown("take");
    expect(run.obligations).toEqual([]);
    const [caller, row] = executor.unknownArguments("take");
    const index = t.truncate(row!, 6);
    const owner = t.apply("frameOwner", [index], 8);
    const count = t.apply("frameReferences", [index], 32);
    const cases = [
      { row: 64n, owner: 7n, count: 3n, expected: -22n },
      { row: 63n, owner: 6n, count: 3n, expected: -1n },
      { row: 63n, owner: 7n, count: 0xffffffffn, expected: -75n },
      { row: 63n, owner: 7n, count: 3n, expected: 0n },
    ];
    const after = run.final!.read("frameReferences", index);
    for (const one of cases) {
      const known = new Map([
        [owner, word(one.owner, 8)],
        [count, word(one.count)],
        [caller!, word(7)],
        [row!, word(one.row)],
      ]);
      const expected = one.expected === 0n ? one.count + 1n : one.count;
      expect(t.substitute([run.result!, after], known)).toEqual([
        word(one.expected),
        word(expected),
      ]);
    }
    expect(run.accesses.map((one) => `${one.column} ${one.written}`)).toEqual([
      "frameOwner false",
      "frameReferences false",
      "frameReferences true",
    ]);
  });

  test("a missing bounds check is an obligation that is not valid", () => {
    const run = unknown("takeUnchecked");
    expect(kinds(run)).toContain("bounds");
    const [row] = executor.unknownArguments("takeUnchecked");
    const outside = t.substitute([run.obligations[0]!.condition], new Map([[row!, word(64)]]));
    expect(outside[0]).toBe(t.FALSE);
    const inside = t.substitute([run.obligations[0]!.condition], new Map([[row!, word(63)]]));
    expect(inside[0]).toBe(t.TRUE);
  });

  test("the same guest word read twice is two unknown values; effects are guarded", () => {
    const run = unknown("fetchTwice");
    const [address] = executor.unknownArguments("fetchTwice");
    const reads = [0, 1].map((at) => t.apply("guest32", [word(at), address!], 32));
    const isBig = t.not(t.ult(reads[0]!, word(10)));
    expect(run.result).toBe(
      t.ite(t.ult(reads[0]!, word(10)), t.sub(reads[1]!, reads[0]!), word(0)),
    );
    expect(run.final!.outputs.map(({ guard, args }) => [guard, args[0]])).toEqual([
      [isBig, word(1)],
      [t.not(isBig), word(2)],
    ]);
    expect(run.final!.sequence).toBe(t.ite(t.ult(reads[0]!, word(10)), word(2), word(1)));
  });

  test("globals are unknown at first and keep what is written", () => {
    const before = t.variable(globalSymbol("core/ticks"), 32);
    const first = call("tick");
    expect(first.result).toBe(t.add(before, word(1)));
    const second = executor.run("tick", [], first.final);
    expect(second.result).toBe(t.add(before, word(2)));
    const fresh = executor.run("tick", [], executor.initialState({ contents: "initial" }));
    expect(fresh.result).toBe(word(6));
  });

  test("a table of constants is looked up at an unknown index", () => {
    const run = unknown("digit");
    expect(run.obligations).toEqual([]);
    const [at] = executor.unknownArguments("digit");
    for (const [index, digit] of [3, 1, 4, 1, 5, 9, 2, 6].entries()) {
      const [value] = t.substitute([run.result!], new Map([[at!, word(index)]]));
      expect(value).toBe(word(digit));
    }
  });

  test("a switch folds on a constant and covers all cases on an unknown", () => {
    expect(call("choose", word(7)).result).toBe(word(54));
    const run = unknown("choose");
    const [which] = executor.unknownArguments("choose");
    for (const [value, expected] of [
      [0, 10],
      [1, 21],
      [2, 32],
      [3, 43],
      [7, 54],
      [5, 65],
      [99, 65],
    ]) {
      const [result] = t.substitute([run.result!], new Map([[which!, word(value!)]]));
      expect(result).toBe(word(expected!));
    }
  });
});

describe("memory", () => {
  test("a field of a record is a column with a stride", () => {
    const run = unknown("kindOf");
    expect(run.obligations).toEqual([]);
    const [row] = executor.unknownArguments("kindOf");
    const kind = t.zeroExtend(t.apply("blockKind", [t.truncate(row!, 2)], 16), 32);
    expect(run.result).toBe(t.ite(t.ult(row!, word(3)), kind, word(99)));
  });

  test("a wide store over two rows writes both", () => {
    const run = unknown("straddle");
    const [row] = executor.unknownArguments("straddle");
    const index = t.truncate(row!, 6);
    const [low, high] = [0, 1].map((at) =>
      run.final!.read("frameReferences", t.add(index, word(at, 6))),
    );
    const known = new Map([[row!, word(5)]]);
    expect(t.substitute([low!, high!], known)).toEqual([word(1), word(2)]);
  });

  test("memory.fill clears exactly one row of each field of a record", () => {
    const run = unknown("clearBlock");
    const [row] = executor.unknownArguments("clearBlock");
    for (const name of ["blockCode", "blockKind"]) {
      const value = (at: number) =>
        t.substitute([run.final!.read(name, word(at, 2))], new Map([[row!, word(1)]]))[0]!;
      expect(value(1).value).toBe(0n);
      expect(value(1).operator).toBe("constant");
      expect(value(0)).toBe(t.apply(name, [word(0, 2)], value(0).width));
    }
  });

  test("memory.fill and memory.copy of a table are range writes in bounds", () => {
    for (const name of ["clear", "cloneTable"]) {
      const run = unknown(name);
      const args = executor.unknownArguments(name);
      const at = new Map(args.map((arg, place) => [arg, word(2 + 3 * place)]));
      expect(
        t.substitute(
          run.obligations.map((one) => one.condition),
          at,
        ),
      ).toEqual(run.obligations.map(() => t.TRUE));
      const rows = [1023, 1024, 1535, 1536].map((row) =>
        run.final!.read("leafEntry", word(row, 12)),
      );
      const values = t.substitute(rows, at).map((value) => valueIn(value, {}));
      const middle = name === "clear" ? [0n, 0n] : [1000n + 2560n, 1000n + 3071n];
      expect(values).toEqual([2023n, ...middle, 2536n]);
    }
  });

  test("an address in no column is an obligation, not a guess", () => {
    const run = unknown("beyond");
    expect(kinds(run)).toEqual(["unresolved"]);
    expect(run.obligations[0]!.condition).toBe(t.FALSE);
    expect(run.final).toBeUndefined();
  });

  test("division demands a divisor and no overflow", () => {
    expect(kinds(unknown("divide"))).toEqual(["division", "division"]);
    expect(call("divide", word(-7), word(2)).result).toBe(word(-3));
    expect(call("divide", word(0x80000000), word(-1)).final).toBeUndefined();
  });
});

describe("loops", () => {
  test("a counted loop of stores is one range write", () => {
    const run = unknown("split");
    expect(run.loops).toMatchObject([{ summarised: true, iterations: "512" }]);
    const [table, frame] = executor.unknownArguments("split");
    const at = new Map([
      [table!, word(3)],
      [frame!, word(0x100, 64)],
    ]);
    const rows = [1535, 1536, 1537, 2047, 2048].map((row) =>
      run.final!.read("leafEntry", word(row, 12)),
    );
    const entry = (frameNumber: number) => BigInt(frameNumber) * 4096n + 7n;
    expect(t.substitute(rows, at).map((value) => valueIn(value, {}))).toEqual([
      2535n,
      entry(0x100),
      entry(0x101),
      entry(0x100 + 511),
      3048n,
    ]);
  });

  test("summarising and unrolling agree row by row", () => {
    const module = executor.module;
    const unrolled = new Executor(module, { columns, hosts, summarise: false });
    for (const name of ["bump", "upTo", "total"]) {
      const args = executor.unknownArguments(name);
      const at = new Map(args.map((arg) => [arg, word(20)]));
      const [short, long] = [executor, unrolled].map((one) => one.run(name, args));
      expect(short!.loops[0]?.summarised).toBe(name !== "total");
      for (let row = 0; row < 64; row++) {
        const values = [short!, long!].map((run) =>
          run.final!.read("frameReferences", word(row, 6)),
        );
        const [left, right] = t.substitute(values, at);
        expect(valueIn(left!, {})).toBe(valueIn(right!, {}));
      }
    }
  });

  test("a loop whose rounds see each other's stores is not summarised", () => {
    const run = unknown("chained");
    expect(run.loops).toMatchObject([{ summarised: false }]);
    expect(run.loops[0]!.reason).toContain("that other rounds store");
  });

  test("a search leaves in two places: it is unrolled", () => {
    const run = unknown("search");
    expect(run.loops).toMatchObject([{ summarised: false, reason: "it has 2 exits" }]);
    expect(run.obligations).toEqual([]);
  });

  test("a loop without a bound fails an obligation", () => {
    expect(kinds(unknown("forever"))).toContain("loop");
  });

  test("steps grow with rounds and with bytes", () => {
    expect(unknown("split").steps).toBeGreaterThan(512 * 10);
    expect(unknown("clear").steps).toBeGreaterThanOrEqual(512);
    expect(unknown("take").steps).toBeLessThan(60);
  });
});
