// Any frames between any ports are heard by whom the model says, unchanged; any bytes at all in the
// rings of one port leave the others' traffic as it was.

import fc from "fast-check";
import { expect, it } from "vitest";
import { frame, macBytes, type NetworkFront } from "../support/network-front.ts";
import { type ModelFrame, type ModelPort, SwitchModel } from "./model.ts";
import { addPort, EVERYBODY, MAC, newSystem } from "./ports.ts";

const options = { numRuns: 60, seed: 20261122 };
const GROUPS = ["", "red", "blue"];
/** Addresses of nobody: each has a place of its own in the table of stations. */
const FAR = ["00:50:56:00:00:01", "00:50:56:00:00:02"];

const group = fc.constantFrom(...GROUPS);
const ports = fc
  .array(fc.record({ free: fc.boolean(), group }), { minLength: 2, maxLength: MAC.length })
  .map((list) =>
    list.map(({ free, group }, index): ModelPort => {
      return { mac: free ? undefined : MAC[index], group };
    }),
  );
const named = fc.constantFrom("red", "blue");
const joins = fc.array(fc.tuple(named, named), { maxLength: 2 });
const apart = fc.uniqueArray(named, { maxLength: 2 });
const anyMac = fc.constantFrom(...MAC, ...FAR, EVERYBODY, "01:00:5e:00:00:09");
const frames = fc.array(
  fc.record({ from: fc.nat(MAC.length - 1), source: anyMac, target: anyMac, own: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
);

function attach(list: readonly ModelPort[], config: string): NetworkFront[] {
  const system = newSystem(config);
  return list.map(({ mac, group }, index) => {
    return addPort(system, index, { keys: { mac: mac ?? "any", bridge: group }, buffers: 250 });
  });
}

it("sends each frame where the model does", () => {
  fc.assert(
    fc.property(ports, joins, apart, frames, (list, joined, parted, sent) => {
      const distinct = joined.filter(([one, other]) => one !== other);
      const lines = [
        ...distinct.map(([one, other]) => `allow ${one} ${other}\n`),
        ...parted.map((name) => `apart ${name}\n`),
      ];
      const fronts = attach(list, lines.join(""));
      const model = new SwitchModel(list, distinct, parted);
      sent.forEach(({ from, source, target, own }, index) => {
        const port = from % list.length;
        const one: ModelFrame = { from: port, target, source: own ? MAC[port]! : source };
        const bytes = frame(target, one.source, 60 + index * 7);
        fronts[port]!.send({ bytes });
        const heard = fronts.flatMap((front, to) => front.received().map((got) => ({ to, got })));
        const expected = model.send(one);
        expect(heard.map(({ to }) => to)).toEqual(expected ?? []);
        for (const { got } of heard) expect(Buffer.compare(got.bytes, bytes)).toBe(0);
        expect(fronts[port]!.statuses()).toEqual([expected === undefined ? -2 : 0]);
      });
    }),
    options,
  );
});

const slot = fc.oneof(
  fc.uint8Array({ minLength: 12, maxLength: 12 }),
  // A slot that names granted memory, with flags that exist.
  fc.record({ flags: fc.nat(15), offset: fc.nat(4200), bytes: fc.nat(9000) }).map((one) => {
    const view = new DataView(new ArrayBuffer(12));
    view.setUint32(0, 10, true);
    view.setUint16(4, one.offset, true);
    view.setUint16(6, one.flags, true);
    view.setUint16(10, one.bytes, true);
    return new Uint8Array(view.buffer);
  }),
);

it("survives any bytes in a ring, and carries the others' packets", () => {
  fc.assert(
    fc.property(fc.array(slot, { minLength: 1, maxLength: 60 }), (slots) => {
      const list = [0, 1, 2].map((index): ModelPort => ({ mac: MAC[index], group: "" }));
      const [bad, one, two] = attach(list, "") as [NetworkFront, NetworkFront, NetworkFront];
      for (const bytes of slots) bad.tx.put(bytes);
      bad.kick();
      const own = Buffer.from(macBytes(MAC[0]));
      for (const { bytes } of [...one.received(), ...two.received()]) {
        expect(Buffer.compare(bytes.subarray(6, 12), own)).toBe(0);
      }
      one.send({ bytes: frame(MAC[2], MAC[1], 700) });
      expect(two.received()).toHaveLength(1);
      expect(one.statuses()).toEqual([0]);
    }),
    options,
  );
});
