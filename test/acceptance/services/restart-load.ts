// What runs while services are ended: a guest that writes to its disk, reads back what it wrote in
// earlier rounds, and fetches from another guest through the switch, round by round.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { debianFiles } from "../../../scripts/debian.ts";
import type { LinuxFiles } from "../../disaggregation/domains/metal/linux.ts";

/** Seconds after a guest's start at which it begins no round any more. */
const SECONDS = { endless: 1_000_000, ending: 100, short: 50 } as const;
const GUEST_MIB = 128;

/** What is fetched, made by either end for itself. */
const CONTENT = "seq 150000";

const peerScript = (seconds: number): string => `
until ip addr add 10.0.0.1/24 dev eth0 2> /dev/null; do sleep 1; done; ip link set eth0 up
${CONTENT} > /www
while test $(cut -d. -f1 /proc/uptime) -lt ${seconds + 10}; do
  busybox timeout 30 nc -l -p 80 < /www > /dev/null
done
`;

/** A round writes one of 16 places, with a number of its own, and reads the place that was written
 *  longest ago. \`conv=fsync\` returns when the disk has said that it is there. */
const workerScript = (seconds: number): string => `
until ip addr add 10.0.0.2/24 dev eth0 2> /dev/null; do sleep 1; done; ip link set eth0 up
dd if=/dev/urandom of=/random bs=64k count=15 2> /dev/null
sum=$(${CONTENT} | sha256sum)
# An input that does not end: who says that he is done gets no answer to its end.
busybox mkfifo /silence
fetch() {
  for try in 1 2 3 4 5 6 7 8; do
    fetched=$(nc -w 60 10.0.0.1 80 <> /silence | sha256sum)
    test "$fetched" = "$sum" && return
    test "$fetched" = "$(sha256sum < /dev/null)" || { net=bad; return; }
    sleep 1
  done
  net=bad
}
n=0
while test $(cut -d. -f1 /proc/uptime) -lt ${seconds}; do
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
  fetch
  echo "round $n disk $disk net $net"
done
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
  const late = join(folder, "late.cpio");
  writeFileSync(late, files.ramdisk("sleep 5"));
  const create = join(folder, "late.cfg");
  writeFileSync(create, guestText("late", late, ""));
  const write = (name: keyof typeof SECONDS): string => {
    const place = join(folder, name);
    const worker = join(folder, `${name}.cpio`);
    const peer = join(folder, `${name}-peer.cpio`);
    mkdirSync(place);
    writeFileSync(worker, files.ramdisk(workerScript(SECONDS[name])));
    writeFileSync(peer, files.ramdisk(peerScript(SECONDS[name])));
    for (const service of services) {
      writeFileSync(join(place, `${service}.cfg`), serviceText(service, late));
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
