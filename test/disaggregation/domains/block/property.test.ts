// Any sequence of requests leaves the disk, the guest's pages and the statuses as the model has
// them; any bytes at all in a ring leave the other client as it was.

import fc from "fast-check";
import { expect, it } from "vitest";
import {
  BlockFront,
  directRequest,
  discardRequest,
  indirectRequest,
  blockOperation as op,
} from "../support/block-front.ts";
import { compiledService } from "../support/compiled.ts";
import { System } from "../support/system.ts";
import { DiskModel, type ModelRequest } from "./model.ts";

const wasm = compiledService("block");
const DISK_BYTES = 64 * 1024;
const PAGES = 6;
const options = { numRuns: 60, seed: 20261122 };

const segment = fc.record({
  page: fc.nat(PAGES - 1),
  first: fc.nat(8),
  last: fc.oneof(fc.constant(7), fc.nat(8)),
});
const sector = fc.nat(DISK_BYTES / 512 + 2);
const transfer = fc.record({
  kind: fc.constantFrom("read" as const, "write" as const),
  indirect: fc.boolean(),
  sector,
  segments: fc.array(segment, { maxLength: 14 }),
});
const discard = fc.record({ kind: fc.constant("discard" as const), sector, sectors: fc.nat(140) });
const request: fc.Arbitrary<ModelRequest> = fc.oneof(
  { weight: 6, arbitrary: transfer },
  { weight: 1, arbitrary: discard },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("flush" as const) }) },
);

interface Scene {
  readonly front: BlockFront;
  readonly pages: { page: Uint8Array; reference: number }[];
  readonly list: { page: Uint8Array; reference: number };
}

function scene(mode: string): Scene {
  const config = `disk d scratch ${DISK_BYTES}\ndisk e scratch ${DISK_BYTES}\n`;
  const system = new System(wasm, { config, spareBytes: 2 * DISK_BYTES });
  system.world.spare.forEach((_, at, all) => {
    all[at] = (at * 31) >> 3;
  });
  const front = new BlockFront(system, system.addDomain(5));
  front.create({ params: "d", mode });
  front.connect();
  const pages = Array.from({ length: PAGES }, (_, index) => {
    const buffer = front.buffer();
    buffer.page.fill(0xa0 + index);
    return buffer;
  });
  return { front, pages, list: front.buffer() };
}

function encode({ pages, list }: Scene, one: ModelRequest, id: number): Uint8Array {
  if (one.kind === "flush") return directRequest(op.flush, id, 0n, []);
  if (one.kind === "discard") return discardRequest(id, BigInt(one.sector), BigInt(one.sectors));
  const segments = one.segments.map(({ page, first, last }) => {
    return { reference: pages[page]!.reference, first, last };
  });
  const at = BigInt(one.sector);
  if (one.indirect) return indirectRequest(op[one.kind], id, at, segments, list);
  return directRequest(op[one.kind], id, at, segments);
}

it.each(["w", "r"])("does what the model does (mode %s)", (mode) => {
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 40 }), (requests) => {
      const it = scene(mode);
      const disk = it.front.system.world.spare.subarray(0, DISK_BYTES);
      const model = new DiskModel(
        disk,
        it.pages.map(({ page }) => page),
        mode === "w",
      );
      requests.forEach((one, id) => {
        expect(it.front.perform(encode(it, one, id))).toBe(model.perform(one));
      });
      expect(Buffer.compare(disk, model.disk)).toBe(0);
      it.pages.forEach(({ page }, index) => {
        expect(Buffer.compare(page, model.pages[index]!)).toBe(0);
      });
    }),
    options,
  );
});

const fewBits = fc.uint8Array({ minLength: 112, maxLength: 112 }).map((bytes) => {
  // Operations that exist, with few segments, are reached more often.
  bytes[0]! &= 7;
  bytes[1]! &= 15;
  return bytes;
});
const anything = fc.oneof(fc.uint8Array({ minLength: 112, maxLength: 112 }), fewBits);

it("survives any bytes in the ring, and keeps the other disk as it was", () => {
  fc.assert(
    fc.property(fc.array(anything, { minLength: 1, maxLength: 32 }), fc.nat(40), (list, ahead) => {
      const it = scene("w");
      const { front } = it;
      for (const bytes of list) front.ring.put(bytes);
      front.ring.setIndex(0, front.ring.produced + (ahead > 36 ? ahead : 0));
      front.system.world.hypercalls.notify(front.domain, front.port);
      front.system.settle();
      const other = front.system.world.spare.subarray(DISK_BYTES);
      expect(other.every((byte, at) => byte === (((at + DISK_BYTES) * 31) >> 3) % 256)).toBe(true);
      if (ahead <= 36) expect(front.responses()).toHaveLength(list.length);
    }),
    options,
  );
});
