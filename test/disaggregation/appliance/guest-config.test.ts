// What would be caught: a key that is silently ignored or read with another meaning than Xen's, a
// limit that is not held, an error without its place.

import { describe, expect, test } from "vitest";
import { parseGuestConfig } from "../../../disaggregation/appliance/guest-config.ts";
import { supported, unsupported } from "../../../disaggregation/appliance/xl-keys.ts";

const least = `name="web"; type="pvh"; kernel="boot/vmlinuz"; memory=64\n`;
const guest = (more = "") => parseGuestConfig(least + more, "/etc/xen/web.cfg");

describe("a guest file", () => {
  test("needs little, and the rest is as xl has it", () => {
    expect(guest()).toMatchObject({
      name: "web",
      kernel: { value: "/etc/xen/boot/vmlinuz" },
      ramdisk: undefined,
      commandLine: "",
      memoryMib: 64,
      mostMemoryMib: 64,
      vcpus: 1,
      weight: 256,
      label: undefined,
      notes: [],
    });
  });

  test("is told of XSAVE and AVX when it asks, and of nothing else", () => {
    expect(guest().xsave).toBe(false);
    expect(guest('cpuid = "host"').xsave).toBe(false);
    expect(guest('cpuid = "host,avx=1"').xsave).toBe(true);
    expect(guest('cpuid = "host, xsave=1, avx=1"').xsave).toBe(true);
    expect(guest('cpuid = "host,xsave=0,avx=0"').xsave).toBe(false);
    expect(() => guest('cpuid = "host,svm=1"')).toThrow("no other feature is offered");
    expect(() => guest('cpuid = "host,xsave=1,avx=0"')).toThrow("switched on together");
  });

  test("has all that is supported", () => {
    const all = guest(`ramdisk = '/boot/initrd'
cmdline = "console=hvc0"
maxmem = 128
vcpus = "4"
maxvcpus = 4
cpu_weight = 0x200
seclabel = 'system_u:system_r:guest_t'
on_poweroff = "destroy"; on_reboot = "destroy"; on_crash = "destroy"`);
    expect(all).toMatchObject({
      ramdisk: { value: "/boot/initrd" },
      commandLine: "console=hvc0",
      mostMemoryMib: 128,
      vcpus: 4,
      weight: 512,
      label: { value: "system_u:system_r:guest_t", line: 8, column: 12 },
    });
  });

  test("rounds memory up to 2 MiB and says so", () => {
    const odd = guest("memory = 65\nmaxmem = 127");
    expect([odd.memoryMib, odd.mostMemoryMib]).toEqual([66, 128]);
    expect(odd.notes).toEqual([
      "/etc/xen/web.cfg:2: memory rounded up from 65 to 66 MiB",
      "/etc/xen/web.cfg:3: maxmem rounded up from 127 to 128 MiB",
    ]);
    expect(guest("memory = 65").notes).toHaveLength(1);
  });

  test.each([
    ["root='/dev/xvda'", "root=/dev/xvda"],
    ["extra='quiet'", "quiet"],
    ["root='/dev/xvda'; extra='ro quiet'", "root=/dev/xvda ro quiet"],
    ["cmdline='a'; root='/dev/xvda'", "a"],
  ])("makes a command line of %s", (text, line) => {
    expect(guest(text).commandLine).toBe(line);
  });

  test("says that root and extra are ignored beside cmdline", () => {
    expect(guest("cmdline='a'\nextra='b'").notes[0]).toMatch(/web.cfg:2: root and extra/);
  });
});

describe("errors name file, line and column", () => {
  test.each([
    ["vcpu = 2", '2:1: unknown key "vcpu"; did you mean "vcpus"?'],
    ["memroy = 2", '2:1: unknown key "memroy"; did you mean "memory"?'],
    ["\nfrobnicate = 2", '3:1: unknown key "frobnicate"'],
    ["usbdev = [ 'x' ]", "2:1: usbdev is not supported yet; take the line out"],
    ["disk = [ 'x' ]", '2:10: vdev is xvda to xvdz, or a partition of one, not ""'],
    ["disk = [ 'x,raw,hda' ]", '2:10: vdev is xvda to xvdz, or a partition of one, not "hda"'],
    ["disk = [ 'x,qcow2,xvda' ]", '2:10: format is raw, not "qcow2"'],
    ["disk = [ 'x,raw,xvda,q' ]", '2:10: access is r, ro, w or rw, not "q"'],
    ["disk = [ 'vdev=xvda' ]", "2:10: the disk has no target"],
    ["disk = [ 'x,vdev=xvda,cached=1' ]", "2:10: the key cached is not supported"],
    ["disk = [ 'x,raw,xvda,w,y' ]", '2:10: what is "y"? Write KEY=VALUE'],
    ["disk = [ 'x,vdev=xvda', 'y,vdev=xvda' ]", "2:1: two disks are called xvda"],
    ["disk = [ 'scratch:5000,vdev=xvda' ]", "2:10: a scratch disk has at most 4096 MiB"],
    ["vif = [ 'mac=1:2' ]", '2:9: mac is six bytes of one station, not "1:2"'],
    ["vif = [ 'brigde=x' ]", '2:9: the key brigde is not supported; did you mean "bridge"?'],
    ["vif = [ 'ip=10.0.0' ]", '2:9: "10.0.0" is no IPv4 address'],
    ['type = "hvm"', '2:8: type must be "pvh", not "hvm"'],
    ["memory = 0", "2:10: memory is a whole number from 2 to 16128"],
    ["memory = '1e3'", "2:10: memory is a whole number"],
    ["memory = 20000", "2:10: memory is a whole number"],
    ["memory = [ 1 ]", "2:10: memory is a string, not a list"],
    ["maxmem = 32", "2:10: maxmem is less than memory"],
    ["vcpus = 33", "2:9: vcpus is a whole number from 1 to 32"],
    ["vcpus = 2\nmaxvcpus = 4", "3:12: more maxvcpus than vcpus"],
    ["vcpus = 4\nmaxvcpus = 2", "3:12: maxvcpus is less than vcpus"],
    ["cpu_weight = 0", "2:14: cpu_weight is a whole number from 1 to 65535"],
    ["name = 'a b'", "2:8: a name is 1 to 23 letters"],
    ["name = 'aaaaaaaaaaaaaaaaaaaaaaaa'", "2:8: a name is 1 to 23 letters"],
    ["name = 'xenolith'", '2:8: "xenolith" is the hypervisor'],
    [
      "on_reboot = 'rename-restart'",
      '2:13: on_reboot="rename-restart" is not supported yet; use one',
    ],
    ["on_crash = 'destory'", `2:12: on_crash: unknown action "destory"; did you mean "destroy"?`],
    ["kernel = ''", "2:10: kernel is empty"],
    ["cmdline = 'a\\tb'", "2:11: a command line is printable ASCII"],
    [`cmdline = '${"x".repeat(2048)}'`, "2:11: a command line has at most 2047 bytes, not 2048"],
  ])("%s", (text, message) => {
    expect(() => guest(text)).toThrow(`/etc/xen/web.cfg:${message}`);
  });

  test.each(["name", "type", "kernel", "memory"])("%s is missing", (key) => {
    const text = least.replace(new RegExp(`${key}=[^;\\n]*`), "");
    expect(() => parseGuestConfig(text, "web.cfg")).toThrow(
      new RegExp(`^web.cfg: ${key}.* missing`),
    );
  });
});

test("no key is both supported and not", () => {
  expect([...supported].filter((key) => unsupported.has(key))).toEqual([]);
});
