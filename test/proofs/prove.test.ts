import { afterAll, beforeAll, expect, test } from "vitest";
import { createSolver, type Solver } from "../../proofs/solver/index.ts";
import * as t from "../../proofs/term/index.ts";
import { engine } from "../../proofs/wasm/engine.ts";
import {
  decodeModule,
  Executor,
  type HostFunction,
  initialValue,
} from "../../proofs/wasm/index.ts";
import { compile } from "./compile.ts";
import { columns, source } from "./wasm/fixture.ts";

const hosts: readonly HostFunction[] = [
  {
    name: "machine.load32",
    parameters: ["address"],
    effect: (state, args) => t.apply("guest32", [state.nextSequence(), args[0]!], 32),
  },
  { name: "machine.notify", parameters: ["port"], effect: () => undefined },
];
const LIMIT = { timeoutMs: 30_000 };

let bytes: Uint8Array;
let executor: Executor;
let solver: Solver;

beforeAll(async () => {
  bytes = await compile(source);
  executor = new Executor(decodeModule(bytes), { columns, hosts });
  solver = createSolver("z3-wasm");
});
afterAll(() => solver.close());

const word = (value: number, width = 32) => t.constant(width, value);
const verdict = async (text: string) => (await solver.solve(text, LIMIT)).verdict;

test("code refines a specification, column by column, at one row that stands for all", async () => {
  const [caller, row] = executor.unknownArguments("take");
  const run = executor.run("take", [caller!, row!]);
  const index = t.truncate(row!, 6);
  const count = t.apply("frameReferences", [index], 32);
  const refusals: [t.Term, number][] = [
    [t.ule(word(64), row!), -22],
    [t.notEqual(t.apply("frameOwner", [index], 8), t.truncate(caller!, 8)), -1],
    [t.equal(count, word(-1)), -75],
  ];
  const result = refusals.reduceRight(
    (rest, [when, code]) => t.ite(when, word(code), rest),
    word(0),
  );
  const k = t.variable("k", 6);
  const isWritten = t.and(t.equal(result, word(0)), t.equal(k, index));
  const old = initialValue(columns[0]!, k);
  const expected = t.ite(isWritten, t.add(count, word(1)), old);
  const goals = [
    ...run.obligations.map((one) => one.condition),
    t.equal(run.result!, result),
    t.equal(run.final!.read("frameReferences", k), expected),
  ];
  for (const goal of goals) expect(await verdict(t.printValidity([], goal))).toBe("unsat");
});

test("a split of 512 entries is proved with one query, and one entry off is refuted", async () => {
  const [table, frame] = executor.unknownArguments("split");
  const run = executor.run("split", [table!, frame!]);
  const k = t.variable("k", 12);
  const slot = t.zeroExtend(t.truncate(k, 9), 64);
  const inTable = t.and(
    t.ult(table!, word(8)),
    t.equal(t.extract(k, 11, 9), t.truncate(table!, 3)),
  );
  const entry = (first: t.Term) =>
    t.bitOr(t.shiftLeft(t.add(first, slot), word(12, 64)), word(7, 64));
  const goal = (first: t.Term) =>
    t.equal(
      run.final!.read("leafEntry", k),
      t.ite(inTable, entry(first), t.apply("leafEntry", [k], 64)),
    );
  const safe = t.and(...run.obligations.map((one) => one.condition));
  expect(await verdict(t.printValidity([], safe))).toBe("unsat");
  expect(await verdict(t.printValidity([], goal(frame!)))).toBe("unsat");
  expect(await verdict(t.printValidity([], goal(t.add(frame!, word(1, 64)))))).toBe("sat");
});

test("a counterexample to trap freedom leaves its table in V8 too", async () => {
  const [row] = executor.unknownArguments("takeUnchecked");
  const run = executor.run("takeUnchecked", [row!]);
  const unsafe = t.not(run.obligations[0]!.condition);
  // Keep to memory that V8 has, to see the wrong store rather than a trap.
  const claims = [unsafe, t.ult(row!, word(1000))];
  const probes = t.probesOf(claims);
  const text = t.printQuery(claims, { probes });
  const { model } = await solver.solve(text, { ...LIMIT, wantModel: true });
  const assignment = t.assignmentOf(probes, model!);
  expect(t.evaluateAll(claims, assignment)).toEqual([1n, 1n]);
  const outside = Number(t.evaluate(row!, assignment));
  expect(outside).toBeGreaterThanOrEqual(64);
  const machine = { load32: () => 0, notify: () => undefined };
  const { exports } = new engine.Instance(new engine.Module(bytes), { machine });
  (exports.takeUnchecked as (row: number) => void)(outside);
  const { buffer } = exports.memory as { readonly buffer: ArrayBuffer };
  expect(new Uint32Array(buffer)[65536 / 4 + outside]).toBe(1);
});
