// What would be caught: a service that does not come back when its domain ends, a front end that
// has to begin anew because of that, a request that is lost or answered twice, and a scratch disk
// that forgets.

import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { corePath } from "../../../spec/world.ts";
import { GUEST, LiveService, SERVICE } from "../privilege/live.ts";
import { directRequest, blockOperation as op } from "../support/block-front.ts";
import { frame } from "../support/network-front.ts";
import { deviceNodes } from "../support/store-nodes.ts";

const PAGE_BYTES = 4096;
const HEADER = 64n;
const BLOCK_SLOT = 112n;
const MAC = ["00:16:3e:00:00:05", "00:16:3e:00:00:06"] as const;
/** Longer than a service is away. */
const WHILE = 500_000_000n;
const DEATHS = 5;
const ways = ["fault", "destroy"] as const;

interface Ring {
  readonly address: bigint;
}
interface Port {
  readonly tx: Ring;
  readonly rx: Ring;
  readonly port: number;
  readonly state: string;
}

function disk() {
  const live = new LiveService({
    service: "block",
    policy: undefined,
    config: "",
    spareBytes: 65536,
    keptBytes: 1 << 20,
    devices: deviceNodes("vbd", SERVICE, GUEST, 51712, {
      ...{ params: "late", mode: "w", scratch: 1 << 19 },
    }),
  });
  const ring = live.ring();
  const port = live.port();
  const keys = { "ring-ref": ring.reference, "event-channel": port, state: 3 };
  const state = live.publish("vbd", 51712, keys);
  live.publish("vbd", 51712, { state: 4 });
  let produced = 0;
  const put = (request: Uint8Array): void => {
    live.guest.write(ring.address + HEADER + BigInt(produced++ % 32) * BLOCK_SLOT, request);
    live.guest.store32(ring.address, produced);
  };
  const answered = (): number => live.guest.load32(ring.address + 8n);
  const status = (index: number): number => {
    const slot = ring.address + HEADER + BigInt(index % 32) * BLOCK_SLOT;
    return live.guest.read(slot, 12)[10]!;
  };
  const kick = (): void => live.kick(ring.address, produced, port);
  return { live, state, put, answered, status, kick };
}

describe.skipIf(!existsSync(corePath)).each(ways)("after a %s", (how) => {
  it("the block service goes on with the ring, and scratch disks have what was written", () => {
    const { live, state, put, answered, status, kick } = disk();
    expect(state).toBe("4");
    const { reference, address } = live.page();
    const segments = [{ reference, first: 0, last: 7 }];
    for (let death = 1; death <= DEATHS; death++) {
      live.guest.write(address, new Uint8Array(PAGE_BYTES).fill(death));
      put(directRequest(op.write, death, BigInt(8 * death), segments));
      kick();
      live.guest.write(address, new Uint8Array(PAGE_BYTES));
      live.kill(how);
      // Nobody is there to hear of this one.
      put(directRequest(op.read, death, BigInt(8 * death), segments));
      live.system.advance(WHILE);
      expect(answered()).toBe(2 * death);
      expect([status(2 * death - 2), status(2 * death - 1)]).toEqual([0, 0]);
      expect(live.guest.read(address, 1)[0]).toBe(death);
    }
  });

  it("the switch goes on with the rings", () => {
    const device = (number: number): string => {
      return deviceNodes("vif", SERVICE, GUEST, number, { mac: MAC[number]!, bridge: "lan" });
    };
    const live = new LiveService({
      ...{ service: "network", policy: undefined, config: "", spareBytes: 65536, keptBytes: 0 },
      devices: device(0) + device(1),
    });
    const [from, to] = [0, 1].map((number) => {
      const [tx, rx, port] = [live.ring(), live.ring(), live.port()];
      const rings = { "tx-ring-ref": tx.reference, "rx-ring-ref": rx.reference };
      const keys = { ...rings, "event-channel": port, "request-rx-copy": 1, state: 4 };
      return { tx, rx, port, state: live.publish("vif", number, keys) };
    }) as Port[] as [Port, Port];
    expect([from.state, to.state]).toEqual(["4", "4"]);
    const [source, target] = [live.page(), live.page()];
    for (let death = 1; death <= DEATHS; death++) {
      live.kill(how);
      live.system.advance(WHILE);
      const bytes = frame(MAC[1], MAC[0], 100 + death);
      live.guest.write(source.address, bytes);
      const slot = BigInt(death - 1);
      live.guest.store32(to.rx.address + HEADER + slot * 8n + 4n, target.reference);
      live.kick(to.rx.address, death, to.port);
      live.guest.store32(from.tx.address + HEADER + slot * 12n, source.reference);
      live.guest.store32(from.tx.address + HEADER + slot * 12n + 8n, bytes.length << 16);
      live.kick(from.tx.address, death, from.port);
      expect(live.guest.load32(to.rx.address + 8n)).toBe(death);
      expect(live.guest.load32(from.tx.address + 8n)).toBe(death);
      expect(Buffer.compare(live.guest.read(target.address, bytes.length), bytes)).toBe(0);
    }
  });
});
