import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cases } from "../../../proofs/obligations/index.ts";
import { plantedBugs } from "./bugs.ts";

const core = fileURLToPath(new URL("../../../tcb/core/", import.meta.url));

test("there are 25 planted bugs or more, each with a name of its own", () => {
  const names = plantedBugs.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(25);
});

test.each(plantedBugs)(
  "$name lies in one place of the core, in an operation that has a case",
  (bug) => {
    const text = readFileSync(core + bug.file, "utf8");
    expect(text.split(bug.from)).toHaveLength(2);
    const { family, operation } = bug;
    const own = cases.filter((one) => one.family === family && one.operation === operation);
    expect(own).toHaveLength(1);
  },
);
