// A boot pack of service domains and stock Linux guests, put together by hand: what a test of one
// service needs, and nothing else. Domains are numbered from 1 in the order of the members.

import { readFileSync } from "node:fs";
import { addGuest } from "../../../../disaggregation/appliance/guest-image.ts";
import { layOutGuest } from "../../../../disaggregation/appliance/loader.ts";
import { BootPack } from "../../../../disaggregation/appliance/pack.ts";
import { ALLOWED_GUEST, allowTable } from "../../../../scripts/policy-tables.ts";
import { servicePath } from "../../../../scripts/service-table.ts";

const MIB = 1024 * 1024;
const PAGE_BYTES = 4096;
const STORE_DOMAIN = 1;

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

function addMember(pack: BootPack, domain: number, member: MetalMember): void {
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
    label: ALLOWED_GUEST,
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

/** The pack; the first member is xenstore. */
export function packOf(members: readonly MetalMember[]): Uint8Array {
  const pack = new BootPack();
  for (const [index, member] of members.entries()) addMember(pack, index + 1, member);
  for (const index of members.keys()) pack.unpause(index + 1);
  return pack.write(allowTable(), "");
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
