import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  availableSolvers,
  CachedSolver,
  createSolver,
  type Solver,
  VerdictCache,
} from "../../../proofs/solver/index.ts";
import * as t from "../../../proofs/term/index.ts";
import { environment, Grower } from "../term/random.ts";

const SECOND = { timeoutMs: 20_000 };
const x = t.variable("x", 32);
const y = t.variable("y", 32);
const word = (value: number) => t.constant(32, value);

/** The prime 2^61 - 1 has no two factors of 32 bits: true, and out of reach in half a second. */
function hard(): string {
  const [left, right] = [t.variable("left", 32), t.variable("right", 32)];
  const product = t.mul(t.zeroExtend(left, 64), t.zeroExtend(right, 64));
  return t.printQuery([t.equal(product, t.constant(64, (1n << 61n) - 1n))]);
}

const available = await availableSolvers();

describe.each(available)("%s", (name) => {
  let solver: Solver;
  beforeAll(() => {
    solver = createSolver(name, { workers: 2 });
  });
  afterAll(() => solver.close());

  test("proves what is true and refutes what is not", async () => {
    const sum = t.printValidity([t.ult(x, y)], t.notEqual(t.sub(y, x), word(0)));
    expect(await solver.solve(sum, SECOND)).toMatchObject({ verdict: "unsat", solver: name });
    const wrong = t.printValidity([t.ult(x, y)], t.ult(t.add(x, word(5)), t.add(y, word(5))));
    expect(await solver.solve(wrong, SECOND)).toMatchObject({ verdict: "sat" });
  });

  test("a model, read back, makes the query true", async () => {
    const table = (index: t.Term) => t.apply("table", [index], 32);
    const claims = [
      t.equal(table(t.truncate(x, 6)), t.add(y, word(7))),
      t.ult(table(t.truncate(y, 6)), word(3)),
      t.not(t.equal(x, y)),
      t.variable("flag", 0),
    ];
    const probes = t.probesOf(claims);
    const result = await solver.solve(t.printQuery(claims, { probes }), {
      ...SECOND,
      wantModel: true,
    });
    expect(result.verdict).toBe("sat");
    const assignment = t.assignmentOf(probes, result.model!);
    expect(t.evaluateAll(claims, assignment)).toEqual([1n, 1n, 1n, 1n]);
  });

  test("a text that is wrong is an error, never a verdict", async () => {
    const bad = [
      "(set-logic QF_UFBV)\n(assert (= nothing #x00))\n",
      "(set-logic QF_UFBV)\n(declare-fun a () (_ BitVec 8))\n(assert (= a #x0000))\n",
      "(set-logic QF_UFBV)\n(assert false",
    ];
    for (const text of bad) {
      expect(await solver.solve(text, SECOND)).toMatchObject({ verdict: "error" });
    }
    await expect(solver.solve("(check-sat)", SECOND)).rejects.toThrow("assertions only");
  });

  test("a query that is too hard is unknown, and the next one works", async () => {
    const result = await solver.solve(hard(), { timeoutMs: 300 });
    expect(result.verdict).toBe("unknown");
    const easy = t.printValidity([], t.equal(t.add(x, y), t.add(y, x)));
    expect((await solver.solve(easy, SECOND)).verdict).toBe("unsat");
  });

  test("agrees with the evaluator on terms of every operator", async () => {
    const values = [1n, 0x80n, 0xdeadbeefn, 0x123456789abcdef0n, 0n, 7n, 0x80000000n, 1n << 63n];
    const start = environment(values);
    const choices = Array.from(
      { length: 997 },
      (_, at) => (at * 7919 + ((at * at) % 1013)) % 65521,
    );
    const grower = new Grower(start, choices);
    for (let step = 0; step < 120; step++) grower.step();
    const inputs = start.words.map((one) =>
      t.equal(one.term, t.constant(one.term.width, one.value)),
    );
    const all = [...grower.words, ...grower.conditions];
    const differs = t.or(
      ...all.map(({ term, value }) =>
        t.not(
          t.equal(
            term,
            term.width ? t.constant(term.width, value) : t.booleanConstant(value === 1n),
          ),
        ),
      ),
    );
    const result = await solver.solve(t.printQuery([...inputs, differs]), SECOND);
    expect(result).toMatchObject({ verdict: "unsat" });
  });
});

describe("cache", () => {
  const folder = mkdtempSync(join(tmpdir(), "verdicts-"));
  const file = join(folder, "unsat");
  afterAll(() => rmSync(folder, { recursive: true }));

  test("keeps unsat only, over runs, and tells texts apart", async () => {
    let asked = 0;
    const counting: Solver = {
      name: "z3",
      version: async () => "1.2",
      close: async () => undefined,
      solve: async (text) => {
        asked++;
        const verdict = text.includes("true") ? "sat" : "unsat";
        return { verdict, ms: 1, solver: "z3", version: "1.2" };
      },
    };
    for (const expected of [2, 3]) {
      const cached = new CachedSolver(counting, new VerdictCache(file));
      expect((await cached.solve("(assert false)", SECOND)).verdict).toBe("unsat");
      expect((await cached.solve("(assert true)", SECOND)).verdict).toBe("sat");
      expect(asked).toBe(expected);
    }
    expect(readFileSync(file, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  });
});

test("a killed child is an error and is replaced", async () => {
  const solver = createSolver("z3-wasm", { workers: 1, memoryMegabytes: 1 });
  try {
    const result = await solver.solve(hard(), { timeoutMs: 5000 });
    expect(result).toMatchObject({ verdict: "error", detail: "out of memory" });
  } finally {
    await solver.close();
  }
});
