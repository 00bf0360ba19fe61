// The text that a toolstack makes a domain from (../domains/toolstack/recipes.ts): the builder's
// request, xenstore's nodes, and what follows when the domain ends.

import { diskLines, interfaceLines } from "../appliance/device-nodes.ts";
import type { Devices } from "../appliance/devices.ts";
import type { GuestEnds } from "../appliance/guest-ends.ts";
import { guestLines } from "../appliance/store-nodes.ts";
import * as wire from "./wire.ts";

/** A guest as it is asked for; its files by the hashes that the builder's store has them under. */
export interface GuestRecipe {
  readonly name: string;
  readonly kernel: Uint8Array;
  readonly ramdisk: Uint8Array | undefined;
  readonly commandLine: string;
  /** Multiples of 2 MiB. */
  readonly memoryMib: number;
  readonly mostMemoryMib: number;
  readonly vcpus: number;
  readonly weight: number;
  readonly xsave: boolean;
  /** A label of the policy in force; empty for the usual one. */
  readonly label: string;
  readonly ends: GuestEnds;
  readonly devices: Devices;
}

/** What stands in a recipe's nodes for the domain and for those of the services. */
const DOMAIN = "%d";
const BLOCK = "%b";
const NETWORK = "%n";

/** The data of the builder's CREATE. */
export function createData(guest: GuestRecipe): Buffer {
  const label = Buffer.from(guest.label, "latin1");
  const fixed = Buffer.alloc(wire.CREATE_TEXTS);
  fixed.write(guest.name, wire.CREATE_NAME, wire.CREATE_NAME_BYTES - 1, "latin1");
  fixed.writeUInt32LE(guest.vcpus, wire.CREATE_VCPUS);
  fixed.writeUInt32LE(guest.memoryMib, wire.CREATE_MEMORY_MIB);
  fixed.writeUInt32LE(guest.mostMemoryMib, wire.CREATE_MOST_MIB);
  fixed.writeUInt32LE(guest.weight, wire.CREATE_WEIGHT);
  fixed.writeUInt32LE(guest.xsave ? wire.CREATE_FLAG_XSAVE : 0, wire.CREATE_FLAGS);
  fixed.writeUInt32LE(label.length, wire.CREATE_LABEL_BYTES);
  fixed.set(guest.kernel, wire.CREATE_KERNEL);
  if (guest.ramdisk !== undefined) fixed.set(guest.ramdisk, wire.CREATE_RAMDISK);
  return Buffer.concat([fixed, label, Buffer.from(guest.commandLine, "latin1")]);
}

/** Lines of a recipe. */
export function recipeText(guest: GuestRecipe): string {
  const { name, memoryMib, vcpus, ends, devices } = guest;
  const nodes = [
    ...guestLines({ domain: DOMAIN, name, memoryMib, vcpus }),
    ...devices.disks.flatMap((disk) => diskLines(name, { front: DOMAIN, back: BLOCK }, disk)),
    ...devices.interfaces.flatMap((one, number) =>
      interfaceLines({ front: DOMAIN, back: NETWORK }, number, one),
    ),
  ];
  const lines = [
    `name ${name}`,
    `create ${createData(guest).toString("hex")}`,
    `ends ${ends.poweroff} ${ends.reboot} ${ends.crash}`,
    ...nodes,
  ];
  return lines.map((line) => `${line}\n`).join("");
}
