// A network front end that keeps to nothing, beside two that work: the first may lose its port, the
// others must notice nothing but packets that they may have, and what a turn costs stays bounded.

import { describe, expect, it } from "vitest";
import {
  extraType,
  frame,
  type NetworkFront,
  type Packet,
  txFlag,
} from "../support/network-front.ts";
import { freshPage } from "../support/scripted-domain.ts";
import { state } from "../support/xenbus-front.ts";
import { addPort, EVERYBODY, MAC, newSystem } from "./ports.ts";

/** Page accesses and copies of one turn: 64 packets of three ports, each fetched and delivered. */
const MOST_WORK = 3 * 64 * 18 * 40;

class Scene {
  readonly system = newSystem();
  readonly bad = addPort(this.system, 0);
  readonly one = addPort(this.system, 1);
  readonly two = addPort(this.system, 2);

  /** The bad one's port, notified without regard to its indices. */
  notify(port = this.bad.txPort): void {
    this.system.world.hypercalls.notify(this.bad.domain, port);
    this.system.settle();
  }

  expectUnharmed(): void {
    this.one.received();
    this.two.received();
    this.two.post(4);
    const bytes = frame(MAC[2], MAC[1], 900);
    this.one.send({ bytes });
    expect(Buffer.compare(this.two.received()[0]!.bytes, bytes)).toBe(0);
    expect(this.system.mostWork).toBeLessThan(MOST_WORK);
  }

  /** The bad one was let go of: nothing of it is mapped or bound. */
  expectDropped(): void {
    expect(this.bad.backState).toBe(state.closing);
    const { mappings, channels } = this.system.world.hypercalls;
    expect([mappings.size, channels.size]).toEqual([4, 2]);
    this.expectUnharmed();
  }
}

describe("hostile network front end: indices", () => {
  it.each([257, 100_000, 0x80000000, 0xffffffff])("transmit requests %i ahead", (ahead) => {
    const scene = new Scene();
    scene.bad.tx.setIndex(0, ahead);
    scene.notify();
    scene.expectDropped();
  });

  it("buffers that no ring can hold, found by who sends to it", () => {
    const scene = new Scene();
    scene.bad.rx.setIndex(0, 0x7fffffff);
    scene.one.send({ bytes: frame(MAC[0], MAC[1]) });
    scene.expectDropped();
  });

  it("fewer buffers than were taken", () => {
    const scene = new Scene();
    for (let turn = 0; turn < 5; turn++) scene.one.send({ bytes: frame(MAC[0], MAC[1]) });
    scene.bad.rx.setIndex(0, 2);
    scene.one.send({ bytes: frame(MAC[0], MAC[1]) });
    scene.expectDropped();
  });

  it("shows other indices at each read", () => {
    const scene = new Scene();
    let value = 1;
    scene.system.world.onRead = (page) => {
      if (page !== scene.bad.tx.pages[0]) return;
      value = (value * 48271) % 0x7fffffff;
      scene.bad.tx.setIndex(0, value);
    };
    scene.notify();
    scene.expectDropped();
  });
});

describe("hostile network front end: packets that end its port", () => {
  const bytes = frame(MAC[1], MAC[0], 600);
  const page = freshPage();
  type Slot = { offset: number; flags: number; bytes: number };
  const put = (front: NetworkFront, ...slots: readonly Slot[]) => {
    const reference = front.domain.grant(page);
    for (const slot of slots) front.putSlot({ reference, ...slot });
  };
  const gso = (size: number, type: number) => [
    { type: extraType.gso, data: [size & 0xff, size >> 8, type, 0, 0, 0] },
  ];
  const cases: readonly (readonly [string, (front: NetworkFront) => void])[] = [
    ["past its page", (front) => put(front, { offset: 4000, flags: 0, bytes: 97 })],
    ["the highest offset", (front) => put(front, { offset: 65535, flags: 0, bytes: 65535 })],
    ["an unfinished packet", (front) => put(front, { offset: 0, flags: txFlag.more, bytes: 100 })],
    [
      "an extra slot that is missing",
      (front) => put(front, { offset: 0, flags: txFlag.extra, bytes: 100 }),
    ],
    [
      "slots that are longer than the packet",
      (front) =>
        put(
          front,
          { offset: 0, flags: txFlag.more, bytes: 100 },
          { offset: 0, flags: 0, bytes: 101 },
        ),
    ],
    [
      "a later slot past its page",
      (front) =>
        put(
          front,
          { offset: 0, flags: txFlag.more, bytes: 3000 },
          { offset: 4095, flags: 0, bytes: 2 },
        ),
    ],
    ["19 slots", (front) => front.put({ bytes, slots: Array(18).fill(20) })],
    ["200 slots", (front) => front.put({ bytes, slots: Array(199).fill(2) })],
    ["segments of no bytes", (front) => front.put({ bytes, extras: gso(0, 1) })],
    ["segments of no protocol", (front) => front.put({ bytes, extras: gso(1448, 3) })],
    [
      "an extra slot of no type",
      (front) => front.put({ bytes, extras: [{ type: 9, data: [0, 0, 0, 0, 0, 0] }] }),
    ],
    [
      "extra slots without end",
      (front) => front.put({ bytes, extras: Array(40).fill(gso(9, 1)[0]) }),
    ],
    [
      "multicast control with data",
      (front) => {
        const extras = [{ type: extraType.multicastAdd, data: [1, 0, 0x5e, 0, 0, 1] }];
        front.put({ bytes, extras, slots: [100] });
      },
    ],
  ];

  it.each(cases)("%s", (_, write) => {
    const scene = new Scene();
    write(scene.bad);
    scene.bad.kick();
    scene.expectDropped();
  });
});

describe("hostile network front end: packets that are dropped", () => {
  const cases: readonly (readonly [string, Packet])[] = [
    ["shorter than a header", { bytes: frame(MAC[1], MAC[0], 14).subarray(0, 13) }],
    ["under another's address", { bytes: frame(MAC[1], MAC[2], 60) }],
  ];

  it.each(cases)("%s", (_, packet) => {
    const scene = new Scene();
    scene.bad.send(packet);
    expect(scene.bad.statuses()[0]).toBeLessThan(0);
    expect(scene.one.received()).toEqual([]);
    scene.expectUnharmed();
  });

  it("names grants that are not there", () => {
    const scene = new Scene();
    scene.bad.putSlot({ reference: 0xffffffff, offset: 0, flags: 0, bytes: 60 });
    scene.bad.kick();
    expect(scene.bad.statuses()).toEqual([-1]);
    scene.expectUnharmed();
  });

  it("revokes a grant in the middle of a packet: nothing of it arrives", () => {
    const scene = new Scene();
    let copies = 0;
    scene.system.world.hypercalls.onCopy = () => {
      if (++copies === 9) scene.bad.domain.grants.clear();
    };
    const bytes = frame(MAC[1], MAC[0], 60_000);
    scene.bad.send({ bytes, slots: Array(15).fill(3800) });
    expect(scene.bad.statuses()).toEqual(Array(16).fill(-1));
    expect(scene.one.received()).toEqual([]);
    scene.expectUnharmed();
  });
});

describe("hostile network front end: what it changes meanwhile", () => {
  it("has each byte of a slot read once", () => {
    const scene = new Scene();
    const reads = new Map<number, number>();
    scene.system.world.onRead = (page, offset, bytes) => {
      if (page !== scene.bad.tx.pages[0] || offset < 64) return;
      for (let at = offset; at < offset + bytes; at++) reads.set(at, (reads.get(at) ?? 0) + 1);
    };
    const extras = [{ type: extraType.gso, data: [0xb4, 5, 1, 0, 0, 0] }];
    for (let turn = 0; turn < 30; turn++) {
      scene.bad.put({ bytes: frame(MAC[1], MAC[0], 900), extras, slots: [100, 100] });
    }
    scene.bad.kick();
    expect(reads.size).toBe(30 * 4 * 12);
    expect([...reads.values()].every((count) => count === 1)).toBe(true);
  });

  it("has its packet fetched once: what was judged is what arrives", () => {
    const scene = new Scene();
    const bytes = frame(MAC[1], MAC[0], 600);
    scene.system.world.hypercalls.onCopy = (number) => {
      // Behind the fetch the sender's page claims to be from another.
      if (number !== 1) return;
      for (const { page } of scene.bad.domain.grants.values()) page.fill(0xee);
    };
    scene.bad.send({ bytes });
    expect(Buffer.compare(scene.one.received()[0]!.bytes, bytes)).toBe(0);
  });

  it("hides its address behind slots that are too small to be looked at", () => {
    const scene = new Scene();
    scene.bad.send({ bytes: frame(MAC[1], MAC[0], 100) });
    expect(scene.one.received()).toHaveLength(1);
    const forged = frame(MAC[1], MAC[2], 100);
    for (const slots of [
      [1, 1, 1, 1],
      [6, 1, 1, 1],
      [20, 20, 1, 1],
    ]) {
      scene.bad.send({ bytes: forged, slots });
      scene.bad.send({ bytes: forged, slots: [...slots].reverse() });
    }
    expect(scene.one.received()).toEqual([]);
    scene.expectUnharmed();
  });

  it("takes receive buffers away while they are filled", () => {
    const scene = new Scene();
    scene.bad.domain.grants.clear();
    scene.one.send({ bytes: frame(MAC[0], MAC[1]) });
    scene.one.send({ bytes: frame(EVERYBODY, MAC[1]) });
    expect(scene.one.statuses()).toEqual([0, 0]);
    expect(scene.two.received()).toHaveLength(1);
    scene.expectUnharmed();
  });

  it("posts no buffers: who sends to it waits once, others never", () => {
    const scene = new Scene();
    const mute = addPort(scene.system, 3, { buffers: 0 });
    scene.one.put({ bytes: frame(MAC[3], MAC[1]) });
    scene.one.put({ bytes: frame(MAC[2], MAC[1]) });
    scene.one.kick();
    scene.two.send({ bytes: frame(MAC[0], MAC[2]) });
    expect(scene.bad.received()).toHaveLength(1);
    expect(scene.two.received()).toEqual([]);
    scene.system.world.clock += 60_000_000n;
    scene.system.settle();
    expect(scene.two.received()).toHaveLength(1);
    for (let turn = 0; turn < 100; turn++) scene.one.put({ bytes: frame(MAC[3], MAC[1]) });
    scene.one.kick();
    expect(scene.one.statuses()).toHaveLength(102);
    expect(mute.received()).toEqual([]);
  });

  it("names more multicast groups than there is room for", () => {
    const scene = new Scene();
    for (let group = 0; group < 70; group++) {
      const data = [1, 0, 0x5e, 0, 0, group];
      const bytes = new Uint8Array(0);
      scene.bad.put({ bytes, extras: [{ type: extraType.multicastAdd, data }] });
    }
    scene.bad.kick();
    expect(scene.bad.statuses().filter((status) => status === -1)).toHaveLength(6);
    scene.expectUnharmed();
  });
});

describe("hostile network front end: xenbus", () => {
  const keys: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ["no such transmit grant", { "tx-ring-ref": "4000000000" }],
    ["a receive grant that is no number", { "rx-ring-ref": "0x8" }],
    ["no event channel", { "event-channel": "" }],
    ["one of two event channels", { "event-channel-tx": "5", "event-channel-rx": "999" }],
    ["pages to be flipped", { "request-rx-copy": "0" }],
  ];

  it.each(keys)("%s", (_, values) => {
    const scene = new Scene();
    const { bad } = scene;
    bad.setState(state.closed);
    bad.setState(state.initialising);
    Object.assign(bad.features, values);
    bad.connect();
    scene.expectDropped();
  });

  it("comes and goes without a pause", () => {
    const scene = new Scene();
    for (let turn = 0; turn < 300; turn++) scene.bad.set("state", [1, 4, 5, 6, 3, 77][turn % 6]!);
    scene.system.settle();
    scene.bad.remove();
    expect(scene.system.world.hypercalls.mappings.size).toBe(4);
    scene.expectUnharmed();
  });
});
