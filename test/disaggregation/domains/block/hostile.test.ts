// A block front end that keeps to nothing, beside one that works: the first may lose its device,
// the other must notice nothing, and what a turn costs stays bounded.

import { describe, expect, it } from "vitest";
import {
  BlockFront,
  directRequest,
  discardRequest,
  indirectRequest,
  blockOperation as op,
  type Segment,
} from "../support/block-front.ts";
import { compiledService } from "../support/compiled.ts";
import { System } from "../support/system.ts";
import { state } from "../support/xenbus-front.ts";

const wasm = compiledService("block");
const DISK_BYTES = 1 << 20;
const config = `disk bad scratch ${DISK_BYTES}\ndisk good scratch ${DISK_BYTES}\n`;
/** Page accesses and copies of one turn: two devices with 32 requests of 64 segments each. */
const MOST_WORK = 2 * 32 * (64 * 10 + 20) + 5_000;

class Scene {
  readonly system = new System(wasm, { config, spareBytes: 2 * DISK_BYTES });
  readonly bad = new BlockFront(this.system, this.system.addDomain(5));
  readonly good = new BlockFront(this.system, this.system.addDomain(6));

  constructor(order = 0) {
    this.bad.create({ params: "bad", mode: "w" });
    this.good.create({ params: "good", mode: "w" });
    this.bad.connect(order);
    this.good.connect();
  }

  /** The other client still writes and reads back; the bad one's disk is not the good one's. */
  expectUnharmed(): void {
    const { page, reference } = this.good.buffer();
    page.fill(0x5a);
    const segments = [{ reference, first: 0, last: 7 }];
    expect(this.good.perform(directRequest(op.write, 1, 64n, segments))).toBe(0);
    page.fill(0);
    expect(this.good.perform(directRequest(op.read, 2, 64n, segments))).toBe(0);
    expect(page.every((byte) => byte === 0x5a)).toBe(true);
    expect(this.system.mostWork).toBeLessThan(MOST_WORK);
  }

  /** The bad one was let go of: nothing of it is mapped or bound. */
  expectDropped(): void {
    expect(this.bad.backState).toBe(state.closing);
    const { mappings, channels } = this.system.world.hypercalls;
    expect([mappings.size, channels.size]).toEqual([1, 1]);
    this.expectUnharmed();
  }
}

describe("hostile block front end: indices", () => {
  it.each([33, 1000, 0x7fffffff, 0x80000000, 0xffffffff])("req_prod %i ahead", (ahead) => {
    const scene = new Scene();
    scene.bad.ring.setIndex(0, ahead);
    scene.system.world.hypercalls.notify(scene.bad.domain, scene.bad.port);
    scene.system.settle();
    scene.expectDropped();
  });

  it("steps back behind what was taken", () => {
    const scene = new Scene();
    for (let turn = 0; turn < 5; turn++) scene.bad.perform(directRequest(op.flush, turn, 0n, []));
    scene.bad.ring.setIndex(0, 3);
    scene.system.world.hypercalls.notify(scene.bad.domain, scene.bad.port);
    scene.system.settle();
    scene.expectDropped();
  });

  it("shows other indices at each read", () => {
    const scene = new Scene();
    let value = 1;
    scene.system.world.onRead = (page) => {
      if (page !== scene.bad.ring.pages[0]) return;
      value = (value * 48271) % 0x7fffffff;
      scene.bad.ring.setIndex(0, value);
    };
    scene.system.world.hypercalls.notify(scene.bad.domain, scene.bad.port);
    scene.system.settle();
    scene.expectDropped();
  });

  it("overwrites responses and the back end's own indices", () => {
    const scene = new Scene();
    for (let turn = 0; turn < 40; turn++) {
      scene.bad.ring.setIndex(8, 0xdeadbeef * turn);
      scene.bad.ring.setIndex(4, 77 * turn);
      scene.bad.ring.put(directRequest(op.flush, turn, 0n, []));
      scene.bad.ring.push();
      scene.system.world.hypercalls.notify(scene.bad.domain, scene.bad.port);
      scene.system.settle();
    }
    scene.expectUnharmed();
  });
});

describe("hostile block front end: requests", () => {
  const wide = (reference: number): Segment => ({ reference, first: 0, last: 7 });
  type Maker = (front: BlockFront, reference: number) => Uint8Array;
  const refused: readonly (readonly [string, Maker])[] = [
    ["no segment", () => directRequest(op.read, 1, 0n, [])],
    ["twelve segments", (_, r) => directRequest(op.read, 1, 0n, Array(12).fill(wide(r)))],
    ["255 segments", (_, r) => directRequest(op.write, 1, 0n, Array(255).fill(wide(r)))],
    [
      "first behind last",
      (_, reference) => directRequest(op.read, 1, 0n, [{ reference, first: 5, last: 4 }]),
    ],
    [
      "past the page",
      (_, reference) => directRequest(op.write, 1, 0n, [{ reference, first: 0, last: 8 }]),
    ],
    [
      "255 sectors of a page",
      (_, reference) => directRequest(op.write, 1, 0n, [{ reference, first: 255, last: 255 }]),
    ],
    ["past the disk", (_, r) => directRequest(op.write, 1, 2041n, [wide(r)])],
    ["far past the disk", (_, r) => directRequest(op.write, 1, 2n ** 63n, [wide(r)])],
    ["around the end of numbers", (_, r) => directRequest(op.read, 1, 2n ** 64n - 4n, [wide(r)])],
    ["a grant that is not there", () => directRequest(op.read, 1, 0n, [wide(0xffffffff)])],
    [
      "a read-only grant to read into",
      (front) => directRequest(op.read, 1, 0n, [wide(front.buffer(true).reference)]),
    ],
    [
      "an indirect discard",
      (front, r) => indirectRequest(op.discard, 1, 0n, [wide(r)], front.buffer()),
    ],
    [
      "an indirect indirect",
      (front, r) => indirectRequest(op.indirect, 1, 0n, [wide(r)], front.buffer()),
    ],
    ["an indirect one of nothing", (front) => indirectRequest(op.read, 1, 0n, [], front.buffer())],
    [
      "512 indirect segments",
      (front, r) => indirectRequest(op.write, 1, 0n, Array(512).fill(wide(r)), front.buffer()),
    ],
    [
      "a list that is not granted",
      (_, r) =>
        indirectRequest(op.write, 1, 0n, [wide(r)], {
          page: new Uint8Array(4096),
          reference: 9999,
        }),
    ],
    ["a discard past the disk", () => discardRequest(1, 2040n, 9n)],
    ["a discard of everything there is", () => discardRequest(1, 1n, 2n ** 64n - 1n)],
    ["a discard of nothing", () => discardRequest(1, 0n, 0n)],
  ];

  it.each(refused)("%s", (_, make) => {
    const scene = new Scene();
    const before = scene.system.world.spare.slice();
    expect(scene.bad.perform(make(scene.bad, scene.bad.buffer().reference))).toBe(-1);
    expect(Buffer.compare(scene.system.world.spare, before)).toBe(0);
    scene.expectUnharmed();
  });

  it("reads each byte of a request once", () => {
    const scene = new Scene(1);
    const reads = new Map<number, number>();
    scene.system.world.onRead = (page, offset, bytes) => {
      const index = scene.bad.ring.pages.indexOf(page);
      for (let at = offset; index >= 0 && at < offset + bytes; at++) {
        const place = index * 4096 + at;
        if (place >= 64) reads.set(place, (reads.get(place) ?? 0) + 1);
      }
    };
    const segments = Array(11).fill(wide(scene.bad.buffer().reference));
    for (let turn = 0; turn < scene.bad.ring.slots; turn++) {
      scene.bad.ring.put(directRequest(op.write, turn, 0n, segments));
    }
    scene.bad.kick();
    expect(reads.size).toBe(scene.bad.ring.slots * 112);
    expect([...reads.values()].every((count) => count === 1)).toBe(true);
  });

  it("reads the list of an indirect request once", () => {
    const scene = new Scene();
    const list = scene.bad.buffer();
    let reads = 0;
    scene.system.world.onRead = (page) => {
      if (page === list.page) reads++;
    };
    const segments = Array(64).fill(wide(scene.bad.buffer().reference));
    expect(scene.bad.perform(indirectRequest(op.write, 1, 0n, segments, list))).toBe(0);
    expect(reads).toBe(1);
  });

  it("changes requests after they were copied, and before they are", () => {
    const scene = new Scene();
    const { reference } = scene.bad.buffer();
    let writes = 0;
    scene.system.world.onRead = (page, offset) => {
      if (page !== scene.bad.ring.pages[0] || offset < 64) return;
      page.fill(++writes, offset, offset + 112);
    };
    for (let turn = 0; turn < 32; turn++) {
      scene.bad.ring.put(directRequest(op.write, turn, 0n, [wide(reference)]));
    }
    scene.bad.kick();
    expect(scene.bad.responses()).toHaveLength(32);
    scene.system.world.onRead = () => {};
    scene.expectUnharmed();
  });

  it("revokes a grant in the middle of a request", () => {
    const scene = new Scene();
    const segments = Array.from({ length: 64 }, () => wide(scene.bad.buffer().reference));
    let copies = 0;
    scene.system.world.hypercalls.onCopy = () => {
      if (++copies === 30) for (const { reference } of segments) scene.bad.domain.revoke(reference);
    };
    const request = indirectRequest(op.write, 1, 0n, segments, scene.bad.buffer());
    expect(scene.bad.perform(request)).toBe(-1);
    scene.expectUnharmed();
  });

  it("asks for discards of everything, again and again, beside a busy client", () => {
    const scene = new Scene();
    for (let turn = 0; turn < 32; turn++) scene.bad.ring.put(discardRequest(turn, 0n, 2048n));
    scene.bad.ring.push();
    scene.system.world.hypercalls.notify(scene.bad.domain, scene.bad.port);
    scene.system.step();
    scene.good.ring.put(directRequest(op.flush, 1, 0n, []));
    scene.good.ring.push();
    scene.system.world.hypercalls.notify(scene.good.domain, scene.good.port);
    scene.system.step();
    expect(scene.good.responses()).toHaveLength(1);
    expect(scene.bad.responses().length).toBeLessThan(2);
    scene.system.settle();
    expect(scene.bad.responses().length).toBeGreaterThan(30);
    scene.expectUnharmed();
  });
});

describe("hostile block front end: xenbus", () => {
  const keys: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ["no such grant", { "ring-ref": "4000000000" }],
    ["a number that is none", { "ring-ref": "8x" }],
    ["a negative number", { "ring-ref": "-1" }],
    ["a number without end", { "ring-ref": "9".repeat(4000) }],
    ["nothing", { "ring-ref": "" }],
    ["a port of nobody", { "event-channel": "77" }],
    ["an order of 31", { "ring-page-order": "31" }],
    ["an order of 2 without pages", { "ring-page-order": "2" }],
    ["another protocol", { protocol: "x86_32-abi" }],
  ];

  it.each(keys)("%s", (_, values) => {
    const scene = new Scene();
    const { bad } = scene;
    bad.setState(state.closed);
    bad.setState(state.initialising);
    expect(bad.backState).toBe(state.waiting);
    const reference = bad.domain.grant(new Uint8Array(4096));
    bad.set("ring-ref", reference);
    bad.set("event-channel", bad.domain.offerPort());
    bad.set("protocol", "x86_64-abi");
    for (const [key, value] of Object.entries(values)) bad.set(key, value);
    bad.setState(state.initialised);
    scene.expectDropped();
  });

  it("runs through its states without a pause", () => {
    const scene = new Scene();
    for (let turn = 0; turn < 300; turn++) scene.bad.set("state", [1, 3, 4, 5, 6, 99][turn % 6]!);
    scene.system.settle();
    scene.bad.setState(state.closed);
    expect(scene.system.world.hypercalls.mappings.size).toBe(1);
    scene.expectUnharmed();
  });

  it("takes its ring away while it is mapped", () => {
    const scene = new Scene();
    scene.bad.domain.grants.clear();
    scene.bad.domain.ports.clear();
    scene.bad.perform(directRequest(op.flush, 1, 0n, []));
    scene.bad.remove();
    scene.expectUnharmed();
  });
});
