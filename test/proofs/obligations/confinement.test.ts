import path from "node:path";
import { expect, test } from "vitest";
import { linksBetween } from "../../../proofs/obligations/confinement.ts";
import { buildTable } from "../../../xsm-policy/compiler/table.ts";
import { compileFolder, POLICIES } from "../../xsm-policy/policy/support.ts";

const label = (type: string) => `system_u:system_r:${type}`;
const GUESTS = ["guest_t", "isolated_guest_t", "alone_t"].map(label);
const DRIVERS = ["block_driver_t", "network_driver_t"].map(label);

const { result } = compileFolder(path.join(POLICIES, "xenolith"));
const shipped = buildTable(result.relation!, [...GUESTS, ...DRIVERS]);

test("under the shipped policy nothing links two guests, nor the isolated one and the network: any link would be a way around the services", () => {
  for (const one of GUESTS) {
    for (const other of GUESTS) {
      if (one !== other) expect(linksBetween(shipped, one, other)).toEqual([]);
    }
  }
  expect(linksBetween(shipped, label("isolated_guest_t"), label("network_driver_t"))).toEqual([]);
  expect(linksBetween(shipped, label("block_driver_t"), label("network_driver_t"))).toEqual([]);
});

test("two guests of one label are linked by nothing either", () => {
  expect(linksBetween(shipped, label("guest_t"), label("guest_t"))).toEqual([]);
});

test("a guest and its driver are linked, and the ways are named: without them nothing would be shown", () => {
  const links = linksBetween(shipped, label("guest_t"), label("block_driver_t"));
  expect(links.join("\n")).toContain("event channel");
  expect(links.join("\n")).toContain("grant mapping");
});

test("one more permission between two guests is seen, whichever it is: it would be a hole in the theorem", () => {
  const [one, other] = [label("guest_t"), label("isolated_guest_t")];
  const [source, target] = [one, other].map((name) => shipped.names.indexOf(name)) as [
    number,
    number,
  ];
  const cell = (group: number) => (source * 128 + target) * 16 + group;
  const mapping = shipped.allowed.slice();
  mapping[cell(9)] = 1;
  expect(linksBetween({ ...shipped, allowed: mapping }, other, one)).toHaveLength(1);
  const command = shipped.allowed.slice();
  command[cell(13)] = 1 << 17;
  expect(linksBetween({ ...shipped, allowed: command }, one, other)).toHaveLength(1);
  expect(() => linksBetween(shipped, one, "nobody")).toThrow(RangeError);
});
