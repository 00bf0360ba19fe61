// [metal.stranger]: PVH guests that know nothing of us boot and print through the console.

import type { Check } from "../check.ts";
import { xenolith } from "../cli.ts";
import { guest } from "../guests.ts";

const EXPECTED = ["hello by console_io", "hello by the ring", "powers off"];
const PARAMETERS = [1, 2, 17, 18];

async function boots(name: string): Promise<{ name: string; missing: string[]; code: number }> {
  const { code, stdout } = await xenolith([
    "run",
    "--kernel",
    await guest(name),
    "--timeout",
    "60",
  ]);
  const missing = EXPECTED.filter((text) => !stdout.includes(text));
  for (const index of PARAMETERS) {
    if (!stdout.includes(`parameter ${index} result 0`)) missing.push(`parameter ${index}`);
  }
  return { name, missing, code };
}

export const stranger: Check = {
  name: "metal.stranger",
  claim: "an ELF32-class PVH guest with a 4-byte note boots alone and prints by ring and hypercall",
  short: true,
  async run() {
    const guests = [await boots("stranger32"), await boots("stranger64")];
    const bad = guests.filter(({ missing, code }) => missing.length > 0 || code !== 0);
    const summary =
      bad.length === 0
        ? "both classes boot, print and power off"
        : bad
            .map(
              ({ name, missing, code }) => `${name}: exit ${code}, missing ${missing.join(", ")}`,
            )
            .join("; ");
    return { passed: bad.length === 0, figures: { guests }, summary };
  },
};
