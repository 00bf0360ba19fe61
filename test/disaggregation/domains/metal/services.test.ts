// Stock Debian guests on the metal, with their own xen-blkfront and xen-netfront, against our block
// and network domains and our xenstore, under the policy that we ship: each service has the rights
// of its domain.te alone. Skipped where the image or the Debian guests are missing (npm run build,
// npx tsx scripts/debian.ts).

import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { artefacts } from "../../../../scripts/artefacts.ts";
import { debianFiles } from "../../../../scripts/debian.ts";
import { servicePath } from "../../../../scripts/service-table.ts";
import { type BootResult, bootImage } from "../../../metal/harness.ts";
import { deviceNodes, nodes } from "../support/store-nodes.ts";
import { LinuxFiles, linuxKernel } from "./linux.ts";
import { type MetalMember, packOf } from "./pack.ts";

const needed = [
  artefacts.image,
  debianFiles.kernel,
  ...["xenstore", "block", "network"].map((name) => servicePath(name, "elf")),
];
const SERVICE = 2;
const IMAGE_BYTES = 1 << 20;
/** A service asked for what its domain.te does not say. */
const DENIED = /avc: denied scontext=\S+:(xenstore|block_driver|network_driver)_t /;

describe.skipIf(!needed.every((path) => existsSync(path)))("services on the metal", () => {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-metal-"));
  let kernel: Uint8Array;
  let files: LinuxFiles;

  beforeAll(async () => {
    kernel = await linuxKernel();
    files = new LinuxFiles();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function guest(name: string, script: string): MetalMember {
    const ramdisk = files.ramdisk(script);
    return { name, memoryMib: 128, guest: { kernel, ramdisk, commandLine: "console=hvc0 quiet" } };
  }

  async function boot(members: readonly MetalMember[], store: string): Promise<BootResult> {
    const pack = join(folder, "pack");
    const config = `domain ${SERVICE} 1\n${nodes(`/local/domain/${SERVICE}`, `n${SERVICE}`, {})}`;
    const xenstore = { name: "xenstore", memoryMib: 16, service: { config: config + store } };
    writeFileSync(pack, packOf([xenstore, ...members]));
    return bootImage({ elf: artefacts.image, pack, memoryMib: 512, timeoutSeconds: 110 });
  }

  function guestNodes(domain: number): string {
    const home = `/local/domain/${domain}`;
    const own = nodes(`${home}/device`, `n${domain},r${SERVICE}`, {});
    return `domain ${domain} 1\n${nodes(home, `n0,r${domain}`, { name: "guest" })}${own}`;
  }

  it("a guest reads an image, and keeps an ext4 file system on a scratch disk", async () => {
    const payload = Uint8Array.from({ length: IMAGE_BYTES }, (_, at) => (at * 7 + (at >> 9)) & 255);
    const config = `disk root image 0 ${IMAGE_BYTES}\ndisk work scratch 8388608\n`;
    const store = [
      guestNodes(3),
      deviceNodes("vbd", SERVICE, 3, 51712, { params: "root", mode: "r" }),
      deviceNodes("vbd", SERVICE, 3, 51728, { params: "work", mode: "w" }),
    ].join("");
    const script = `
mke2fs -q /dev/xvdb > /dev/null
mount -t ext4 /dev/xvdb /mnt && dd if=/dev/xvda of=/mnt/copy bs=64k 2> /dev/null
umount /mnt && mount -t ext4 -o discard /dev/xvdb /mnt && sha256sum /mnt/copy
rm /mnt/copy && sync && umount /mnt && echo clean
dd if=/dev/zero of=/dev/xvda bs=4k count=1 2> /dev/null || echo refused`;
    const block = { name: "block", memoryMib: 16, service: { config, payload } };
    const result = await boot([block, guest("reader", script)], store);
    const hash = createHash("sha256").update(payload).digest("hex");
    const lines = result.consoles.get("reader") ?? [];
    expect(lines).toContain(`${hash}  /mnt/copy`);
    expect(lines).toContain("clean");
    expect(lines).toContain("refused");
    expect(result.raw).not.toMatch(DENIED);
    expect([result.reason, result.exitCode]).toEqual(["halt", 0]);
  });

  it("two guests reach each other through the switch, a third in another group nobody", async () => {
    const port = (domain: number, bridge: string): string => {
      const mac = `00:16:3e:00:00:0${domain}`;
      const keys = { mac, ip: `10.0.0.${domain}`, bridge };
      return guestNodes(domain) + deviceNodes("vif", SERVICE, domain, 0, keys);
    };
    const up = (domain: number): string => {
      return `ip addr add 10.0.0.${domain}/24 dev eth0; ip link set eth0 up; sleep 1`;
    };
    const members = [
      { name: "network", memoryMib: 4, service: { config: "" } },
      guest("server", `${up(3)}\nnc -l -p 7 | sha256sum; sleep 2`),
      guest("client", `${up(4)}\nping -c 3 10.0.0.3\nseq 1 300000 | nc 10.0.0.3 7`),
      guest("other", `${up(5)}\nping -c 2 -W 1 10.0.0.3`),
    ];
    const store = port(3, "lan") + port(4, "lan") + port(5, "elsewhere");
    const result = await boot(members, store);
    const sent = Array.from({ length: 300_000 }, (_, at) => `${at + 1}\n`).join("");
    const hash = createHash("sha256").update(sent).digest("hex");
    expect(result.consoles.get("server")).toContain(`${hash}  -`);
    const heard = (name: string): string => (result.consoles.get(name) ?? []).join("\n");
    expect(result.raw).not.toMatch(DENIED);
    expect(heard("client")).toContain("3 packets transmitted, 3 packets received");
    expect(heard("other")).toContain("2 packets transmitted, 0 packets received");
    expect([result.reason, result.exitCode]).toEqual(["halt", 0]);
  });
});
