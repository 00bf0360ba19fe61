// The stock Linux guest of these tests: Debian's cloud kernel with its own xen-blkfront and
// xen-netfront, and busybox. What it does is a shell script that the test writes.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { unpackKernel } from "../../../../disaggregation/appliance/kernel.ts";
import { root } from "../../../../scripts/artefacts.ts";
import {
  CHARACTER_DEVICE,
  cpio,
  DIRECTORY,
  type Entry,
  REGULAR,
  SYMBOLIC_LINK,
} from "../../../../scripts/cpio.ts";
import { debianFiles } from "../../../../scripts/debian.ts";
import { PackageCache } from "../../../../scripts/debian-packages.ts";

const cacheFolder = join(root, ".cache", "debian");
const MODULES = ["drivers/block/xen-blkfront.ko", "drivers/net/xen-netfront.ko"];
const APPLETS =
  "sh mount umount insmod ping ip dd sha256sum sleep cat echo poweroff mke2fs sync seq ls nc cut rm " +
  "blkdiscard cmp yes";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The kernel, unpacked. */
export function linuxKernel(): Promise<Uint8Array> {
  return unpackKernel(new Uint8Array(readFileSync(debianFiles.kernel)), "vmlinuz");
}

/** Files from packages that every guest of these tests has. */
export class LinuxFiles {
  readonly #entries: Entry[];

  constructor() {
    const cache = new PackageCache(cacheFolder);
    const [kernel, busybox] = cache.fetch([cache.kernelName(), "busybox-static"]);
    const modules = cache.unpack([kernel!], "unpacked-modules");
    const version = readdirSync(join(modules, "lib", "modules"))[0]!;
    const binaries = cache.unpack([busybox!], "unpacked-modules-busybox");
    const file = (path: string, from: string): Entry => {
      return { path, mode: REGULAR | 0o755, data: readFileSync(from) };
    };
    this.#entries = [
      ...["bin", "dev", "proc", "sys", "mnt", "lib"].map((path) => {
        return { path, mode: DIRECTORY | 0o755 };
      }),
      { path: "dev/console", mode: CHARACTER_DEVICE | 0o600, device: [5, 1] as const },
      file("bin/busybox", join(binaries, "bin", "busybox")),
      ...APPLETS.split(" ").map((name) => {
        return { path: `bin/${name}`, mode: SYMBOLIC_LINK | 0o777, data: text("busybox") };
      }),
      ...MODULES.map((path) => {
        const name = path.split("/").at(-1)!;
        return file(`lib/${name}`, join(modules, "lib", "modules", version, "kernel", path));
      }),
    ];
  }

  /** A root file system whose first process runs `script` with the drivers loaded, then ends the
   *  guest. */
  ramdisk(script: string): Uint8Array {
    const init = `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
insmod /lib/xen-blkfront.ko
insmod /lib/xen-netfront.ko
${script}
echo "userspace: done"
poweroff -f
`;
    return cpio([...this.#entries, { path: "init", mode: REGULAR | 0o755, data: text(init) }]);
  }
}
