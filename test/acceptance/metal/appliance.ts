// [metal.fresh]: the example appliance boots unmodified Debian guests, which do what they are for.

import { makeToolsRoot } from "../../../scripts/debian-tools.ts";
import type { Check } from "../check.ts";
import { xenolith } from "../cli.ts";

const GUESTS = ["web", "client", "hermit"] as const;

export const fresh: Check = {
  name: "metal.fresh",
  claim: "the example appliance's three Debian guests run side by side and power off",
  short: true,
  async run() {
    makeToolsRoot();
    const ran = await xenolith(["run", "examples/appliance", "--timeout", "400"], 500);
    const seen = GUESTS.map(
      (name) =>
        [name, new RegExp(`^${name}: guest: role .* ended with 0`, "m").test(ran.stdout)] as const,
    );
    const figures = { code: ran.code, ...Object.fromEntries(seen) };
    const passed = ran.code === 0 && seen.every(([, ended]) => ended);
    return { passed, figures, summary: JSON.stringify(figures) };
  },
};
