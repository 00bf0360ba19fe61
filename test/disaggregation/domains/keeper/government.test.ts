// What would be caught: a builder or a toolstack that does not come back, guests whose recipe is
// forgotten, a creation that is lost or leaves half a domain behind, and consoles nobody hears of.

import { existsSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { createGuest } from "../../../../disaggregation/control/build.ts";
import { ControlClient } from "../../../../disaggregation/control/client.ts";
import * as requests from "../../../../disaggregation/control/requests.ts";
import { corePath } from "../../../spec/world.ts";
import { smallElf } from "../../loader/elf-builder.ts";
import { KEY, type ToolstackSystem, toolstackSystem } from "../toolstack/toolstack-system.ts";

const kernel = smallElf();
const DEATHS = 2;
/** Longer than a service is away. */
const WHILE = 500_000_000n;
/** A machine with much to do is slow. */
const PATIENT = { helloMilliseconds: 5000, requestMilliseconds: 60_000 };
const SCHED_OP = 29;
const SHUTDOWN = 2;
const REBOOT = 1;
const opened: ControlClient[] = [];

afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

async function clientOf(world: ToolstackSystem): Promise<ControlClient> {
  const client = await ControlClient.open(world.line(), KEY, PATIENT);
  opened.push(client);
  return client;
}

const governed = (): ToolstackSystem =>
  toolstackSystem({ builder: [kernel], console: true, keeper: true, freeMib: 32 });

const create = (client: ControlClient, name: string) =>
  createGuest(
    client,
    {
      ...{ name, commandLine: "", label: "", memoryMib: 4, mostMemoryMib: 4 },
      ...{ kernel: { bytes: kernel }, ramdisk: undefined },
      ...{ vcpus: 1, weight: 256, xsave: false },
      ends: { poweroff: "destroy", reboot: "restart", crash: "destroy" },
      devices: { disks: [], interfaces: [] },
    },
    { paused: false, milliseconds: 20_000 },
  );

const domainsOf = async (client: ControlClient): Promise<string[]> =>
  (await requests.listDomains(client)).map(({ name, state }) => `${name} ${state}`);

describe.skipIf(!existsSync(corePath))("with a keeper", () => {
  it("the toolstack comes back and knows its guests", async () => {
    const world = governed();
    const first = await clientOf(world);
    const { domain } = await create(first, "late");
    // There is one line: two ends of it would take each other's bytes.
    first.close();
    for (let death = 1; death <= DEATHS; death++) {
      world.system.domain("toolstack").fault();
      world.system.advance(WHILE);
    }
    const client = await clientOf(world);
    expect(await domainsOf(client)).toContain("late running");
    expect(await requests.storeRead(client, `/local/domain/${domain}/name`)).toBe("late");
    // Its recipe is there still: it is made again.
    world.system.guest(domain).call(SCHED_OP, SHUTDOWN, [REBOOT]);
    world.system.advance(3n * WHILE);
    const names = await domainsOf(client);
    expect(names.filter((name) => name === "late running")).toHaveLength(1);
  });

  it("the builder comes back, and what it was making is made", async () => {
    const world = governed();
    const client = await clientOf(world);
    for (let death = 1; death <= DEATHS; death++) {
      const made = create(client, `late${death}`);
      // At another moment of the creation each time.
      await new Promise((resolve) => setTimeout(resolve, 10 * death));
      world.system.domain("builder").fault();
      const { domain } = await made;
      expect(await domainsOf(client)).toContain(`late${death} running`);
      await requests.destroyDomain(client, domain);
      world.system.advance(WHILE);
    }
    world.system.advance(2n * WHILE);
    expect(await domainsOf(client)).toEqual(
      "xenstore console builder toolstack alpha keeper".split(" ").map((name) => `${name} running`),
    );
  });
});
