// What the toolstack and the builder are for, once: true if all of it worked.

import { createGuest, startDomain } from "../../../../disaggregation/control/build.ts";
import { ControlClient, Refusal } from "../../../../disaggregation/control/client.ts";
import * as requests from "../../../../disaggregation/control/requests.ts";
import { CONSOLE_FRAME } from "../../../../disaggregation/runtime/places.ts";
import { smallElf } from "../../loader/elf-builder.ts";
import { KEY, type ToolstackSystem, toolstackSystem } from "../toolstack/toolstack-system.ts";

const [XENSTORE, CONSOLE, BUILDER, TOOLSTACK] = [1, 2, 3, 4];
const ALPHA = 5;
const RUNNING = 2;
const NETWORK = 6;
const EVENT_CHANNEL_OP = 32;
const EVENT_SEND = 4;
const CONSOLE_PORT = 2;
const QUICK = { helloMilliseconds: 300, requestMilliseconds: 1500 };
/** Whole pages and a part of one. */
const kernel = smallElf();
const streamed = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);
const names = "xenstore console builder toolstack alpha network".split(" ");

async function namesThere(client: ControlClient): Promise<string[]> {
  return (await requests.listDomains(client)).map(({ name }) => name);
}

/** A guest is made of what was streamed, and runs. */
async function makesGuest(client: ControlClient): Promise<boolean> {
  const made = await createGuest(
    client,
    {
      ...{ name: "late", commandLine: "", label: "", memoryMib: 4, mostMemoryMib: 4 },
      ...{ kernel: { bytes: kernel }, ramdisk: { bytes: streamed } },
      ...{ vcpus: 1, weight: 256, xsave: false },
      ends: { poweroff: "destroy", reboot: "restart", crash: "destroy" },
      devices: { disks: [], interfaces: [] },
    },
    { paused: true, milliseconds: 5000 },
  );
  await startDomain(client, made.domain);
  const home = `/local/domain/${made.domain}`;
  return (await requests.storeRead(client, `${home}/name`)) === "late";
}

/** What a guest says is heard. */
async function hears(client: ControlClient, { system }: ToolstackSystem): Promise<boolean> {
  const said: string[] = [];
  client.onConsole = ({ bytes }) => said.push(Buffer.from(bytes).toString());
  const ring = BigInt(CONSOLE_FRAME) << 12n;
  const alpha = system.domain("alpha");
  alpha.write(ring + 1024n, Buffer.from("login: "));
  alpha.store32(ring + 3084n, 7);
  alpha.call(EVENT_CHANNEL_OP, EVENT_SEND, [CONSOLE_PORT]);
  await requests.attachConsole(client, ALPHA);
  for (let wait = 0; wait < 20 && said.length === 0; wait++) await requests.systemInfo(client);
  return said.join("").includes("login: ");
}

/** A guest and a driver are stopped for good. */
async function destroys(client: ControlClient, { system }: ToolstackSystem): Promise<boolean> {
  await requests.pauseDomain(client, ALPHA);
  await requests.unpauseDomain(client, ALPHA);
  await requests.destroyDomain(client, ALPHA);
  // Its code runs here in a process that knows nothing of its domain's end.
  system.service("network").crash = new Error("destroyed");
  await requests.destroyDomain(client, NETWORK);
  const others = [
    ["console", CONSOLE],
    ["builder", BUILDER],
    ["xenstore", XENSTORE],
  ] as const;
  for (const [name, domain] of others) {
    system.service(name).crash = new Error("destroyed");
    await requests.destroyDomain(client, domain);
  }
  return true;
}

/** The toolstack ends itself, and has no answer left to give. */
async function destroysItself(policy: string): Promise<boolean> {
  const world = toolstackSystem({ ...{ policy, console: true, network: true }, builder: [kernel] });
  const client = await ControlClient.open(world.line(), KEY, QUICK);
  try {
    const refused = requests.destroyDomain(client, TOOLSTACK).then(
      () => true,
      (error: unknown) => error instanceof Refusal,
    );
    if (await refused) return false;
    return world.system.machine.columns.number("domainState", TOOLSTACK) !== RUNNING;
  } finally {
    client.close();
  }
}

async function ends(client: ControlClient, { system }: ToolstackSystem): Promise<boolean> {
  await requests.endSystem(client);
  const shutDown = 4;
  for (let wait = 0; wait < 50; wait++) {
    system.advance(10_000_000n);
    if (system.machine.columns.number("domainState", 4) === shutDown) return true;
  }
  return false;
}

/** All that a client asks of a running system. */
export async function usesControl(policy: string): Promise<boolean> {
  const world = toolstackSystem({
    ...{ policy, console: true, network: true, freeMib: 8 },
    builder: [kernel],
  });
  const client = await ControlClient.open(world.line(), KEY, QUICK);
  try {
    const all = await namesThere(client);
    if (!names.every((name) => all.includes(name))) return false;
    if ((await requests.systemInfo(client)).xenVersion !== "4.17") return false;
    const works = (await makesGuest(client)) && (await hears(client, world));
    const ended = works && (await destroys(client, world)) && (await ends(client, world));
    return ended && (await destroysItself(policy));
  } finally {
    client.close();
  }
}
