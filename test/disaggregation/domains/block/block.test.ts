import { describe, expect, it } from "vitest";
import {
  BlockFront,
  directRequest,
  discardRequest,
  indirectRequest,
  blockOperation as op,
  SECTOR_BYTES,
} from "../support/block-front.ts";
import { compiledService } from "../support/compiled.ts";
import { System } from "../support/system.ts";
import { state } from "../support/xenbus-front.ts";

const wasm = compiledService("block");
const IMAGE_BYTES = 64 * 1024;
const config = `disk root image 0 ${IMAGE_BYTES}\ndisk work scratch 1048576\n`;

function system(): System {
  const image = Uint8Array.from({ length: IMAGE_BYTES }, (_, at) => (at * 7 + (at >> 9)) & 0xff);
  return new System(wasm, { config, module: image, spareBytes: 1 << 20 });
}

function attached(disk: string, mode: string, order = 0): BlockFront {
  const host = system();
  const front = new BlockFront(host, host.addDomain(5));
  front.create({ params: disk, mode });
  front.connect(order);
  return front;
}

describe("block back end: xenbus", () => {
  it("offers features, connects and tells the size", () => {
    const host = system();
    const front = new BlockFront(host, host.addDomain(5));
    front.create({ params: "root", mode: "w" });
    expect(front.backState).toBe(state.waiting);
    expect(front.backKey("feature-flush-cache")).toBe("1");
    expect(front.backKey("max-ring-page-order")).toBe("2");
    front.connect();
    expect(front.backState).toBe(state.connected);
    expect(front.backKey("sectors")).toBe(String(IMAGE_BYTES / SECTOR_BYTES));
    // An image is read-only, whatever mode the toolstack writes.
    expect(front.backKey("info")).toBe("4");
  });

  it("lets go of everything when the front end closes, and connects anew", () => {
    const front = attached("work", "w");
    front.setState(state.closing);
    expect(front.backState).toBe(state.closing);
    front.setState(state.closed);
    expect(front.backState).toBe(state.closed);
    expect(front.system.world.hypercalls.mappings.size).toBe(0);
    expect(front.system.world.hypercalls.channels.size).toBe(0);
    front.setState(state.initialising);
    expect(front.backState).toBe(state.waiting);
    front.connect();
    expect(front.backState).toBe(state.connected);
  });

  it("gives a writable disk to one device, and frees it when that one is gone", () => {
    const first = attached("work", "w");
    const second = new BlockFront(first.system, first.system.addDomain(6));
    second.create({ params: "work", mode: "w" });
    expect(second.backState).toBe(state.closed);
    first.remove();
    const third = new BlockFront(first.system, first.system.addDomain(7));
    third.create({ params: "work", mode: "w" });
    third.connect();
    expect(third.backState).toBe(state.connected);
  });

  it("serves as many devices as it has rows, and one more when one of them goes", () => {
    const host = system();
    const fronts = Array.from({ length: 65 }, (_, index) => {
      const front = new BlockFront(host, host.addDomain(5 + (index % 9)), 51712 + index * 16);
      front.create({ params: "root", mode: "r" });
      return front;
    });
    expect(fronts.map((front) => front.backState)).toEqual([...Array(64).fill(2), 1]);
    fronts[7]!.remove();
    expect(fronts[64]!.backState).toBe(state.waiting);
  });

  it("refuses a disk that it does not have", () => {
    const host = system();
    const front = new BlockFront(host, host.addDomain(5));
    front.create({ params: "nothing", mode: "w" });
    expect(front.backState).toBe(state.closed);
  });
});

describe("block back end: requests", () => {
  it("reads part of a page from the image", () => {
    const front = attached("root", "r");
    const { page, reference } = front.buffer();
    const request = directRequest(op.read, 7, 3n, [{ reference, first: 2, last: 4 }]);
    expect(front.perform(request)).toBe(0);
    const image = front.system.world.module;
    expect(page.subarray(1024, 2560)).toEqual(image.subarray(3 * 512, 6 * 512));
    expect(page.subarray(0, 1024).every((byte) => byte === 0)).toBe(true);
  });

  it.each([0, 1, 2])("writes and reads back through a ring of order %i", (order) => {
    const front = attached("work", "w", order);
    const slots = front.ring.slots;
    for (let turn = 0; turn < slots * 2 + 3; turn++) {
      const out = front.buffer(true);
      out.page.fill(turn + 1);
      const sector = BigInt(turn * 5);
      const write = [{ reference: out.reference, first: 0, last: 4 }];
      expect(front.perform(directRequest(op.write, turn, sector, write))).toBe(0);
      const back = front.buffer();
      const read = [{ reference: back.reference, first: 3, last: 7 }];
      expect(front.perform(directRequest(op.read, turn, sector, read))).toBe(0);
      expect(back.page.subarray(1536)).toEqual(out.page.subarray(0, 2560));
    }
  });

  it("carries out an indirect request of 64 segments, and no longer one", () => {
    const front = attached("work", "w");
    const buffers = Array.from({ length: 64 }, (_, index) => {
      const buffer = front.buffer();
      buffer.page.fill(index + 1);
      return buffer;
    });
    const segments = buffers.map(({ reference }) => ({ reference, first: 0, last: 7 }));
    const list = front.buffer();
    front.ring.put(indirectRequest(op.write, 1, 8n, segments, list));
    front.kick();
    // Linux disables a disk whose answer names another operation than the one within.
    expect(front.responses()).toEqual([{ id: 1, operation: op.write, status: 0 }]);
    expect(front.system.world.spare[4096 * 64]).toBe(64);
    expect(front.system.world.spare[4096 * 65]).toBe(0);
    const longer = [...segments, segments[0]!];
    expect(front.perform(indirectRequest(op.write, 1, 8n, longer, list))).toBe(-1);
  });

  it("discards by writing zeros, some in a turn, with the answer at the end", () => {
    const front = attached("work", "w");
    front.system.world.spare.fill(0xaa);
    const turns = front.system.turns;
    expect(front.perform(discardRequest(9, 1n, 2046n))).toBe(0);
    expect(front.system.turns - turns).toBeGreaterThan(3);
    expect(front.system.world.spare.indexOf(0)).toBe(512);
    expect(front.system.world.spare.lastIndexOf(0)).toBe((1 << 20) - 513);
  });

  it("answers a flush, and refuses what was not offered", () => {
    const front = attached("work", "w");
    expect(front.perform(directRequest(op.flush, 1, 0n, []))).toBe(0);
    expect(front.perform(directRequest(op.barrier, 1, 0n, []))).toBe(-2);
    expect(front.perform(directRequest(77, 1, 0n, []))).toBe(-2);
  });

  it("notifies only a front end that asks for it", () => {
    const front = attached("work", "w");
    front.domain.takeNotifications(front.port);
    front.ring.setIndex(12, 5);
    front.perform(directRequest(op.flush, 1, 0n, []));
    expect(front.domain.takeNotifications(front.port)).toBe(0);
  });
});

describe("block back end: restart", () => {
  it("takes up the ring that stands, and answers what was under way", () => {
    const front = attached("work", "w");
    const { page, reference } = front.buffer();
    const segments = [{ reference, first: 0, last: 7 }];
    page.fill(0x11);
    for (let id = 0; id < 40; id++) {
      expect(front.perform(directRequest(op.write, id, 8n, segments))).toBe(0);
    }
    for (let id = 40; id < 50; id++) front.ring.put(directRequest(op.write, id, 16n, segments));
    front.ring.push();
    front.system.restart();
    expect(front.backState).toBe(state.connected);
    expect(front.responses().map(({ id }) => id)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
    page.fill(0);
    expect(front.perform(directRequest(op.read, 50, 8n, segments))).toBe(0);
    expect(page.every((byte) => byte === 0x11)).toBe(true);
  });
});
