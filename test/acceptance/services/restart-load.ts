// What runs while services are ended: a guest that writes to its disk, reads back what it wrote in
// earlier rounds, and fetches from another guest through the switch, round by round.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { debianFiles } from "../../../scripts/debian.ts";
import type { LinuxFiles } from "../../disaggregation/domains/metal/linux.ts";

/** Rounds of the runs that end by themselves. */
const ROUNDS = { endless: 1_000_000, ending: 260, short: 60 } as const;
const GUEST_MIB = 128;

const peerScript = `
ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up
seq 150000 > /www
sha256sum < /www > /sum
busybox mkdir /web; busybox mv /www /sum /web
busybox httpd -p 80 -h /web
nc -l -p 7 > /request
`;

/** A round writes one of 16 places, with a number of its own, and reads the place that was written
 *  longest ago. \`conv=fsync\` returns when the disk has said that it is there. */
const workerScript = (rounds: number): string => `
ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up
dd if=/dev/urandom of=/random bs=64k count=15 2> /dev/null
until sum=$(busybox wget -q -T 5 -O - http://10.0.0.1/sum); do sleep 1; done
n=0
while test $n -lt ${rounds}; do
  n=$((n + 1)); disk=ok; net=ok; place=$((n % 16))
  { echo $n; cat /random; } > /data
  dd if=/data bs=1024k conv=sync 2> /dev/null | sha256sum > /sum$place
  dd if=/data of=/dev/xvda bs=1024k seek=$place conv=sync,fsync 2> /dev/null || disk=bad
  echo 3 > /proc/sys/vm/drop_caches
  old=$(((n + 1) % 16))
  if test -e /sum$old; then
    read=$(dd if=/dev/xvda bs=1024k skip=$old count=1 2> /dev/null | sha256sum)
    test "$read" = "$(cat /sum$old)" || disk=bad
  fi
  fetched=$(busybox wget -q -T 60 -O - http://10.0.0.1/www | sha256sum)
  test "$fetched" = "$sum" || net=bad
  echo "round $n disk $disk net $net"
done
until echo stop | nc -w 5 10.0.0.1 7; do sleep 1; done
`;

function guestText(name: string, ramdisk: string, further: string): string {
  return `name = "${name}"
type = "pvh"
kernel = "${debianFiles.kernel}"
ramdisk = "${ramdisk}"
cmdline = "console=hvc0 quiet"
memory = ${GUEST_MIB}
${further}`;
}

function serviceText(name: string, ramdisk: string): string {
  const further: Readonly<Record<string, string>> = {
    console: 'ioports = ["3f8-3ff"]\n',
    toolstack: 'ioports = ["2f8-2ff"]\n',
    builder: `files = ["${debianFiles.kernel}", "${ramdisk}"]\n`,
  };
  return `name = "${name}"\ntype = "service"\nservice = "${name}"\n${further[name] ?? ""}`;
}

/** Writes an appliance for each kind of run, and the file of a guest that can be created. */
export function writeLoad(folder: string, services: readonly string[], files: LinuxFiles) {
  const peer = join(folder, "peer.cpio");
  writeFileSync(peer, files.ramdisk(peerScript));
  const create = join(folder, "late.cfg");
  writeFileSync(create, guestText("late", peer, ""));
  const write = (name: keyof typeof ROUNDS): string => {
    const place = join(folder, name);
    const worker = join(folder, `${name}.cpio`);
    mkdirSync(place);
    writeFileSync(worker, files.ramdisk(workerScript(ROUNDS[name])));
    for (const service of services) {
      writeFileSync(join(place, `${service}.cfg`), serviceText(service, peer));
    }
    const lan = (address: string): string => `vif = ["bridge=lan,ip=${address}"]\n`;
    const disk = 'disk = ["scratch:32,vdev=xvda"]\n';
    writeFileSync(join(place, "peer.cfg"), guestText("peer", peer, lan("10.0.0.1")));
    writeFileSync(join(place, "worker.cfg"), guestText("worker", worker, lan("10.0.0.2") + disk));
    writeFileSync(join(place, "appliance.cfg"), "max_memory = 512\n");
    return place;
  };
  return { endless: write("endless"), ending: write("ending"), short: write("short"), create };
}
