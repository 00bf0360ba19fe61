// What would be caught: a closing line of the core that is read wrongly, a table whose columns do
// not stand under their titles, a crash that counts as success.

import { describe, expect, test } from "vitest";
import { closingLine, endedWell } from "../../bin/closing-lines.ts";
import { closingTable } from "../../bin/closing-table.ts";

const line =
  "domain 2 beta state=4 reason=0 vcpus=2 frames=65539 ns=4072191076 hypercalls=1883 denials=3 " +
  "exit.halt=889 exit.cpuid=834";

describe("closing lines", () => {
  test("are read in full", () => {
    expect(closingLine(line)).toEqual({
      domain: 2,
      name: "beta",
      state: "poweroff",
      vcpus: 2,
      memoryMib: 65539 / 256,
      cpuSeconds: 4.072191076,
      hypercalls: 1883,
      denials: 3,
      exits: { halt: 889, cpuid: 834 },
    });
  });

  test.each([
    ["state=4 reason=0", "poweroff", true],
    ["state=4 reason=1", "reboot", false],
    ["state=4 reason=3", "crash", false],
    ["state=2", "running", true],
    ["state=shutdown reason=crash", "shutdown", false],
  ])("%s", (fields, state, well) => {
    const closing = closingLine(`domain 1 a ${fields} vcpus=1`)!;
    expect([closing.state, endedWell(closing)]).toEqual([state, well]);
  });

  test.each(["domain 1 a shut down, reason 0", "domains run", "domain 1 a crashed: triple fault"])(
    "%s is none",
    (text) => {
      expect(closingLine(text)).toBeUndefined();
    },
  );
});

test("the table stands in columns", () => {
  const table = closingTable([closingLine(line)!, closingLine("domain 1 a state=2 vcpus=1")!]);
  expect(table.split("\n")).toEqual([
    "guest  ended by  vCPUs     memory  CPU time  hypercalls  denials  exits",
    "beta   poweroff      2  256.0 MiB    4.07 s        1883        3  1723: halt 889, cpuid 834",
    "a      running       1    0.0 MiB    0.00 s           0        0  0:",
    "",
  ]);
});
