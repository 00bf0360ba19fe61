// What each service is for, once: true if all of it worked.

import { directRequest, discardRequest, blockOperation as op } from "../support/block-front.ts";
import { frame } from "../support/network-front.ts";
import { deviceNodes } from "../support/store-nodes.ts";
import { GUEST, LiveService, SERVICE } from "./live.ts";

const PAGE_BYTES = 4096;
const HEADER = 64n;
const BLOCK_SLOT = 112n;
const TX_SLOT = 12n;
const MAC = ["00:16:3e:00:00:05", "00:16:3e:00:00:06"] as const;

/** Writes, discards half, and reads back; with a keeper (bytes that it has for disks) the service
 *  has ended and come back before. */
export function usesDisk(policy: string, keptBytes?: number): boolean {
  const live = new LiveService({
    service: "block",
    policy,
    config: "disk work scratch 65536\n",
    spareBytes: 65536,
    ...(keptBytes === undefined ? {} : { keptBytes }),
    devices: deviceNodes("vbd", SERVICE, GUEST, 51712, { params: "work", mode: "w" }),
  });
  if (keptBytes !== undefined) {
    live.kill("fault");
    live.system.advance(500_000_000n);
  }
  const ring = live.ring();
  const port = live.port();
  const keys = { "ring-ref": ring.reference, "event-channel": port, state: 3 };
  if (live.publish("vbd", 51712, keys) !== "4") return false;
  const { reference, address } = live.page();
  const segments = [{ reference, first: 0, last: 7 }];
  live.guest.write(address, new Uint8Array(PAGE_BYTES).fill(0x77));
  const requests = [
    directRequest(op.write, 1, 8n, segments),
    discardRequest(2, 12n, 4n),
    directRequest(op.read, 3, 8n, segments),
  ];
  return requests.every((request, index) => {
    const slot = ring.address + HEADER + BigInt(index) * BLOCK_SLOT;
    live.guest.write(slot, request);
    live.kick(ring.address, index + 1, port);
    const answer = live.guest.read(slot, 16);
    const okay = new DataView(answer.buffer, answer.byteOffset).getInt16(10, true) === 0;
    const half = live.guest.read(address + 2048n, 1)[0];
    const there = live.guest.load32(ring.address + 8n) === index + 1;
    return there && okay && half === (index === 2 ? 0 : 0x77);
  });
}

/** One port of the guest sends a frame, and another receives it. */
export function usesNetwork(policy: string): boolean {
  const device = (number: number): string => {
    return deviceNodes("vif", SERVICE, GUEST, number, { mac: MAC[number]!, bridge: "lan" });
  };
  const spareBytes = 65536;
  const options = { service: "network" as const, policy, config: "", spareBytes };
  const live = new LiveService({ ...options, devices: device(0) + device(1) });
  const ports = [0, 1].map((number) => {
    const [tx, rx, port] = [live.ring(), live.ring(), live.port()];
    const rings = { "tx-ring-ref": tx.reference, "rx-ring-ref": rx.reference };
    const keys = { ...rings, "event-channel": port, "request-rx-copy": 1, state: 4 };
    return { tx, rx, port, state: live.publish("vif", number, keys) };
  });
  const [sender, receiver] = ports as [(typeof ports)[0], (typeof ports)[0]];
  if (ports.some(({ state }) => state !== "4")) return false;
  const [from, to] = [live.page(), live.page()];
  const bytes = frame(MAC[1], MAC[0], 200);
  live.guest.write(from.address, bytes);
  live.guest.store32(receiver.rx.address + HEADER + 4n, to.reference);
  live.kick(receiver.rx.address, 1, receiver.port);
  live.guest.store32(sender.tx.address + HEADER, from.reference);
  live.guest.store32(sender.tx.address + HEADER + TX_SLOT - 4n, bytes.length << 16);
  live.kick(sender.tx.address, 1, sender.port);
  return Buffer.compare(live.guest.read(to.address, bytes.length), bytes) === 0;
}
