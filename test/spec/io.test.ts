import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { VMEXIT_IOIO } from "../../spec/abi.ts";
import { clausesIn } from "./program.ts";
import { differExits } from "./vcpu-world.ts";
import { corePath, putWords } from "./world.ts";

const built = existsSync(corePath);
/** The last bytes that a domain of this world has. */
const END = 0x200000n;

const info = fc
  .record({
    port: fc.constantFrom(0x42, 0xe9, 0xe9, 0xe9, 0x604, 0x605, 0x3f8, 0xffff),
    size: fc.constantFrom(0x10, 0x10, 0x20, 0x40, 0),
    flags: fc.constantFrom(0, 0, 1, 4, 5, 8, 12, 12, 13),
  })
  .map(({ port, size, flags }) => port * 65536 + size + flags);
const exit = fc.record({
  code: fc.constant(VMEXIT_IOIO),
  info1: info,
  info2: fc.constantFrom(0x1002, 0xffffffff),
  rax: fc.constantFrom(0x1122334455667788n, 0x20n, 0x41n, 10n, 27n, 127n),
  rcx: fc.constantFrom(0n, 1n, 3n, 64n, 65n, 200n, 1n << 40n),
  rsi: fc.constantFrom(0x5000n, END - 5n, END, 0x5ffcn),
  vmcb: fc.record({ vmcbDsBase: fc.constantFrom(0n, 0n, 0x100n) }),
});

test.skipIf(!built)(
  "port I/O has the same effects on both sides (skipped unless built): a wrong count is an endless instruction, a wrong port another's power button",
  () => {
    const text = Array.from({ length: 80 }, (_, at) => 0x0a414220 + at);
    const seen = differExits(exit, { numRuns: 40, seed: 9 }, ({ machine }, { vcpu }) => {
      const domain = Math.floor(vcpu / 2) + 1;
      putWords(machine, domain, 0x5000n, text);
      putWords(machine, domain, END - 64n, text.slice(0, 16));
    });
    const wanted = clausesIn("io.ts");
    expect(wanted.length).toBe(7);
    expect(wanted.filter((id) => !seen.has(id))).toEqual([]);
  },
);
