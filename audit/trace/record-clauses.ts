// Set-up of a test run that notes which clauses each test reaches: what the specification's two
// interpretations with numbers are told of clauses, and which invariants are looked at.

import { appendFileSync } from "node:fs";
import { afterEach, beforeEach, expect } from "vitest";
import { FastTransaction } from "../../fuzz/oracle/transaction.ts";
import { invariants } from "../../spec/invariants/index.ts";
import { ConcreteTransaction } from "../../spec/lang/concrete.ts";

const file = process.env.XENOLITH_CLAUSES;
const reached = new Set<string>();

/** Has `note` called before a method. */
function watch<T extends object>(owner: T, name: keyof T, note: (first: unknown) => void): void {
  const original = owner[name] as (...all: unknown[]) => unknown;
  const watched = function (this: unknown, ...all: unknown[]): unknown {
    note(all[0]);
    return original.apply(this, all);
  };
  Object.defineProperty(owner, name, { value: watched, configurable: true, writable: true });
}

for (const { prototype } of [ConcreteTransaction, FastTransaction]) {
  watch(prototype, "clause", (id) => reached.add(String(id)));
}
for (const one of invariants) watch(one, "holds", () => reached.add(one.id));

beforeEach(() => reached.clear());

afterEach(({ task }) => {
  if (file === undefined || reached.size === 0) return;
  const { testPath, currentTestName } = expect.getState();
  const passed = task.result?.state !== "fail";
  const line = { file: testPath, name: currentTestName, passed, clauses: [...reached].sort() };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
});
