// What would be caught: a toolstack whose answers are wrong, that lets in who has not the key, does
// twice what was asked once, or is stopped by what comes on its line.

import { afterEach, expect, test, vi } from "vitest";
import { ControlClient, Refusal } from "../../../../disaggregation/control/client.ts";
import * as requests from "../../../../disaggregation/control/requests.ts";
import { CONSOLE_FRAME } from "../../../../disaggregation/runtime/places.ts";
import { KEY, toolstackSystem } from "./toolstack-system.ts";

const opened: ControlClient[] = [];
const quick = { helloMilliseconds: 200, requestMilliseconds: 10_000 };

async function openClient(from = toolstackSystem()): Promise<ControlClient> {
  const client = await ControlClient.open(from.line(), KEY, quick);
  opened.push(client);
  return client;
}

afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

test("domains, vCPUs and time are told", async () => {
  const client = await openClient();
  const domains = await requests.listDomains(client);
  expect(domains.map(({ domain, name, state }) => [domain, name, state])).toEqual([
    [1, "xenstore", "running"],
    [2, "toolstack", "running"],
    [3, "alpha", "running"],
  ]);
  expect(domains[2]).toMatchObject({ vcpus: 1, weight: 256, memoryMib: 2 + 4 / 256 });
  expect(await requests.listVcpus(client, 3)).toMatchObject([{ vcpu: 0, state: "runnable" }]);
  const { uptimeSeconds, xenVersion } = await requests.systemInfo(client);
  expect(uptimeSeconds).toBeGreaterThan(0);
  expect(xenVersion).toMatch(/^4\.\d+$/);
});

test("a domain is paused, goes on, and is destroyed with its part of xenstore", async () => {
  const client = await openClient();
  const stateOf = async (): Promise<string | undefined> =>
    (await requests.listDomains(client)).find(({ domain }) => domain === 3)?.state;
  expect(await requests.storeRead(client, "/local/domain/3/name")).toBe("alpha");
  await requests.pauseDomain(client, 3);
  expect(await stateOf()).toBe("paused");
  await expect(requests.pauseDomain(client, 3)).rejects.toThrow(Refusal);
  await requests.unpauseDomain(client, 3);
  expect(await stateOf()).toBe("running");
  await requests.destroyDomain(client, 3);
  await vi.waitUntil(async () => (await stateOf()) === undefined, 60_000);
  expect(await requests.storeDirectory(client, "/local/domain/3")).toBe(undefined);
});

test("a domain that ended by itself is taken apart", async () => {
  const world = toolstackSystem();
  const client = await openClient(world);
  const schedOp = 29;
  world.system.domain("alpha").call(schedOp, 2, [0]);
  world.system.advance(1_000_000_000n);
  expect((await requests.listDomains(client)).map(({ name }) => name)).not.toContain("alpha");
  expect(await requests.storeRead(client, "/local/domain/3/name")).toBe(undefined);
});

test("a console is followed and typed at, until it is left", async () => {
  const world = toolstackSystem({ console: true });
  const client = await openClient(world);
  const alpha = world.system.domain("alpha");
  const ring = BigInt(CONSOLE_FRAME) << 12n;
  alpha.write(ring + 1024n, Buffer.from("login: "));
  alpha.store32(ring + 3084n, 7);
  const said: string[] = [];
  client.onConsole = ({ bytes, ended }) => {
    said.push(ended ? "ended" : Buffer.from(bytes).toString());
  };
  alpha.call(32, 4, [world.system.ports.get(4)!.console!]);
  await requests.attachConsole(client, 4);
  await vi.waitUntil(() => said.join("").includes("login: "), 60_000);
  await requests.typeAtConsole(client, Buffer.from("root\n"));
  await vi.waitUntil(() => alpha.load32(ring + 3076n) === 5, 60_000);
  expect(Buffer.from(alpha.read(ring, 5)).toString()).toBe("root\n");
  await requests.detachConsole(client);
  await expect(requests.typeAtConsole(client, Buffer.from("x"))).rejects.toThrow(Refusal);
});

test("xenstore is written through the toolstack, but not watched", async () => {
  const client = await openClient();
  await requests.requestShutdown(client, 3, "reboot");
  expect(await requests.storeRead(client, "/local/domain/3/control/shutdown")).toBe("reboot");
  expect(await requests.storeDirectory(client, "/local/domain/3")).toEqual(["name", "control"]);
  const watch = 4;
  await expect(client.request(7, watch, Buffer.from("/\0t\0"))).rejects.toThrow(/-22/);
});

test("who has another key is not let in, and nothing is told to him", async () => {
  const world = toolstackSystem();
  const wrong = new Uint8Array(32);
  await expect(ControlClient.open(world.line(), wrong, quick)).rejects.toThrow("does not answer");
  expect(world.uart.outgoing).toEqual([]);
});

test("without a key there is no control channel", () => {
  const { system } = toolstackSystem({ config: "name none\n" });
  system.settle();
  expect(system.service("toolstack").log).toContain("no key");
  expect(system.service("toolstack").crash).toBe(undefined);
});

test("a request, or its answer, that was lost on the way is carried out once", async () => {
  const world = toolstackSystem();
  const line = world.line();
  const client = await ControlClient.open(line, KEY, { ...quick, resendMilliseconds: 50 });
  opened.push(client);
  await requests.pauseDomain(client, 3);
  for (const lost of [true, false]) {
    let frames = 0;
    line.disturb = (bytes, toService) => {
      const drops = bytes.length > 0 && toService === lost && frames++ === 0;
      return drops ? new Uint8Array() : bytes;
    };
    // A second one would be refused: the domain runs, or is paused, already.
    if (lost) await requests.unpauseDomain(client, 3);
    else await requests.pauseDomain(client, 3);
    expect(frames).toBeGreaterThan(1);
  }
});
