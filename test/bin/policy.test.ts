// Would catch: an appliance built with a policy that breaks a promise or does not compile, a guest
// under another label than its own, a compiled table taken on trust.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { appliancePolicy, shippedPolicy } from "../../bin/policy.ts";
import { parseGuestConfig } from "../../disaggregation/appliance/guest-config.ts";
import { readAppliance, singleGuest } from "../../disaggregation/appliance/image.ts";
import { decodeTable } from "../../xsm-policy/compiler/table.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xenolith-policy-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function guest(label?: string) {
  const seclabel = label === undefined ? "" : `\nseclabel="${label}"`;
  return parseGuestConfig(`name="a"; type="pvh"; kernel="k"; memory=2${seclabel}`, "a.cfg");
}

/** A folder that lies over the shipped policy, as an appliance names it. */
function extension(files: Readonly<Record<string, string>>) {
  const path = join(folder, "policy");
  mkdirSync(path);
  writeFileSync(join(path, "extends"), shippedPolicy);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return named("policy");
}

function named(name: string) {
  return { file: "appliance.cfg", line: 3, column: 10, value: join(folder, name) };
}

/** The label of a guest in the table that is made for it. */
function labelIn(
  policy: Parameters<typeof appliancePolicy>[0],
  one: ReturnType<typeof guest>,
): string | undefined {
  const { bytes, labelOf } = appliancePolicy(policy, [one]);
  return decodeTable(bytes).names[labelOf(one)];
}

describe("the label of a guest", () => {
  test("is its seclabel, else that of the initial SID domU", () => {
    const label = "system_u:system_r:isolated_guest_t";
    expect(labelIn(undefined, guest(label))).toBe(label);
    expect(labelIn(undefined, guest())).toBe("system_u:system_r:guest_t");
  });

  test("is one of its own where it runs alone", () => {
    const single = { kernel: "k", ramdisk: undefined, commandLine: "", memoryMib: 2, vcpus: 1 };
    const [alone] = singleGuest(single).guests;
    expect(labelIn(undefined, alone!)).toBe("system_u:system_r:alone_t");
  });

  test("may be a type that the appliance's own policy adds", () => {
    const policy = extension({ "sensor.te": "new_guest(sensor_t)\n" });
    const label = "system_u:system_r:sensor_t";
    expect(labelIn(policy, guest(label))).toBe(label);
    expect(() => labelIn(undefined, guest(label))).toThrow(
      /^a\.cfg:2:10: the policy has no such label: unknown type 'sensor_t'/,
    );
  });

  test("must fit the policy", () => {
    expect(() => labelIn(undefined, guest("guest_t"))).toThrow(/^a\.cfg:2:10: .*user:role:type/);
  });
});

describe("a policy is refused", () => {
  test("that breaks a neverallow, with rule and macro call", () => {
    const policy = extension({ "local.te": "channel_end(guest_t, isolated_guest_t)\n" });
    expect(() => labelIn(policy, guest())).toThrow(
      /breaks 1 of its \d+ promises.*\n.*goals\.te:\d+:\d+: broken: neverallow guest_channel_type/,
    );
    expect(() => labelIn(policy, guest())).toThrow(/in channel_end\(\) called at \S*local\.te:1:1/);
  });

  test("that breaks a neverflow, with the path", () => {
    const relay = "new_domain(relay_t)\nmap_granted(relay_t, { guest_t isolated_guest_t })\n";
    const policy = extension({ "local.te": relay });
    expect(() => labelIn(policy, guest())).toThrow(
      /guest_t -> relay_t -> isolated_guest_t \(2 steps\)/,
    );
  });

  test("that does not compile, with the place", () => {
    const policy = extension({ "local.te": "allow guest_t nobody_t:event send;\n" });
    expect(() => labelIn(policy, guest())).toThrow(
      /local\.te:1:15: error: unknown type 'nobody_t'/,
    );
  });

  test("whose promise names what is not there", () => {
    const policy = extension({ "local.assert": "neverflow nobody_t -> guest_t;\n" });
    expect(() => labelIn(policy, guest())).toThrow(/cannot be decided.*\n.*local\.assert:1:11/);
  });

  test("that is not there, or is a table whose promises are gone", () => {
    expect(() => labelIn(named("nowhere"), guest())).toThrow(
      /^appliance\.cfg:3:10: .*no such file/,
    );
    const { bytes } = appliancePolicy(undefined, [guest()]);
    writeFileSync(join(folder, "a.table"), bytes);
    expect(() => labelIn(named("a.table"), guest())).toThrow(/no promises to check/);
  });
});

test("the example with a policy of its own keeps its promises", () => {
  const { guests, config } = readAppliance(join(root, "examples/own-policy"));
  const { bytes, labelOf } = appliancePolicy(config.policy, guests);
  const labels = guests.map((one) => decodeTable(bytes).names[labelOf(one)]);
  expect(labels).toEqual(["system_u:system_r:sensor_t", "system_u:system_r:vault_t"]);
});

test("the same policy and guests give the same bytes", () => {
  const [one, two] = [0, 1].map(() => appliancePolicy(undefined, [guest()]).bytes);
  expect(Buffer.compare(one!, two!)).toBe(0);
});
