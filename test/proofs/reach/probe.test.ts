import { beforeAll, expect, test } from "vitest";
import { casesOf, type Outcome, withEntries, withOutcomes } from "../../../proofs/reach/probe.ts";
import { evaluate, FALSE } from "../../../proofs/term/index.ts";
import { assemble, constantCode } from "../../../proofs/validate/assemble.ts";
import {
  decodeModule,
  Executor,
  type Instruction,
  type WasmModule,
} from "../../../proofs/wasm/index.ts";

const WORD = "argument0.i32";
let module: WasmModule;

/** All outcomes of a module's branches, in the order of the bytes. */
function outcomesIn(name: string, body: readonly Instruction[]): Outcome[] {
  return body.flatMap((one) => [
    ...Array.from({ length: casesOf(one) }, (_, outcome) => {
      return { function: name, offset: one.offset, outcome };
    }),
    ...outcomesIn(name, one.body ?? []),
    ...outcomesIn(name, one.otherwise ?? []),
  ]);
}

/** For which of these arguments a run of `f` comes to each probe. */
function reachedFor(probed: ReturnType<typeof withEntries>, words: readonly bigint[]) {
  const executor = new Executor(probed.module, { columns: [] });
  const { obligations } = executor.run("f", executor.unknownArguments("f"));
  const found = [...probed.reached(obligations)].filter(([, condition]) => condition !== FALSE);
  return new Map(
    found.map(([probe, condition]) => {
      const holds = (word: bigint) => {
        const variables = new Map([[WORD, word]]);
        return evaluate(condition, { variables, functions: new Map() }) === 1n;
      };
      return [probe, words.filter(holds)];
    }),
  );
}

beforeAll(() => {
  // f(x): if (x < 5) { if (x == 9) nop } select(1, 2, x); br_table x: out, out.
  const five = constantCode("i32", 5n);
  const nine = constantCode("i32", 9n);
  const body = [
    ...[0x20, 0, ...five, 0x49, 0x04, 0x40, 0x20, 0, ...nine, 0x46, 0x04, 0x40, 0x01, 0x0b, 0x0b],
    ...[...constantCode("i32", 1n), ...constantCode("i32", 2n), 0x20, 0, 0x1b, 0x1a],
    ...[0x02, 0x40, 0x20, 0, 0x0e, 1, 0, 0, 0x0b],
  ];
  const f = { name: "f", parameters: ["i32"] as const, body };
  const other = { name: "never called", parameters: [], body: [0x01] };
  module = decodeModule(assemble({ functions: [f, other], globals: [], data: [] }));
});

test("probes tell for which arguments each way out of a branch is taken", () => {
  const outcomes = outcomesIn("f", module.functions[0]!.body);
  const found = reachedFor(withOutcomes(module, outcomes), [0n, 4n, 5n, 9n]);
  expect(outcomes.map((_, at) => found.get(at) ?? [])).toEqual([
    [5n, 9n],
    [0n, 4n],
    [0n, 4n],
    // Below 5 and equal to 9: no argument comes here.
    [],
    [0n],
    [4n, 5n, 9n],
    [0n],
    [4n, 5n, 9n],
  ]);
});

test("a probe at the entry tells which functions a run executes", () => {
  const found = reachedFor(withEntries(module), [0n]);
  expect([...found.keys()]).toEqual([module.functions[0]!.index]);
});

test("a place that is no branch is an error, not an answer", () => {
  const [first] = outcomesIn("f", module.functions[0]!.body);
  for (const wrong of [{ offset: 1 }, { outcome: 2 }, { function: "g" }]) {
    expect(() => withOutcomes(module, [{ ...first!, ...wrong }])).toThrow("has no outcome");
  }
});
