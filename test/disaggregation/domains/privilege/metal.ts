// The services on the metal under a policy: a stock Debian guest uses its disk and reaches another
// one through the switch; true if all of it worked.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { artefacts } from "../../../../scripts/artefacts.ts";
import { bootImage } from "../../../metal/harness.ts";
import type { LinuxFiles } from "../metal/linux.ts";
import { type MetalMember, packOf } from "../metal/pack.ts";
import { deviceNodes, nodes } from "../support/store-nodes.ts";

const [BLOCK, NETWORK, USER, NEIGHBOUR] = [2, 3, 4, 5];
const SECONDS = 240;
const WORKED = "the disk and the network work";
/** Every step ends by itself, whatever is missing. */
const USER_SCRIPT = `
ip addr add 10.0.0.4/24 dev eth0; ip link set eth0 up; sleep 1
yes | dd of=/dev/xvda bs=4k count=16 iflag=fullblock conv=fsync 2> /dev/null &&
blkdiscard -l 65536 /dev/xvda && cmp -n 65536 /dev/xvda /dev/zero &&
mke2fs -q /dev/xvda > /dev/null && mount -t ext4 /dev/xvda /mnt &&
dd if=/dev/zero of=/mnt/data bs=64k count=8 2> /dev/null && rm /mnt/data && umount /mnt &&
ping -c 2 -W 2 10.0.0.5 > /dev/null && echo "${WORKED}"`;
const NEIGHBOUR_SCRIPT = "ip addr add 10.0.0.5/24 dev eth0; ip link set eth0 up; sleep 8";

function home(domain: number, kind: "guest" | "service"): string {
  const path = `/local/domain/${domain}`;
  if (kind === "service") return `domain ${domain} 1\n${nodes(path, `n${domain}`, {})}`;
  const device = nodes(`${path}/device`, `n${domain},r${BLOCK},r${NETWORK}`, {});
  return `domain ${domain} 1\n${nodes(path, `n0,r${domain}`, { name: "guest" })}${device}`;
}

function port(domain: number): string {
  const keys = { mac: `00:16:3e:00:00:0${domain}`, ip: `10.0.0.${domain}`, bridge: "lan" };
  return deviceNodes("vif", NETWORK, domain, 0, keys);
}

function storeConfig(): string {
  return [
    ...[BLOCK, NETWORK].map((domain) => home(domain, "service")),
    ...[USER, NEIGHBOUR].map((domain) => home(domain, "guest") + port(domain)),
    deviceNodes("vbd", BLOCK, USER, 51712, { params: "work", mode: "w" }),
  ].join("");
}

/** Boots under the policy of a folder. */
export async function worksOnMetal(
  kernel: Uint8Array,
  files: LinuxFiles,
  policy: string,
): Promise<boolean> {
  const guest = (name: string, script: string): MetalMember => {
    const ramdisk = files.ramdisk(script);
    return { name, memoryMib: 128, guest: { kernel, ramdisk, commandLine: "console=hvc0 quiet" } };
  };
  const members = [
    { name: "xenstore", memoryMib: 16, service: { config: storeConfig() } },
    { name: "block", memoryMib: 16, service: { config: "disk work scratch 8388608\n" } },
    { name: "network", memoryMib: 4, service: { config: "" } },
    guest("user", USER_SCRIPT),
    guest("neighbour", NEIGHBOUR_SCRIPT),
  ];
  const folder = mkdtempSync(join(tmpdir(), "xenolith-privilege-"));
  try {
    const pack = join(folder, "pack");
    writeFileSync(pack, packOf(members, policy));
    const machine = { elf: artefacts.image, pack, memoryMib: 512, timeoutSeconds: SECONDS };
    const { consoles } = await bootImage(machine);
    return consoles.get("user")?.includes(WORKED) === true;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
