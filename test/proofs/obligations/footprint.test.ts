import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { Case } from "../../../proofs/obligations/case.ts";
import { footprint } from "../../../proofs/obligations/footprint.ts";
import type { Goal } from "../../../proofs/obligations/goal.ts";
import { cases } from "../../../proofs/obligations/index.ts";
import { execute } from "../../../proofs/obligations/refine.ts";
import { solveGoals } from "../../../proofs/runner/goals.ts";
import { createSolver } from "../../../proofs/solver/index.ts";
import { decodeModule } from "../../../proofs/wasm/index.ts";
import { columns } from "../../../tcb/core/layout.ts";
import { PORTS } from "../../../tcb/core/limits.ts";

const corePath = fileURLToPath(new URL("../../../build/core.wasm", import.meta.url));
const built = existsSync(corePath);
const solver = createSolver("z3-wasm", { workers: 1 });
afterAll(() => solver.close());

const caseOf = (family: string, operation: string): Case =>
  cases.find((one) => one.family === family && one.operation === operation)!;

const goalsOf = (one: Case): Goal[] =>
  footprint(execute(decodeModule(readFileSync(corePath)), columns, one));

async function verdicts(one: Case): Promise<Record<string, string>> {
  const results = await solveGoals(goalsOf(one), { solvers: [solver], parallel: 1 });
  return Object.fromEntries(results.map(({ property, verdict }) => [property, verdict]));
}

const plain = caseOf("hvm", "pagetable_dying");
const offering = caseOf("event_channel", "alloc_unbound");
const pausing = caseOf("control", "pause");

/** The steps, and then some more. */
const withMore = (one: Case, more: Case["steps"]): Case => ({
  ...one,
  steps: (s, args) => {
    const result = one.steps(s, args);
    more(s, args);
    return result;
  },
});

test.skipIf(!built)(
  "a hypercall leaves the rows of others alone, and offers come by the policy (skipped unless built)",
  async () => {
    expect(await verdicts(plain)).toEqual({ "others keep their rows": "unsat" });
    expect(await verdicts(offering)).toEqual({
      "others keep their rows": "unsat",
      "others keep port": "unsat",
      "channels by policy alone": "unsat",
    });
  },
  180_000,
);

test.skipIf(!built)(
  "steps that write a row of a domain that they were told by number are found (skipped unless built): that is how one guest would stop another",
  async () => {
    const stopping = withMore(plain, (s, [, , , address]) => {
      s.row("domain", address!.low().and(63)).set({ weight: 1 });
      return undefined;
    });
    expect(await verdicts(stopping)).toEqual({ "others keep their rows": "sat" });
  },
  180_000,
);

test.skipIf(!built)(
  "a channel that the policy was not asked about is found (skipped unless built): the confinement of guests rests on it",
  async () => {
    const opening = withMore(plain, (s, [vcpu, , , address]) => {
      const { domain } = s.row("vcpu", vcpu!);
      const port = address!.low().and(PORTS - 1);
      s.row("port", domain, port).set({ state: 2, peerDomain: address!.low().and(63) });
      return undefined;
    });
    expect(await verdicts(opening)).toMatchObject({ "channels by policy alone": "sat" });
  },
  180_000,
);

test.skipIf(!built)(
  "a command acts by the policy alone; one that acts without asking is found (skipped unless built)",
  async () => {
    expect(await verdicts(pausing)).toMatchObject({
      "governs their rows by policy alone": "unsat",
    });
    const silent = withMore(pausing, (s) => {
      s.row("domain", s.row("command").domain.and(63)).set({ weight: 1 });
      return undefined;
    });
    expect(await verdicts(silent)).toMatchObject({ "governs their rows by policy alone": "sat" });
  },
  180_000,
);
