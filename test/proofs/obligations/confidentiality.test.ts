import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { Case } from "../../../proofs/obligations/case.ts";
import { confidentiality } from "../../../proofs/obligations/confidentiality.ts";
import { cases } from "../../../proofs/obligations/index.ts";
import { execute } from "../../../proofs/obligations/refine.ts";
import { solveGoals } from "../../../proofs/runner/goals.ts";
import { createSolver } from "../../../proofs/solver/index.ts";
import { decodeModule } from "../../../proofs/wasm/index.ts";
import { columns } from "../../../tcb/core/layout.ts";
import { SUPERFRAMES } from "../../../tcb/core/limits.ts";

const corePath = fileURLToPath(new URL("../../../build/core.wasm", import.meta.url));
const built = existsSync(corePath);
const solver = createSolver("z3-wasm", { workers: 1 });
afterAll(() => solver.close());

const plain = cases.find((one) => one.operation === "pagetable_dying")!;

/** The steps, with another end. */
const endingIn = (steps: Case["steps"]): Case => ({
  ...plain,
  steps: (s, args) => {
    plain.steps(s, args);
    return steps(s, args);
  },
});

/** What is found to be told, and the solver's word for it. */
async function told(one: Case): Promise<Record<string, string>> {
  const goals = confidentiality(execute(decodeModule(readFileSync(corePath)), columns, one));
  const results = await solveGoals(goals, { solvers: [solver], parallel: 1 });
  return Object.fromEntries(results.map(({ property, verdict }) => [property, verdict]));
}

const result = "tells no more: result";

test.skipIf(!built)(
  "what a domain has of its own it may be told; what another has, it may not (skipped unless built): each guest would read how much memory the others have",
  async () => {
    const own = endingIn((s, [vcpu]) => s.row("domain", s.row("vcpu", vcpu!).domain).frames.wide());
    expect((await told(own))[result] ?? "unsat").toBe("unsat");
    const others = endingIn((s, [, , , address]) =>
      s.row("domain", address!.low().and(63)).frames.wide(),
    );
    expect((await told(others))[result]).toBe("sat");
  },
  180_000,
);

test.skipIf(!built)(
  "an address that comes from another's row is found (skipped unless built): where memory is touched tells the value",
  async () => {
    const touching = endingIn((s, [, , , address]) => {
      s.machine.load8(s.row("domain", address!.low().and(63)).frames.wide());
      return s.word64(0);
    });
    expect((await told(touching))["tells no more: events"]).toBe("sat");
  },
  180_000,
);

test.skipIf(!built)(
  "a choice among what others have is found, and one among the caller's own is not (skipped unless built): a number that was free tells who took the others",
  async () => {
    const isOf = (owner: "caller" | "nobody") =>
      endingIn((s, [vcpu]) => {
        const wanted = s.row("vcpu", vcpu!).domain.add(1);
        const found = s.least(SUPERFRAMES, (at) => {
          const { owner: of } = s.row("super", at);
          return owner === "caller" ? of.eq(wanted) : of.eq(0);
        });
        return found.exists.choose(found.index, 0).wide();
      });
    const property = "tells no more: choices";
    expect((await told(isOf("caller")))[property]).toBe("unsat");
    expect((await told(isOf("nobody")))[property]).toBe("sat");
  },
  180_000,
);
