/** The relation's hash table: what it holds must survive its own growth. */

import { describe, expect, it } from "vitest";
import { EntryTable } from "../../../xsm-policy/compiler/entry-table.ts";
import { randomFrom } from "../generate.ts";

describe("EntryTable", () => {
  it("agrees with a map through many growths, in order of insertion", () => {
    const random = randomFrom(5);
    const below = (limit: number) => Math.floor(random() * limit);
    const table = new EntryTable();
    const expected = new Map<string, number>();
    for (let round = 0; round < 20_000; round++) {
      const key = [below(300), below(300), below(13), below(5)] as const;
      const bits = (1 << below(32)) >>> 0;
      table.add(...key, bits);
      const name = key.join(" ");
      expected.set(name, ((expected.get(name) ?? 0) | bits) >>> 0);
    }
    expect(table.count).toBe(expected.size);
    const entries = Array.from({ length: table.count }, (_, entry) => entry);
    const names = entries.map((entry) =>
      [table.source(entry), table.target(entry), table.class(entry), table.variant(entry)].join(
        " ",
      ),
    );
    expect(names).toEqual([...expected.keys()]);
    expect(entries.map((entry) => table.values[entry])).toEqual([...expected.values()]);
  });

  it("keeps the largest keys apart, and finds nothing that was not entered", () => {
    const table = new EntryTable();
    table.add(65_535, 65_535, 4095, 131_072, 0xffff_ffff);
    const entry = table.find(65_535, 65_535, 4095, 131_072);
    expect([table.source(entry), table.target(entry)]).toEqual([65_535, 65_535]);
    expect([table.class(entry), table.variant(entry)]).toEqual([4095, 131_072]);
    expect(table.values[entry]).toBe(0xffff_ffff);
    expect(table.find(65_535, 65_534, 4095, 131_072)).toBe(-1);
  });
});
