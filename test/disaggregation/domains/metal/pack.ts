// A boot pack of service domains and stock Linux guests, put together by hand: what a test of one
// service needs, and nothing else. Domains are numbered from 1 in the order of the members.

import { readFileSync } from "node:fs";
import { appliancePolicy } from "../../../../bin/policy.ts";
import type { GuestConfig } from "../../../../disaggregation/appliance/guest-config.ts";
import { addGuest } from "../../../../disaggregation/appliance/guest-image.ts";
import { layOutGuest } from "../../../../disaggregation/appliance/loader.ts";
import { BootPack } from "../../../../disaggregation/appliance/pack.ts";
import type { Policy } from "../../../../disaggregation/appliance/policy.ts";
import type { ServiceName } from "../../../../disaggregation/appliance/service-config.ts";
import { servicePath } from "../../../../scripts/service-table.ts";

const MIB = 1024 * 1024;
const PAGE_BYTES = 4096;
const STORE_DOMAIN = 1;
/** The label of guests that have a disk and a network, in the policy that we ship. */
const GUEST_LABEL = "system_u:system_r:guest_t";

export interface MetalMember {
  readonly name: string;
  readonly memoryMib: number;
  /** A service's configuration, and what lies behind it. */
  readonly service?: { readonly config: string; readonly payload?: Uint8Array };
  /** A guest's kernel (uncompressed), root file system and command line. */
  readonly guest?: {
    readonly kernel: Uint8Array;
    readonly ramdisk: Uint8Array;
    readonly commandLine: string;
  };
}

/** The text, a NUL, and from the next page on the payload. */
function moduleOf(config: string, payload: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(`${config}\0`);
  const start = Math.ceil(text.length / PAGE_BYTES) * PAGE_BYTES;
  const module = new Uint8Array(start + payload.length);
  module.set(text);
  module.set(payload, start);
  return module;
}

function imagesOf(member: MetalMember): { kernel: Uint8Array; ramdisk: Uint8Array } {
  if (member.guest !== undefined) return member.guest;
  const { config = "", payload = new Uint8Array() } = member.service ?? {};
  const kernel = new Uint8Array(readFileSync(servicePath(member.name, "elf")));
  return { kernel, ramdisk: moduleOf(config, payload) };
}

/** What of a member's description decides its label. */
function describe({ name, memoryMib, guest }: MetalMember): GuestConfig {
  const place = { file: "test", line: 1, column: 1 };
  const service = { service: name as ServiceName, config: undefined, files: [], ports: [] };
  return {
    file: "test",
    name,
    kernel: { ...place, value: name },
    ramdisk: undefined,
    commandLine: "",
    memoryMib,
    mostMemoryMib: memoryMib,
    vcpus: 1,
    weight: 256,
    label: guest && { ...place, value: GUEST_LABEL },
    notes: [],
    ...(guest === undefined ? { service } : {}),
  };
}

function addMember(pack: BootPack, domain: number, member: MetalMember, label: number): void {
  const { kernel, ramdisk } = imagesOf(member);
  const bytes = member.memoryMib * MIB;
  const layout = layOutGuest({
    kernel,
    kernelName: member.name,
    ramdiskBytes: ramdisk.length,
    commandLine: member.guest?.commandLine ?? "",
    memoryBytes: bytes,
    vcpus: 1,
  });
  addGuest(pack, domain, {
    name: member.name,
    label,
    vcpus: 1,
    weight: 256,
    mostMemoryBytes: bytes,
    kernel,
    ramdisk,
    layout,
    kind: member.guest === undefined ? "service" : "guest",
    services: { xenstore: STORE_DOMAIN, console: undefined },
  });
}

/** The policy of some members from a folder. */
function policyFor(folder: string, members: readonly GuestConfig[]): Policy {
  return appliancePolicy({ file: "test", line: 1, column: 1, value: folder }, members);
}

/** The pack, under the policy of a folder; the first member is xenstore. */
export function packOf(members: readonly MetalMember[], policyFolder: string): Uint8Array {
  const pack = new BootPack();
  const described = members.map(describe);
  const policy = policyFor(policyFolder, described);
  for (const [index, member] of members.entries()) {
    addMember(pack, index + 1, member, policy.labelOf(described[index]!));
  }
  for (const index of members.keys()) pack.unpause(index + 1);
  return pack.write(policy.bytes, "");
}

/** A node of xenstore's configuration, and all below it. */
export function nodes(
  path: string,
  permissions: string,
  keys: Readonly<Record<string, string | number>>,
): string {
  const lines = Object.entries(keys).map(([key, value]) => {
    return `node ${path}/${key} ${permissions} ${value}\n`;
  });
  return [`node ${path} ${permissions} \n`, ...lines].join("");
}

/** The nodes of a device: each side is its own domain's, and read by the other's. */
export function deviceNodes(
  kind: string,
  back: number,
  front: number,
  number: number,
  keys: Readonly<Record<string, string | number>>,
): string {
  const frontPath = `/local/domain/${front}/device/${kind}/${number}`;
  const backPath = `/local/domain/${back}/backend/${kind}/${front}/${number}`;
  const common = { frontend: frontPath, "frontend-id": front, online: 1, state: 1 };
  return [
    nodes(frontPath, `n${front},r${back}`, {
      backend: backPath,
      "backend-id": back,
      state: 1,
      ...(kind === "vbd"
        ? { "virtual-device": number, "device-type": "disk" }
        : { handle: number }),
      ...(keys.mac === undefined ? {} : { mac: keys.mac }),
    }),
    nodes(backPath, `n${back},r${front}`, { ...common, ...keys }),
  ].join("");
}
