import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cases } from "../../../proofs/obligations/index.ts";
import { Operations } from "../../../proofs/obligations/operations.ts";
import { Code } from "../../../proofs/obligations/runner.ts";
import { decodeModule } from "../../../proofs/wasm/index.ts";
import { columns } from "../../../tcb/core/layout.ts";

const corePath = fileURLToPath(new URL("../../../build/core.wasm", import.meta.url));
const built = existsSync(corePath);

const operationsWith = (known: typeof cases) => {
  const code = new Code(decodeModule(readFileSync(corePath)), columns);
  return new Operations(code, columns, known).all();
};
const unspecified = (known: typeof cases): string[] =>
  operationsWith(known)
    .filter(({ of }) => of === undefined)
    .map(({ name }) => name);

test.skipIf(!built)(
  "operations come from the code: one without its case is unspecified (skipped unless built)",
  () => {
    const all = operationsWith(cases);
    expect(all.find(({ name }) => name === "hypercall 32: 4")?.of).toBe("event_channel: send");
    expect(all.find(({ name }) => name === "exit 0x81")?.of).toBe("hypercall: VMMCALL");
    const without = cases.filter(({ operation }) => operation !== "send");
    expect(unspecified(without)).toContain("hypercall 32: 4");
    expect(unspecified(cases)).not.toContain("hypercall 32: 4");
  },
);

test.skipIf(!built)(
  "a default case that stands for more than the code's default does not hide an operation",
  () => {
    const others = cases.filter(({ family }) => family !== "event_channel");
    const missing = unspecified(others).filter((name) => name.startsWith("hypercall 32"));
    expect(missing.length).toBeGreaterThan(10);
  },
);
