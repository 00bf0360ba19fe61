// [services.clients]: Debian's own clients in guests on service domains: a 256 MiB disk image and a
// 256 MiB transfer compare equal by sha256; fio, fsck, iperf3, curl and xenstore-utils do their
// part.

import { createCipheriv, createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpio, DIRECTORY, REGULAR } from "../../../scripts/cpio.ts";
import { debianFiles } from "../../../scripts/debian.ts";
import { makeToolsRoot, toolsFile } from "../../../scripts/debian-tools.ts";
import type { Check } from "../check.ts";
import { xenolith } from "../cli.ts";

const MIB = 1024 * 1024;
const IMAGE_BYTES = 256 * MIB;
const SECONDS = 1500;
const SERVICES = ["xenstore", "block", "network"];
const rolesFolder = new URL("roles/", import.meta.url);

/** What the guests say beside the hashes. */
const WANTED = [
  ["server", "fio verified"],
  ["server", "fsck clean"],
  ["server", "store yes"],
  ["client", "iperf3 done"],
  ["client", "store lists the interface"],
] as const;

/** Bytes without a pattern that a lost or doubled sector would fit. */
function imageContent(): Buffer {
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, 1), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(IMAGE_BYTES));
}

function rolesArchive(): Uint8Array {
  const roles = readdirSync(rolesFolder)
    .sort()
    .map((name) => {
      const data = readFileSync(new URL(name, rolesFolder));
      return { path: `roles/${name}`, mode: REGULAR | 0o755, data };
    });
  return cpio([{ path: "roles", mode: DIRECTORY | 0o755 }, ...roles]);
}

function guestText(name: string, address: string, further: string): string {
  return `name = "${name}"
type = "pvh"
kernel = "${debianFiles.kernel}"
ramdisk = "ramdisk"
cmdline = "console=hvc0 quiet role=clients-${name} address=${address}/24"
memory = 448
vif = ["bridge=lan,ip=${address}"]
${further}`;
}

/** Writes the appliance and returns the image's hash. */
function writeAppliance(folder: string): string {
  const image = imageContent();
  writeFileSync(join(folder, "image"), image);
  writeFileSync(join(folder, "ramdisk"), Buffer.concat([readFileSync(toolsFile), rolesArchive()]));
  for (const name of SERVICES) {
    const text = `name = "${name}"\ntype = "service"\nservice = "${name}"\n`;
    writeFileSync(join(folder, `${name}.cfg`), text);
  }
  const disks = 'disk = ["image,raw,xvda,r", "scratch:320,vdev=xvdb"]\n';
  writeFileSync(join(folder, "server.cfg"), guestText("server", "10.0.0.1", disks));
  writeFileSync(join(folder, "client.cfg"), guestText("client", "10.0.0.2", ""));
  return createHash("sha256").update(image).digest("hex");
}

/** What of the output is as it must be. */
function judge(stdout: string, hash: string): Record<string, boolean> {
  const said = (guest: string, text: string): boolean => {
    return stdout.split("\n").some((line) => line.trim() === `${guest}: clients: ${text}`);
  };
  return {
    image: said("server", `image ${hash}`),
    copy: said("server", `copy ${hash}`),
    transfer: said("client", `transfer ${hash}`),
    ...Object.fromEntries(WANTED.map(([guest, text]) => [text, said(guest, text)])),
  };
}

export const clients: Check = {
  name: "services.clients",
  claim:
    "xenstore-utils, iperf3, curl, fio and fsck work in guests; 256 MiB of disk and of transfer " +
    "compare equal by sha256",
  short: false,
  async run() {
    makeToolsRoot();
    const folder = mkdtempSync(join(tmpdir(), "xenolith-clients-"));
    try {
      const hash = writeAppliance(folder);
      const ran = await xenolith(["run", folder, "--timeout", String(SECONDS)], SECONDS + 60);
      const held = judge(ran.stdout, hash);
      const denials = ran.stdout.match(/avc: denied/g)?.length ?? 0;
      const figures = { code: ran.code, ...held, denials };
      const passed = ran.code === 0 && denials === 0 && Object.values(held).every((one) => one);
      return { passed, figures, summary: JSON.stringify(figures) };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
