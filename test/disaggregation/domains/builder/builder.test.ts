// What would be caught: a builder that makes a domain other than the image builder would, takes a
// file whose bytes are not those that were announced, or starts what is not whole.

import { createHash } from "node:crypto";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type GuestLayout, layOutGuest } from "../../../../disaggregation/appliance/loader.ts";
import * as building from "../../../../disaggregation/control/build.ts";
import { ControlClient, Refusal } from "../../../../disaggregation/control/client.ts";
import * as requests from "../../../../disaggregation/control/requests.ts";
import * as wire from "../../../../disaggregation/control/wire.ts";
import { SimulatedDomain } from "../../../../disaggregation/runtime/node/domain.ts";
import { ensureLoader } from "../../loader/built.ts";
import { smallElf } from "../../loader/elf-builder.ts";
import { KEY, toolstackSystem } from "../toolstack/toolstack-system.ts";

const MIB = 1024 * 1024;
const ramdisk = Uint8Array.from({ length: 9001 }, (_, index) => index % 251);
const kernel = smallElf();
const guest: building.GuestRequest = {
  name: "late",
  kernel: { bytes: kernel },
  ramdisk: { bytes: ramdisk },
  commandLine: "console=hvc0 quiet",
  memoryMib: 4,
  mostMemoryMib: 4,
  vcpus: 1,
  weight: 512,
  xsave: false,
  label: "",
  ends: { poweroff: "destroy", reboot: "restart", crash: "preserve" },
  devices: { disks: [], interfaces: [] },
};
const opened: ControlClient[] = [];

async function open(stored: readonly Uint8Array[] = []) {
  const world = toolstackSystem({ builder: stored });
  const client = await ControlClient.open(world.line(), KEY, { requestMilliseconds: 5000 });
  opened.push(client);
  return { ...world, client };
}

/** What the image builder has at each row's place. */
function expected(layout: GuestLayout): readonly [bigint, Uint8Array][] {
  const sources = { kernel, ramdisk, generated: layout.generated };
  return layout.rows.flatMap(({ kind, gpa, offset, bytes }) => {
    if (kind === "memory" || kind === "frame" || kind === "console") return [];
    return [[BigInt(gpa), sources[kind].subarray(offset, offset + bytes)] as const];
  }) as [bigint, Uint8Array][];
}

beforeAll(ensureLoader);
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

test("a domain comes to be as the image builder would have made it, and runs", async () => {
  const { client, system } = await open();
  const created = await building.createGuest(client, guest);
  const info = (await requests.listDomains(client)).find(({ name }) => name === "late");
  expect(info).toMatchObject({ domain: created.domain, state: "running", vcpus: 1, weight: 512 });
  const layout = layOutGuest({
    kernel,
    kernelName: "kernel",
    ramdiskBytes: ramdisk.length,
    commandLine: guest.commandLine,
    memoryBytes: guest.memoryMib * MIB,
    vcpus: guest.vcpus,
  });
  const late = new SimulatedDomain(system.cpu, created.domain);
  for (const [gpa, bytes] of expected(layout)) {
    expect(Buffer.compare(late.read(gpa, bytes.length), bytes), `at ${gpa}`).toBe(0);
  }
});

test("xenstore knows of it, and its ring works both ways", async () => {
  const { client, system } = await open();
  const { domain, storePort } = await building.createGuest(client, guest);
  expect(await requests.storeRead(client, `/local/domain/${domain}/name`)).toBe("late");
  expect(storePort).toBe(1);
  const late = new SimulatedDomain(system.cpu, domain);
  const ring = 0xfeffcn << 12n;
  const body = Buffer.from("name\0");
  const header = Buffer.from(Uint32Array.of(2, 7, 0, body.length).buffer);
  late.write(ring, Buffer.concat([header, body]));
  late.store32(ring + 2052n, 16 + body.length);
  const eventChannelOp = 32;
  late.call(eventChannelOp, 4, [storePort]);
  system.advance(1_000_000n);
  const answer = late.read(ring + 1024n, 20);
  expect(Buffer.from(answer.subarray(16)).toString()).toBe("late");
});

test("contents that the store has are not streamed again", async () => {
  const { client } = await open([kernel]);
  const streamed = new Set<string>();
  const onStream = (what: string): void => void streamed.add(what);
  const first = await building.createGuest(client, guest, { onStream });
  expect([...streamed]).toEqual(["ramdisk"]);
  streamed.clear();
  const second = await building.createGuest(client, { ...guest, name: "later" }, { onStream });
  expect([streamed.size, second.domain]).toEqual([0, first.domain + 1]);
});

test("bytes other than those that were announced are no content", async () => {
  const { client } = await open();
  const hash = createHash("sha256").update("announced").digest();
  const size = Buffer.alloc(8);
  size.writeUInt32LE(4);
  await client.request(wire.OPERATION_OFFER, 0, Buffer.concat([hash, size]));
  await expect(client.request(wire.OPERATION_DATA, 0, Buffer.alloc(5))).rejects.toThrow(Refusal);
  await expect(client.request(wire.OPERATION_DATA, 0, Buffer.alloc(4))).rejects.toThrow(Refusal);
  await expect(client.request(wire.OPERATION_HAVE, 0, hash)).rejects.toThrow(Refusal);
});

test("what cannot be made leaves no domain behind", async () => {
  const { client } = await open();
  const before = (await requests.listDomains(client)).length;
  const large = { ...guest, memoryMib: 8192, mostMemoryMib: 8192 };
  const bytes = Uint8Array.from(kernel, (byte) => byte ^ 1);
  const damaged = { ...guest, kernel: { bytes } };
  for (const wrong of [large, damaged, { ...guest, label: "nobody" }, { ...guest, memoryMib: 3 }]) {
    await expect(building.createGuest(client, wrong)).rejects.toThrow(Refusal);
  }
  await expect(building.startDomain(client, 3)).rejects.toThrow(Refusal);
  expect((await requests.listDomains(client)).length).toBe(before);
});

test("a domain that was created is destroyed, and its number is free again", async () => {
  const { client, system } = await open([kernel, ramdisk]);
  const owners = (): number[] =>
    Array.from({ length: 128 }, (_, row) => system.machine.columns.number("superOwner", row));
  const before = owners();
  for (let round = 0; round < 3; round++) {
    const { domain } = await building.createGuest(client, guest);
    expect(domain).toBe(5);
    await requests.destroyDomain(client, domain);
    for (let wait = 0; wait < 20; wait++) await requests.systemInfo(client);
    system.advance(500_000_000n);
  }
  expect(owners()).toEqual(before);
});

const SCHED_OP = 29;
const SHUTDOWN = 2;
const [POWER_OFF, REBOOT, CRASH] = [0, 1, 3];

/** Domains called "late" after one that was created has ended for a reason. */
async function afterEnd(reason: number, wanted: Partial<building.GuestRequest> = {}) {
  const { client, system } = await open([kernel, ramdisk]);
  const { domain } = await building.createGuest(client, { ...guest, ...wanted });
  new SimulatedDomain(system.cpu, domain).call(SCHED_OP, SHUTDOWN, [reason]);
  system.advance(2_000_000_000n);
  const domains = await requests.listDomains(client);
  return { client, late: domains.filter(({ name }) => name === "late") };
}

test("a guest that reboots is made again, with its part of xenstore", async () => {
  const { client, late } = await afterEnd(REBOOT);
  expect(late).toMatchObject([{ state: "running", memoryMib: expect.any(Number) }]);
  const home = `/local/domain/${late[0]!.domain}`;
  expect(await requests.storeRead(client, `${home}/name`)).toBe("late");
  expect(await requests.storeRead(client, `${home}/start-time`)).toMatch(/^\d+\.\d{3}$/);
});

test("a guest that switches itself off is gone, one that crashed stays as it asked", async () => {
  expect((await afterEnd(POWER_OFF)).late).toEqual([]);
  const crashed = await afterEnd(CRASH);
  expect(crashed.late).toMatchObject([{ state: "shutdown", shutdownReason: CRASH }]);
  await requests.destroyDomain(crashed.client, crashed.late[0]!.domain);
  for (let wait = 0; wait < 20; wait++) await requests.systemInfo(crashed.client);
  const left = await requests.listDomains(crashed.client);
  expect(left.map(({ name }) => name)).not.toContain("late");
});

test("a guest that is destroyed stays away, whatever its file says of its end", async () => {
  const ends = { poweroff: "restart", reboot: "restart", crash: "restart" } as const;
  const { client, late } = await afterEnd(POWER_OFF, { ends });
  expect(late).toMatchObject([{ state: "running" }]);
  await requests.destroyDomain(client, late[0]!.domain);
  for (let wait = 0; wait < 300; wait++) await requests.systemInfo(client);
  expect((await requests.listDomains(client)).map(({ name }) => name)).not.toContain("late");
});

test("disks and interfaces stand in xenstore before the guest starts", async () => {
  const { client } = await open([kernel, ramdisk]);
  const disk = { target: { scratchMib: 8 }, device: "xvda", number: 51712, writable: true };
  const vif = { mac: "00:16:3e:00:00:01", bridge: "lan", addresses: ["10.0.0.7"] };
  const devices = { disks: [disk], interfaces: [vif] };
  // Without the services that serve them there is no such guest.
  await expect(building.createGuest(client, { ...guest, devices })).rejects.toThrow(Refusal);
  expect((await requests.listDomains(client)).map(({ name }) => name)).not.toContain("late");
});

test("a paused guest is started by unpause alone", async () => {
  const { client } = await open([kernel, ramdisk]);
  const { domain } = await building.createGuest(client, guest, { paused: true });
  const stateOf = async () =>
    (await requests.listDomains(client)).find((one) => one.domain === domain)?.state;
  expect(await stateOf()).toBe("building");
  await building.startDomain(client, domain);
  expect(await stateOf()).toBe("running");
});
