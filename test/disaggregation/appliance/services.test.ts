// What would be caught: a service that starts behind what depends on it or without what ties it to
// the others, devices that no back end was told of, and mistakes in a service's file without a
// place.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { appliancePolicy } from "../../../bin/policy.ts";
import { buildAppliance, readAppliance } from "../../../disaggregation/appliance/image.ts";
import { ensureLoader } from "../loader/built.ts";
import { smallElf } from "../loader/elf-builder.ts";
import { loadedMemory, readPack } from "./pack-reader.ts";

const MIB = 1024 * 1024;
const image = smallElf();
const options = {
  policy: appliancePolicy,
  coreHash: "c0".repeat(32),
  serviceImage: (name: string) => (name === "builder" ? undefined : { image, memoryMib: 4 }),
  serviceLines: { toolstack: "key 00\n" },
};
let folder = "";

beforeAll(ensureLoader);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xenolith-test-"));
  writeFileSync(join(folder, "small.elf"), image);
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): void {
  writeFileSync(join(folder, `${name}.cfg`), `name="${name}"\n${text}`);
}
const service = (name: string, more = ""): void => {
  file(name, `type="service"; service="${name}"\n${more}`);
};
const guest = (name: string, more = ""): void => {
  file(name, `type="pvh"; kernel="small.elf"; memory=4\n${more}`);
};
const build = async () => buildAppliance(readAppliance(folder), options);

/** Commands of one domain that have to do with services. */
async function linksOf(domain: number): Promise<string[]> {
  const { commands } = readPack((await build()).pack);
  const links = commands.filter((one) => {
    return (
      one.domain === domain && /parameter|channel|grant|console|ports|background/.test(one.name)
    );
  });
  return links.map(({ name, values }) => `${name} ${values.slice(0, 3).join(" ")}`);
}

/** The configuration of a service: the text at the start of its module. */
async function configurationOf(domain: number): Promise<string> {
  const { pack } = await build();
  const memory = loadedMemory(readPack(pack), domain, 4 * MIB);
  const text = Buffer.from(memory).toString("latin1");
  const start = text.search(/(node|domain|disk|backend|management) \S+ \S+/);
  return start < 0 ? "" : text.slice(start, text.indexOf("\0", start));
}

describe("services of an appliance", () => {
  test("start before all guests, in their own order, and stay in the background", async () => {
    guest("a");
    for (const name of ["network", "toolstack", "console", "xenstore"]) service(name);
    const { guests, machineMemoryMib } = await build();
    const names = guests.map(({ name }) => name);
    expect(names).toEqual(["xenstore", "console", "network", "toolstack", "a"]);
    expect(machineMemoryMib).toBeGreaterThan(0);
    expect(await linksOf(1)).toEqual(["background 0 0 0"]);
    expect(await linksOf(2)).toEqual(["background 0 0 0"]);
  });

  test("are tied to guests by ring, port and grant", async () => {
    guest("a");
    service("xenstore");
    service("console", 'ioports=["3f8-3ff", "80"]');
    expect(await linksOf(2)).toEqual(["ports 1016 1023 0", "ports 128 128 0", "background 0 0 0"]);
    expect(await linksOf(3)).toEqual([
      ...["parameter 1 1044476 0", "channel 1 2 0", "grant 1 1044476 1"],
      ...["parameter 17 1044479 0", "channel 2 18 0", "grant 0 1044479 2"],
    ]);
  });

  test("without a console service a guest has the hypervisor's console", async () => {
    guest("a");
    service("xenstore");
    expect(await linksOf(2)).toEqual([
      ...["parameter 1 1044476 0", "channel 1 2 0", "grant 1 1044476 1", "console 1044479 0 0"],
    ]);
  });

  test("give disks and interfaces to the back ends", async () => {
    writeFileSync(join(folder, "image"), Buffer.alloc(8192, "x"));
    guest(
      "a",
      'disk=["image,raw,xvda,r", "scratch:64,vdev=xvdb1"]\nvif=["bridge=lan,ip=10.0.0.1"]',
    );
    for (const name of ["xenstore", "block", "network"]) service(name);
    const store = await configurationOf(1);
    expect(store).toContain("node /local/domain/4/device/vbd/51712/backend-id n4,r2 2\n");
    expect(store).toContain("node /local/domain/2/backend/vbd/4/51729/params n2,r4 a-xvdb1\n");
    expect(store).toContain("node /local/domain/3/backend/vif/4/0/ip n3,r4 10.0.0.1\n");
    expect(store).toContain("domain 4 1\n");
    expect(await configurationOf(2)).toBe(
      `disk a-xvda image 0 8192\ndisk a-xvdb1 scratch ${64 * MIB}\n`,
    );
    const { guests } = await build();
    expect(guests[1]?.memoryMib).toBe(4 + 64);
  });

  test("tell the toolstack of the back ends and of what the command line adds", async () => {
    guest("a");
    for (const name of ["xenstore", "console", "block", "toolstack"]) service(name);
    expect(await configurationOf(4)).toBe("backend 3 vbd\nkey 00\n");
    expect(await configurationOf(2)).toBe("management 4 2\ndomain 5 2 a\n");
    expect(await configurationOf(1)).toContain("privileged 4\n");
  });
});

describe("mistakes", () => {
  test.each([
    ["", "web.cfg: service is missing (its name)"],
    ["service='xenstor'", '3:9: there is no service "xenstor"; did you mean "xenstore"?'],
    ["service='block'; kernel='x'", '3:18: a service has no key "kernel"'],
    ["service='console'; ioports=['3f8-3f0']", "3:29: ioports are hexadecimal"],
    ["service='console'; ioports=['0-ff']", "3:29: ioports are hexadecimal"],
    ["service='builder'", "the builder service was not built"],
  ])("%s", async (text, message) => {
    file("web", `type="service"\n${text}`);
    await expect(build()).rejects.toThrow(message);
  });

  test("a service twice, and a disk without its back end", async () => {
    service("xenstore");
    file("other", 'type="service"; service="xenstore"');
    await expect(build()).rejects.toThrow("is the xenstore service already");
    rmSync(join(folder, "other.cfg"));
    guest("a", 'disk=["scratch:1,vdev=xvda"]');
    await expect(build()).rejects.toThrow("disk needs the services xenstore and block");
  });
});
