// What stands in xenstore for a guest's devices before its first instruction, and what the block
// service is told of its disks.

import type { DiskConfig, InterfaceConfig } from "./devices.ts";
import type { DomainNumber } from "./store-nodes.ts";

/** A front end's domain and a back end's. */
export interface Ends {
  readonly front: DomainNumber;
  readonly back: DomainNumber;
}

type Keys = Readonly<Record<string, string | number>>;
/** xenbus: initialising. */
const INITIALISING = 1;
const MIB = 1024 * 1024;

/** The name of a disk for the block service. */
export const diskName = (guest: string, { device }: DiskConfig): string => `${guest}-${device}`;

function lines(path: string, access: string, keys: Keys): string[] {
  const values = Object.entries(keys).map(
    ([key, value]) => `node ${path}/${key} ${access} ${value}`,
  );
  return [`node ${path} ${access}`, ...values];
}

/** Each side's directory is its own domain's, and read by the other. */
function deviceLines(kind: string, { front, back }: Ends, number: number, own: Keys, other: Keys) {
  const frontPath = `/local/domain/${front}/device/${kind}/${number}`;
  const backPath = `/local/domain/${back}/backend/${kind}/${front}/${number}`;
  return [
    ...lines(frontPath, `n${front},r${back}`, {
      backend: backPath,
      "backend-id": back,
      state: INITIALISING,
      ...own,
    }),
    ...lines(backPath, `n${back},r${front}`, {
      frontend: frontPath,
      "frontend-id": front,
      online: 1,
      state: INITIALISING,
      ...other,
    }),
  ];
}

/** Nodes of a disk. */
export function diskLines(guest: string, ends: Ends, disk: DiskConfig): string[] {
  const { target } = disk;
  // The block service makes a scratch disk that it does not have yet.
  const scratch: Keys = "scratchMib" in target ? { scratch: target.scratchMib * MIB } : {};
  return deviceLines(
    "vbd",
    ends,
    disk.number,
    { "virtual-device": disk.number, "device-type": "disk" },
    {
      params: diskName(guest, disk),
      mode: disk.writable ? "w" : "r",
      dev: disk.device,
      ...scratch,
    },
  );
}

/** Nodes of a network interface; the first is 0. */
export function interfaceLines(ends: Ends, number: number, one: InterfaceConfig): string[] {
  const { mac, bridge, addresses } = one;
  const ip: Keys = addresses.length === 0 ? {} : { ip: addresses.join(" ") };
  return deviceLines(
    "vif",
    ends,
    number,
    { mac, handle: number },
    { mac, handle: number, bridge, ...ip },
  );
}
