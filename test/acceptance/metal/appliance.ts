// [metal.fresh]: the example appliance boots two unmodified Debian guests to userspace.

import type { Check } from "../check.ts";
import { xenolith } from "../cli.ts";

export const fresh: Check = {
  name: "metal.fresh",
  claim: "the example appliance's two Debian guests reach userspace side by side and power off",
  short: true,
  async run() {
    const ran = await xenolith(["run", "examples/appliance", "--timeout", "240"], 420);
    const seen = (name: string) => new RegExp(`^${name}: .*userspace`, "m").test(ran.stdout);
    const figures = { code: ran.code, alpha: seen("alpha"), beta: seen("beta") };
    const passed = figures.code === 0 && figures.alpha && figures.beta;
    return { passed, figures, summary: JSON.stringify(figures) };
  },
};
