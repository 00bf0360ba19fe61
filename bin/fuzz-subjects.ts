// What `xenolith fuzz` fuzzes beside the core: the readers of files that users give, which lie in
// wings that the fuzzer does not know.

import type { Sight, Subject } from "../fuzz/targets/bytes.ts";

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
const decoded = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const POLICY = `class domain
class grant
sid xen
class domain { create pause }
class grant { map_read }
attribute guest;
type xen_t;
type one_t, guest;
bool strict false;
role system_r;
role system_r types { xen_t guest };
allow xen_t guest:domain { create pause };
if (strict) { allow one_t self:grant map_read; }
type_transition one_t xen_t:domain one_t;
neverallow guest xen_t:domain create;
user system_u roles system_r;
constrain domain create ( u1 == u2 );
sid xen system_u:system_r:xen_t
`;
const POLICY_WORDS = POLICY.split(/[^a-z_0-9]+/).concat(["{", "}", "~", "*", "-", "#line 9\n"]);

async function policySource(): Promise<Subject> {
  const { compile } = await import("../xsm-policy/compiler/compile.ts");
  const look = (bytes: Uint8Array): Sight => {
    const text = decoded(bytes);
    const { ok, diagnostics } = compile({ name: "policy.conf", text });
    const same = compile({ name: "policy.conf", text });
    const features = [
      `ok ${ok}`,
      ...diagnostics.map(({ code, severity }) => `${severity} ${code}`),
    ];
    if (JSON.stringify(same.diagnostics) === JSON.stringify(diagnostics)) return { features };
    const says = "the same text gives other diagnostics the second time";
    return { features, failure: { oracle: "repeat", about: "diagnostics", says } };
  };
  return {
    name: "policy-source",
    isText: true,
    seeds: [encoded(POLICY)],
    words: POLICY_WORDS,
    look,
  };
}

/** Message with numbers taken out: how far a reader came. */
const skeleton = (message: string): string => message.replace(/0x[0-9a-f]+|\d+|"[^"]*"/g, "N");

async function policyBinary(): Promise<Subject> {
  const { compile } = await import("../xsm-policy/compiler/compile.ts");
  const { readPolicydb } = await import("../xsm-policy/compiler/policydb-read.ts");
  const { PolicydbError, writePolicydb } = await import("../xsm-policy/compiler/policydb-write.ts");
  const { policy } = compile({ name: "policy.conf", text: POLICY });
  if (policy === undefined) throw new Error("the policy that mutations begin with has errors");
  const written = (one: typeof policy, version: 24 | 30): Uint8Array | undefined => {
    try {
      return writePolicydb(one, version);
    } catch (error) {
      if (error instanceof PolicydbError) return undefined;
      throw error;
    }
  };
  const look = (bytes: Uint8Array): Sight => {
    const { policy: read, version, diagnostics } = readPolicydb(bytes);
    const features = diagnostics.map(({ message }) => skeleton(message));
    if (read === undefined || version === undefined) return { features };
    features.push(`read ${version} ${read.types.length} ${read.classes.length}`);
    const once = written(read, version);
    if (once === undefined) return { features };
    const again = readPolicydb(once).policy;
    const twice = again && written(again, version);
    if (twice !== undefined && Buffer.compare(once, twice) === 0) return { features };
    const says = "what was read and written is read as something else";
    return { features, failure: { oracle: "round trip", about: "policydb", says } };
  };
  const seeds = ([24, 30] as const).flatMap((version) => written(policy, version) ?? []);
  return { name: "policy-binary", isText: false, seeds, words: ["XenFlask"], look };
}

const GUEST = `name = "one"
type = "pvh"
kernel = "vmlinuz"
ramdisk = "initrd"
cmdline = "console=hvc0"
memory = 64
maxmem = 128
vcpus = 2
seclabel = "system_u:system_r:domU_t"
on_crash = "destroy"
`;
const APPLIANCE = `guests = [ "one.cfg", "two.cfg" ]
policy = "policy"
schedule = [ [ "one", 10 ], [ "two", 5 ] ]
`;

/** A reader of configuration files: a mistake in one is a Problem, and nothing else is thrown. */
async function configuration(
  name: string,
  seed: string,
  read: (text: string) => unknown,
): Promise<Subject> {
  const { Problem } = await import("../disaggregation/appliance/problem.ts");
  const look = (bytes: Uint8Array): Sight => {
    try {
      const config = read(decoded(bytes)) as Record<string, unknown>;
      return { features: [`read ${Object.keys(config).join(" ")}`] };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { features: [skeleton(error.message)] };
    }
  };
  const words = seed.split(/\s+/).concat(["'", '"', "[", "]", ",", "0x10", "-1", "\\n", "#"]);
  return { name, isText: true, seeds: [encoded(seed)], words, look };
}

/** A kernel of one segment with the note that PVH wants. */
function elfSeed(): Uint8Array {
  const bytes = new Uint8Array(0x1200);
  const view = new DataView(bytes.buffer);
  const header = [0x464c457f, 0x00010102, 0, 0, 0x003e0002, 1];
  for (const [index, word] of header.entries()) view.setUint32(index * 4, word, true);
  const longs: [number, number][] = [
    [24, 0x100000],
    [32, 64],
    [64 + 8, 0x1000],
    [64 + 16, 0x100000],
    [64 + 24, 0x100000],
    [64 + 32, 0x200],
    [64 + 40, 0x2000],
    [64 + 48, 0x1000],
    [120 + 8, 0x1100],
    [120 + 24, 0x100100],
    [120 + 32, 20],
    [120 + 40, 20],
    [120 + 48, 4],
  ];
  for (const [at, value] of longs) view.setBigUint64(at, BigInt(value), true);
  const words: [number, number][] = [
    [52, 0x00380040],
    [56, 2],
    [64, 1],
    [68, 7],
    [120, 4],
    [124, 4],
    [0x1100, 4],
    [0x1104, 4],
    [0x1108, 18],
    [0x110c, 0x006e6558],
    [0x1110, 0x100000],
  ];
  for (const [at, value] of words) view.setUint32(at, value, true);
  return bytes;
}

const GUEST_BYTES = 64 << 20;
/** Rows that lie in a guest's memory; the others are special pages. */
const IN_MEMORY = new Set(["memory", "kernel", "ramdisk"]);

async function kernelElf(): Promise<Subject> {
  const { tryLayOutGuest } = await import("../disaggregation/appliance/loader.ts");
  const usual = { kernelName: "kernel", ramdiskBytes: 0x3000, commandLine: "quiet" };
  const look = (kernel: Uint8Array): Sight => {
    const result = tryLayOutGuest({ ...usual, kernel, memoryBytes: GUEST_BYTES, vcpus: 2 });
    if ("error" in result) return { features: [`error ${result.error}`] };
    const beyond = result.rows.find(
      ({ kind, gpa, bytes }) => IN_MEMORY.has(kind) && gpa + bytes > GUEST_BYTES,
    );
    const features = [`rows ${result.rows.map(({ kind }) => kind).join(" ")}`];
    if (beyond === undefined) return { features };
    const says = `a row lies beyond the guest's memory: 0x${beyond.gpa.toString(16)}`;
    return { features, failure: { oracle: "layout", about: beyond.kind, says } };
  };
  return { name: "kernel-elf", isText: false, seeds: [elfSeed()], words: ["Xen\0"], look };
}

const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  "policy-source": policySource,
  "policy-binary": policyBinary,
  "guest-file": async () => {
    const { parseGuestConfig } = await import("../disaggregation/appliance/guest-config.ts");
    return configuration("guest-file", GUEST, (text) => parseGuestConfig(text, "guest.cfg"));
  },
  "appliance-file": async () => {
    const { parseApplianceConfig } = await import(
      "../disaggregation/appliance/appliance-config.ts"
    );
    const read = (text: string) => parseApplianceConfig(text, "appliance.cfg");
    return configuration("appliance-file", APPLIANCE, read);
  },
  "kernel-elf": kernelElf,
  // Service domains on the scripted guests of their tests.
  "block-ring": async () => (await import("../test/fuzz/services/rings.ts")).blockRing(),
  "network-ring": async () => (await import("../test/fuzz/services/rings.ts")).networkRing(),
  xenbus: async () => (await import("../test/fuzz/services/rings.ts")).xenbus(),
  "xenstore-wire": async () => (await import("../test/fuzz/services/store.ts")).xenstoreWire(),
  management: async () => (await import("../test/fuzz/services/store.ts")).management(),
  system: async () => (await import("../test/fuzz/services/system.ts")).wholeSystem(),
};

/** The subject of that name. Throws RangeError if there is none. */
export async function subject(name: string): Promise<Subject> {
  const make = subjects[name];
  if (make === undefined) throw new RangeError(`there is no target "${name}"`);
  return make();
}

/** What the fuzzer is told of them. */
export const fuzzSubjects = { href: import.meta.url, names: Object.keys(subjects) };
