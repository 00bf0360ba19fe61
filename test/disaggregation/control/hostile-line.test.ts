// What would be caught: a toolstack that a peer without the key, or a bad line, can stop, confuse
// or make do something twice; and a client that a hostile service can.

import { PassThrough } from "node:stream";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { ControlClient } from "../../../disaggregation/control/client.ts";
import { encodeFrame } from "../../../disaggregation/control/frames.ts";
import * as requests from "../../../disaggregation/control/requests.ts";
import * as wire from "../../../disaggregation/control/wire.ts";
import { KEY, toolstackSystem } from "../domains/toolstack/toolstack-system.ts";
import type { VirtualLine } from "./virtual-uart.ts";

const GAP = BigInt(2 * wire.GAP_NANOSECONDS);
const quick = { helloMilliseconds: 200, requestMilliseconds: 1000 };
/** For what has to wait until a half frame is given up. */
const patient = { helloMilliseconds: 10_000, requestMilliseconds: 30_000 };
const lines: { destroy(): void }[] = [];

function lineTo(world: ReturnType<typeof toolstackSystem>): VirtualLine {
  const line = world.line();
  lines.push(line);
  return line;
}

afterEach(() => {
  for (const line of lines.splice(0)) line.destroy();
});

/** Puts bytes on the line, lets the toolstack read them, and gives what it says. */
function say(world: ReturnType<typeof toolstackSystem>, bytes: Uint8Array): Uint8Array {
  world.uart.put(bytes);
  for (let rounds = 0; rounds < 40; rounds++) world.system.advance(5_000_000n);
  world.system.advance(GAP);
  return world.uart.take();
}

test("nothing that comes without the key is answered or stops the service", async () => {
  const world = toolstackSystem();
  const forged = fc
    .record({ type: fc.nat(8), channel: fc.nat(255), sequence: fc.nat(), body: fc.uint8Array() })
    .map((parts) => encodeFrame(new Uint8Array(32), parts));
  const anything = fc.array(fc.oneof(forged, fc.uint8Array({ maxLength: 300 })), { maxLength: 5 });
  fc.assert(
    fc.property(anything, fc.nat(), (parts, cut) => {
      const bytes = Buffer.concat(parts);
      expect(say(world, bytes.subarray(0, bytes.length - (cut % 20))).length).toBe(0);
    }),
    { numRuns: 40 },
  );
  expect(world.system.service("toolstack").crash).toBe(undefined);
  const client = await ControlClient.open(lineTo(world), KEY, quick);
  expect((await requests.listDomains(client)).length).toBe(3);
});

test("what was recorded and is played again does nothing", async () => {
  const world = toolstackSystem();
  const line = lineTo(world);
  const recorded: Uint8Array[] = [];
  line.disturb = (bytes, toService) => {
    if (toService) recorded.push(Uint8Array.from(bytes));
    return bytes;
  };
  const client = await ControlClient.open(line, KEY, quick);
  await requests.pauseDomain(client, 3);
  await requests.unpauseDomain(client, 3);
  const [hello, pause, unpause] = recorded;
  expect(say(world, Buffer.concat([pause!, pause!]))).toHaveLength(0);
  // The last one is answered as it was: done again it would be refused.
  const said = say(world, unpause!);
  expect(Buffer.from(said).readInt32LE(wire.HEADER_BYTES + 4)).toBe(0);
  // An old hello is answered, by a challenge to which nobody has the answer.
  const answer = say(world, Buffer.concat([hello!, pause!]));
  expect(answer.length).toBe(wire.HEADER_BYTES + 2 * wire.NONCE_BYTES + wire.TAG_BYTES);
  const domains = await requests.listDomains(client);
  expect(domains.find(({ domain }) => domain === 3)?.state).toBe("running");
});

test("a hello that is said again, because the challenge was slow, changes no keys", async () => {
  const world = toolstackSystem();
  const line = lineTo(world);
  let hellos = 0;
  line.disturb = (bytes, toService) => {
    const isHello = toService && bytes[wire.FIELD_TYPE] === wire.TYPE_HELLO;
    if (isHello) hellos++;
    return isHello ? Buffer.concat([bytes, bytes]) : bytes;
  };
  const client = await ControlClient.open(line, KEY, quick);
  expect(await requests.listDomains(client)).toHaveLength(3);
  expect(hellos).toBe(1);
});

test("the line goes on after a cut, in the middle of a frame too", async () => {
  const world = toolstackSystem();
  const first = await ControlClient.open(lineTo(world), KEY, patient);
  const half = encodeFrame(KEY, { type: 3, channel: 0, sequence: 9, body: new Uint8Array(900) });
  world.uart.put(half.subarray(0, 500));
  await expect(requests.listDomains(first)).resolves.toHaveLength(3);
  first.close();
  world.uart.put(half.subarray(0, 30));
  const second = await ControlClient.open(lineTo(world), KEY, patient);
  expect(await requests.listDomains(second)).toHaveLength(3);
});

test("a line that loses bytes now and then costs requests, never the session", async () => {
  const world = toolstackSystem();
  const line = lineTo(world);
  const client = await ControlClient.open(line, KEY, { ...quick, requestMilliseconds: 300 });
  let lossy = false;
  line.disturb = (bytes) => (lossy ? bytes.subarray(0, -1) : bytes);
  for (const bad of [true, false, true, false]) {
    lossy = bad;
    const listed = requests.listDomains(client).then((domains) => domains.length);
    if (bad) await expect(listed).rejects.toThrow("did not answer");
    else expect(await listed).toBe(3);
  }
});

test("more sessions than there is room for: the oldest ends, the others go on", async () => {
  const world = toolstackSystem();
  const line = lineTo(world);
  line.setMaxListeners(64);
  const clients: ControlClient[] = [];
  for (let count = 0; count <= wire.CHANNELS; count++) {
    clients.push(await ControlClient.open(line, KEY, { ...quick, requestMilliseconds: 300 }));
    await requests.systemInfo(clients.at(-1)!);
  }
  await expect(requests.systemInfo(clients[0]!)).rejects.toThrow("did not answer");
  for (const client of clients.slice(1)) await requests.systemInfo(client);
});

test("a service without the key cannot pose as one", async () => {
  const line = new PassThrough();
  lines.push(line);
  // What the client says comes back to it: its own hello, and a challenge under a key of nobody's.
  const body = new Uint8Array(2 * wire.NONCE_BYTES);
  const forged = encodeFrame(new Uint8Array(32), { type: 2, channel: 0, sequence: 0, body });
  line.write(forged);
  const opening = ControlClient.open(line, KEY, { helloMilliseconds: 20 });
  await expect(opening).rejects.toThrow("does not answer");
});
