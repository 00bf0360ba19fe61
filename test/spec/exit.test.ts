import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as abi from "../../spec/abi.ts";
import { exits } from "../../spec/exit.ts";
import { clausesIn } from "./program.ts";
import { differExits } from "./vcpu-world.ts";
import { corePath, putWords } from "./world.ts";

const built = existsSync(corePath);
const CODE = 0x6000n;

/** All codes that have a meaning but the call's, and some that have none. */
const code = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(abi.VMEXIT_HLT, abi.VMEXIT_INTR) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...exits.map(({ value }) => value).filter((value) => value !== abi.VMEXIT_VMMCALL),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      0,
      0x40,
      0x4d,
      0x65,
      0x7d,
      0x8f,
      0x401,
      0x100000078n,
      0xfffffffffffffffen,
    ),
  },
);
const exit = fc.record({
  code,
  vmcb: fc.record({
    vmcbRip: fc.constantFrom(CODE, CODE + 1n, CODE + 2n, 1n << 40n),
    vmcbExitInterrupt: fc.constantFrom(0n, 0x80000020n, 0x20n),
  }),
});

test.skipIf(!built)(
  "every exit has the same effects on both sides (skipped unless built): an exit that is taken for another is the guest's way out",
  () => {
    const seen = differExits(exit, { numRuns: 35, seed: 21 }, ({ machine }, { vcpu }) => {
      putWords(machine, Math.floor(vcpu / 2) + 1, CODE, [0x00f490f4]);
    });
    const wanted = clausesIn("exit.ts");
    expect(wanted.length).toBeGreaterThan(8);
    expect(wanted.filter((id) => !seen.has(id))).toEqual([]);
  },
);
