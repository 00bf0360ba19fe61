import { describe, expect, it } from "vitest";
import {
  extraType,
  frame,
  macBytes,
  NetworkFront,
  type Packet,
  rxFlag,
  txFlag,
} from "../support/network-front.ts";
import { state } from "../support/xenbus-front.ts";
import { addPort, EVERYBODY, MAC, newSystem, type PortOptions } from "./ports.ts";

function pair(from: PortOptions = {}, to: PortOptions = {}): [NetworkFront, NetworkFront] {
  const system = newSystem();
  return [addPort(system, 0, from), addPort(system, 1, to)];
}

describe("switch: xenbus", () => {
  it.each([false, true])("connects with event channels (split: %s)", (split) => {
    const system = newSystem();
    const front = new NetworkFront(system, system.addDomain(5));
    front.create({ mac: MAC[0] });
    expect(front.backState).toBe(state.waiting);
    expect(front.backKey("feature-rx-copy")).toBe("1");
    expect(front.backKey("feature-gso-tcpv4")).toBe("1");
    front.connect(split);
    expect(front.backState).toBe(state.connected);
    expect(system.world.hypercalls.channels.size).toBe(split ? 2 : 1);
  });

  it("refuses a port without an address, and a front end that wants pages flipped", () => {
    const system = newSystem();
    const front = new NetworkFront(system, system.addDomain(5));
    front.create({});
    expect(front.backState).toBe(state.closed);
    const other = new NetworkFront(system, system.addDomain(6));
    other.create({ mac: MAC[1] });
    other.features["request-rx-copy"] = "0";
    other.connect();
    expect(other.backState).toBe(state.closing);
  });

  it("takes ports away and adds them while others go on", () => {
    const [one, two] = pair();
    two.setState(state.closed);
    expect(two.backState).toBe(state.closed);
    one.send({ bytes: frame(MAC[1], MAC[0]) });
    expect(one.statuses()).toEqual([0]);
    two.setState(state.initialising);
    two.connect();
    two.post(8);
    one.send({ bytes: frame(MAC[1], MAC[0]) });
    expect(two.received()).toHaveLength(1);
    two.remove();
    expect(one.system.world.hypercalls.mappings.size).toBe(2);
  });
});

describe("switch: packets", () => {
  const shapes: readonly (readonly [string, Packet])[] = [
    ["a small one", { bytes: frame(MAC[1], MAC[0], 14) }],
    ["a full one", { bytes: frame(MAC[1], MAC[0], 1514), offset: 2000 }],
    ["a head in three slots", { bytes: frame(MAC[1], MAC[0], 1400), slots: [6, 40], offset: 66 }],
    ["many slots", { bytes: frame(MAC[1], MAC[0], 17 * 3600), slots: Array(16).fill(3600) }],
    [
      "the largest",
      { bytes: frame(MAC[1], MAC[0], 65535), slots: [...Array(15).fill(4096), 4000] },
    ],
  ];

  it.each(shapes)("carries %s unchanged", (_, packet) => {
    const [one, two] = pair();
    one.send(packet);
    const [got] = two.received();
    expect(Buffer.compare(got!.bytes, packet.bytes)).toBe(0);
    expect(one.statuses()).toEqual(Array((packet.slots?.length ?? 0) + 1).fill(0));
  });

  it("passes on that a checksum is blank, and how to segment", () => {
    const [one, two] = pair();
    const bytes = frame(MAC[1], MAC[0], 9000);
    const extras = [{ type: extraType.gso, data: [0xb4, 0x05, 1, 0, 0, 0] }];
    one.send({ bytes, extras, slots: [4000, 4000], flags: txFlag.blank | txFlag.validated });
    const [got] = two.received();
    expect(got!.flags).toBe(rxFlag.blank | rxFlag.validated | rxFlag.more | rxFlag.extra);
    expect([...got!.extra!]).toEqual([1, 0, 0xb4, 0x05, 1, 0, 0, 0]);
    expect(Buffer.compare(got!.bytes, bytes)).toBe(0);
    expect(one.statuses()).toEqual([0, 1, 0, 0]);
  });

  it("keeps from a receiver what it has not said it can take", () => {
    const features = { "feature-gso-tcpv4": "0", "feature-no-csum-offload": "1" };
    const [one, two] = pair({}, { features: { ...features, "feature-sg": "0" } });
    // Of no protocol whose checksum is known.
    const extras = [{ type: extraType.gso, data: [0xb4, 0x05, 1, 0, 0, 0] }];
    one.send({ bytes: frame(MAC[1], MAC[0], 3000), extras });
    one.send({ bytes: frame(MAC[1], MAC[0], 300), flags: txFlag.blank });
    one.send({ bytes: frame(MAC[1], MAC[0], 5000), slots: [3000] });
    one.send({ bytes: frame(MAC[1], MAC[0], 300) });
    expect(two.received().map(({ bytes }) => bytes.length)).toEqual([300]);
  });

  /** A packet whose checksum field holds what Linux leaves there, and that of the whole. */
  function blankPacket(ip6: boolean, protocol: number, payload: number): [Uint8Array, number] {
    const header = ip6 ? 40 : 20;
    const transport = (protocol === 6 ? 20 : 8) + payload;
    const bytes = frame(MAC[1], MAC[0], 14 + header + transport, ip6 ? 0x86dd : 0x0800);
    if (ip6) bytes.set([0x60, 0, 0, 0, transport >> 8, transport & 255, protocol, 64], 14);
    else {
      const total = header + transport;
      bytes.set([0x45, 0, total >> 8, total & 255, 0, 1, 0, 0, 64, protocol, 0, 0], 14);
    }
    const field = 14 + header + (protocol === 6 ? 16 : 6);
    const addresses = bytes.subarray(ip6 ? 22 : 26, 14 + header);
    bytes.set([0, 0], field);
    const summed = [...addresses, 0, protocol, transport >> 8, transport & 255];
    summed.push(...bytes.subarray(14 + header));
    let sum = 0;
    summed.forEach((byte, at) => {
      sum += at % 2 === 0 ? byte << 8 : byte;
    });
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    bytes.set([0x12, 0x34], field);
    return [bytes, ~sum & 0xffff];
  }

  it.each([
    [false, 6, 700, []],
    [false, 17, 33, []],
    [true, 6, 1, [60]],
    [true, 17, 2000, [14, 53, 1001]],
  ] as const)("completes checksums for who wants them (IPv6 %s, protocol %i)", (...shape) => {
    const [ip6, protocol, payload, slots] = shape;
    const [one, two] = pair({}, { features: { "feature-no-csum-offload": "1" } });
    const [bytes, checksum] = blankPacket(ip6, protocol, payload);
    one.send({ bytes, slots, flags: txFlag.blank | txFlag.validated });
    const [got] = two.received();
    expect(got!.flags).toBe(rxFlag.validated);
    const field = 14 + (ip6 ? 40 : 20) + (protocol === 6 ? 16 : 6);
    expect(Buffer.from(got!.bytes).readUInt16BE(field)).toBe(checksum);
    bytes.set([checksum >> 8, checksum & 255], field);
    expect(Buffer.compare(got!.bytes, bytes)).toBe(0);
  });

  it("waits for buffers of the receiver, and delivers when they come", () => {
    const [one, two] = pair({}, { buffers: 0 });
    one.send({ bytes: frame(MAC[1], MAC[0], 9000), slots: [4000, 4000] });
    expect(one.statuses()).toEqual([]);
    two.post(2);
    one.system.settle();
    expect(one.statuses()).toEqual([]);
    two.post(1);
    one.system.settle();
    expect(one.statuses()).toEqual([0, 0, 0]);
    expect(two.received()).toHaveLength(1);
  });

  it("waits no longer than it has patience, and then not again", () => {
    const [one, two] = pair({}, { buffers: 0 });
    one.send({ bytes: frame(MAC[1], MAC[0]) });
    one.system.world.clock += 50_000_001n;
    one.system.settle();
    expect(one.statuses()).toEqual([0]);
    one.send({ bytes: frame(MAC[1], MAC[0]) });
    expect(one.statuses()).toEqual([0]);
    two.post(1);
    one.send({ bytes: frame(MAC[1], MAC[0]) });
    expect(two.received()).toHaveLength(1);
  });
});

describe("switch: who hears what", () => {
  function three(config = "", bridges: readonly string[] = ["", "", ""]): NetworkFront[] {
    const system = newSystem(config);
    return bridges.map((bridge, index) => addPort(system, index, { keys: { bridge } }));
  }

  it("sends a frame to its owner alone, a broadcast to all others", () => {
    const [one, two, other] = three() as [NetworkFront, NetworkFront, NetworkFront];
    one.send({ bytes: frame(MAC[1], MAC[0]) });
    expect([two, other].map((port) => port.received().length)).toEqual([1, 0]);
    one.send({ bytes: frame(EVERYBODY, MAC[0], 200) });
    expect([one, two, other].map((port) => port.received().length)).toEqual([0, 1, 1]);
    one.send({ bytes: frame("00:16:3e:12:34:56", MAC[0]) });
    expect([one, two, other].map((port) => port.received().length)).toEqual([0, 0, 0]);
  });

  it("keeps groups apart unless the configuration joins them", () => {
    const config = "allow web client\napart client\n";
    const ports = three(config, ["web", "client", "elsewhere"]);
    for (const [index, port] of ports.entries())
      port.send({ bytes: frame(EVERYBODY, MAC[index]!) });
    expect(ports.map((port) => port.received().length)).toEqual([1, 1, 0]);
    ports[2]!.send({ bytes: frame(MAC[0], MAC[2]) });
    expect(ports[0]!.received()).toEqual([]);
  });

  it("drops frames under another's address", () => {
    const [one, two] = pair();
    one.send({ bytes: frame(MAC[1], MAC[2]) });
    expect(two.received()).toEqual([]);
    expect(one.statuses()).toEqual([-2]);
  });

  it("learns what lies behind a port that may have any address", () => {
    const [one, two, uplink] = three() as [NetworkFront, NetworkFront, NetworkFront];
    const far = "00:16:3e:aa:bb:cc";
    uplink.remove();
    const free = new NetworkFront(one.system, one.system.addDomain(9));
    free.create({ mac: "any" });
    free.connect();
    free.post(16);
    one.send({ bytes: frame(far, MAC[0]) });
    expect([two, free].map((port) => port.received().length)).toEqual([0, 1]);
    free.send({ bytes: frame(MAC[1], far) });
    expect(two.received()).toHaveLength(1);
    // An address that a port owns is never found elsewhere.
    free.send({ bytes: frame(far, MAC[1]) });
    one.send({ bytes: frame(MAC[1], MAC[0]) });
    expect([two, free].map((port) => port.received().length)).toEqual([1, 0]);
  });

  it("gives a front end that filters only the groups that it named", () => {
    const group = "01:00:5e:00:00:01";
    const [one, two] = pair({}, { features: { "request-multicast-control": "1" } });
    one.send({ bytes: frame(group, MAC[0]) });
    expect(two.received()).toEqual([]);
    const bytes = new Uint8Array(0);
    two.send({ bytes, extras: [{ type: extraType.multicastAdd, data: macBytes(group) }] });
    expect(two.statuses()).toEqual([0, 1]);
    one.send({ bytes: frame(group, MAC[0]) });
    expect(two.received()).toHaveLength(1);
    two.send({ bytes, extras: [{ type: extraType.multicastRemove, data: macBytes(group) }] });
    one.send({ bytes: frame(group, MAC[0]) });
    expect(two.received()).toEqual([]);
  });
});

describe("switch: a port that is bound to IPv4 addresses", () => {
  const own = [10, 0, 0, 5];

  function ip(source: readonly number[], rest: Readonly<Record<number, number>> = {}): Uint8Array {
    const bytes = frame(MAC[1], MAC[0], 60, 0x0800);
    bytes.fill(0, 14);
    bytes.set([0x45], 14);
    bytes.set(source, 26);
    for (const [at, value] of Object.entries(rest)) bytes[Number(at)] = value;
    return bytes;
  }

  function arp(mac: string, source: readonly number[]): Uint8Array {
    const bytes = frame(EVERYBODY, MAC[0], 42, 0x0806);
    bytes.set([0, 1, 8, 0, 6, 4, 0, 1, ...macBytes(mac), ...source], 14);
    return bytes;
  }

  const discover = { 23: 17, 30: 255, 31: 255, 32: 255, 33: 255, 35: 68, 37: 67 };
  const cases: readonly (readonly [string, Uint8Array, boolean])[] = [
    ["its own address", ip(own), true],
    ["its second address", ip([10, 0, 1, 5]), true],
    ["another's address", ip([10, 0, 0, 6]), false],
    ["no address", ip([0, 0, 0, 0]), false],
    ["DHCP without one", ip([0, 0, 0, 0], discover), true],
    ["ARP for itself", arp(MAC[0], own), true],
    ["an ARP probe", arp(MAC[0], [0, 0, 0, 0]), true],
    ["ARP for another", arp(MAC[0], [10, 0, 0, 6]), false],
    ["ARP under another's Ethernet address", arp(MAC[1], own), false],
    ["another protocol", frame(MAC[1], MAC[0]), false],
    ["IPv6", frame(MAC[1], MAC[0], 80, 0x86dd), false],
    ["a tag in front", frame(MAC[1], MAC[0], 80, 0x8100), false],
    ["a cut header", ip(own).subarray(0, 30), false],
  ];

  it.each(cases)("%s", (_, bytes, passes) => {
    const [one, two] = pair({ keys: { ip: "10.0.0.5 10.0.1.5" } });
    one.send({ bytes });
    expect(two.received()).toHaveLength(passes ? 1 : 0);
    expect(one.statuses()).toEqual([passes ? 0 : -2]);
  });
});

describe("switch: restart", () => {
  it("takes up the rings; a packet for a port that is not back yet is lost", () => {
    const [one, two] = pair();
    for (let turn = 0; turn < 20; turn++) one.send({ bytes: frame(MAC[1], MAC[0], 100 + turn) });
    expect(two.received()).toHaveLength(20);
    one.statuses();
    one.put({ bytes: frame(MAC[1], MAC[0], 700) });
    one.tx.push();
    one.system.restart();
    expect(one.statuses()).toEqual([0]);
    expect(two.received()).toEqual([]);
    one.send({ bytes: frame(MAC[1], MAC[0], 900) });
    expect(two.received().map(({ bytes }) => bytes.length)).toEqual([900]);
    two.send({ bytes: frame(MAC[0], MAC[1], 800) });
    expect(one.received().map(({ bytes }) => bytes.length)).toEqual([800]);
  });
});
