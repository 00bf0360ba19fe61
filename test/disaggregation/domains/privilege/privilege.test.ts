// Least privilege of the services: with the rules of its domain.te a service does all that it is
// for; without any single one of them it does not.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "../../../../scripts/artefacts.ts";
import { corePath } from "../../../spec/world.ts";
import { usesControl } from "./control-scenarios.ts";
import { keeps } from "./keeper-scenarios.ts";
import { usesConsole, usesStore } from "./ring-scenarios.ts";
import { rulesOf } from "./rules.ts";
import { usesDisk, usesNetwork } from "./scenarios.ts";

const shipped = join(root, "xsm-policy", "policy", "xenolith");

describe.skipIf(!existsSync(corePath)).each([
  { name: "block", works: usesDisk },
  { name: "network", works: usesNetwork },
  { name: "xenstore", works: usesStore },
  { name: "console", works: usesConsole },
  { name: "builder", works: usesControl },
  { name: "toolstack", works: usesControl },
  { name: "keeper", works: keeps },
])("rights of the $name service", ({ name, works }) => {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-rights-"));
  const text = readFileSync(join(root, "disaggregation", "domains", name, "domain.te"), "utf8");
  writeFileSync(join(folder, "extends"), shipped);
  afterAll(() => rmSync(folder, { recursive: true }));

  async function worksWith(rules: string): Promise<boolean> {
    writeFileSync(join(folder, `${name}.te`), rules);
    try {
      return await works(folder);
    } catch {
      return false;
    }
  }

  it("are enough", async () => {
    writeFileSync(join(folder, `${name}.te`), text);
    expect(await works(folder)).toBe(true);
  });

  it.each(rulesOf(text))("need $name", async ({ rest }) => {
    expect(await worksWith(rest)).toBe(false);
  });
});
