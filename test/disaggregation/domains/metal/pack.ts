// A boot pack of service domains and stock Linux guests, put together by hand: what a test of one
// service needs, and nothing else. Domains are numbered from 1 in the order of the members.

import { readFileSync } from "node:fs";
import { addGuest } from "../../../../disaggregation/appliance/guest-image.ts";
import { layOutGuest } from "../../../../disaggregation/appliance/loader.ts";
import { BootPack } from "../../../../disaggregation/appliance/pack.ts";
import { servicePath } from "../../../../scripts/service-table.ts";
import { labelsOf } from "../support/labels.ts";

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

/** xenstore is nobody's client. */
function kindOf(domain: number, { guest }: MetalMember): "alone" | "service" | "guest" {
  if (domain === STORE_DOMAIN) return "alone";
  return guest === undefined ? "service" : "guest";
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
    kind: kindOf(domain, member),
    services: { xenstore: STORE_DOMAIN, console: undefined },
    background: member.guest === undefined,
  });
}

/** The pack, under the policy of a folder (none: the one that we ship); the first member is
 *  xenstore. */
export function packOf(members: readonly MetalMember[], policyFolder?: string): Uint8Array {
  const pack = new BootPack();
  const names = members.map(({ name }) => name);
  const { bytes, labels } = labelsOf(names, policyFolder);
  for (const [index, member] of members.entries()) {
    addMember(pack, index + 1, member, labels[index]!);
  }
  for (const index of members.keys()) pack.unpause(index + 1);
  return pack.write(bytes, "");
}
