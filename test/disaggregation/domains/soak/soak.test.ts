// Catches a row of any table, or a node of xenstore, that a guest leaves behind. The check
// services.soak does the same for 200 rounds.

import { existsSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { columns } from "../../../../tcb/core/layout.ts";
import { corePath } from "../../../spec/world.ts";
import { ensureLoader } from "../../loader/built.ts";
import { soak } from "./rounds.ts";

describe.skipIf(!existsSync(corePath))("guests that come and go", () => {
  beforeAll(ensureLoader);

  it("leave every table as it was", async () => {
    expect(await soak(2, 3, columns)).toEqual({ created: 6, changed: [] });
  });
});
