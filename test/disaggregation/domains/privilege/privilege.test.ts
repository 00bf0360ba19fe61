// Least privilege of the services: with the rules of its domain.te a service does all that it is
// for; without any single one of them it does not.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "../../../../scripts/artefacts.ts";
import { corePath } from "../../../spec/world.ts";
import { usesConsole, usesStore } from "./ring-scenarios.ts";
import { rulesOf } from "./rules.ts";
import { usesDisk, usesNetwork } from "./scenarios.ts";

const shipped = join(root, "xsm-policy", "policy", "xenolith");
/** Rights that only a machine asks for: in the simulated one nobody sleeps. */
const ON_METAL_ALONE = ["schedule"];

describe.skipIf(!existsSync(corePath)).each([
  { name: "block", works: usesDisk },
  { name: "network", works: usesNetwork },
  { name: "xenstore", works: usesStore },
  { name: "console", works: usesConsole },
])("rights of the $name service", ({ name, works }) => {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-rights-"));
  const text = readFileSync(join(root, "disaggregation", "domains", name, "domain.te"), "utf8");
  writeFileSync(join(folder, "extends"), shipped);
  afterAll(() => rmSync(folder, { recursive: true }));

  function worksWith(rules: string): boolean {
    writeFileSync(join(folder, `${name}.te`), rules);
    try {
      return works(folder);
    } catch {
      return false;
    }
  }

  it("are enough", () => {
    writeFileSync(join(folder, `${name}.te`), text);
    expect(works(folder)).toBe(true);
  });

  const rules = rulesOf(text).filter(({ name: rule }) => {
    return !ON_METAL_ALONE.some((word) => rule.endsWith(` ${word}`));
  });
  it.each(rules)("need $name", ({ rest }) => {
    expect(worksWith(rest)).toBe(false);
  });
});
