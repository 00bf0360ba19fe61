// What would be caught: a system package that is needed and never asked for, or asked for although
// it is there.

import { expect, test } from "vitest";
import { missing, oracles, requirements } from "../../scripts/setup.ts";

test("what has one of its files is there; what has none is missing", () => {
  const there = new Set(["/usr/local/bin/gcc", "/usr/bin/ld"]);
  const names = missing(requirements, (file) => there.has(file)).map((one) => one.package);
  expect(names).not.toContain("gcc");
  expect(names).not.toContain("binutils");
  expect(names).toContain("qemu-system-x86");
});

test("each package says why it is needed", () => {
  for (const { package: name, why, files } of [...requirements, ...oracles]) {
    expect(name).toMatch(/^[a-z0-9.+-]+$/);
    expect(why.length).toBeGreaterThan(10);
    expect(files.length).toBeGreaterThan(0);
  }
});

test("nothing is missing where the tests run", () => {
  expect(missing([...requirements, ...oracles])).toEqual([]);
});
