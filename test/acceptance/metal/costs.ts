// [metal.costs]: instructions of the everyday exits with 16 domains, exact under -icount.

import type { Check } from "../check.ts";
import { benchRows } from "./bench.ts";

/** The most instructions that each may take, its guest's own few included. */
const LIMITS: Readonly<Record<string, number>> = {
  hypercall_null: 220,
  cpuid_exit: 180,
  event_send: 450,
};

export const costs: Check = {
  name: "metal.costs",
  claim:
    "null hypercall <= 220 instructions with its policy check, event send <= 450, CPUID <= 180",
  short: true,
  async run() {
    const rows = await benchRows(Object.keys(LIMITS), false);
    const measured = Object.entries(LIMITS).map(([name, most]) => {
      return { name, most, instructions: rows.get(name)?.xenolith ?? Number.NaN };
    });
    return {
      passed: measured.every(({ instructions, most }) => instructions <= most),
      figures: Object.fromEntries(measured.map((one) => [one.name, one.instructions])),
      summary: measured.map((one) => `${one.name} ${one.instructions}`).join(", "),
    };
  },
};
