// What stands in xenstore before a domain's first instruction, as lines of the xenstore service's
// configuration (disaggregation/domains/xenstore/configure.ts).

import type { DomainPorts } from "./links.ts";

/** A domain's number, or what stands for it in a recipe. */
export type DomainNumber = number | string;

/** What a guest's nodes say of it. */
export interface StoreGuest {
  readonly domain: DomainNumber;
  readonly name: string;
  readonly memoryMib: number;
  readonly vcpus: number;
}

/** A domain that was there from the start, for xenstore. */
export interface StoreDomain extends StoreGuest {
  readonly isService: boolean;
  readonly isPrivileged: boolean;
  readonly ports: DomainPorts;
  /** A keeper makes it again when it ends. */
  readonly returns?: boolean;
  /** Lines for its devices. */
  readonly devices?: readonly string[];
}

const KIB_A_MIB = 1024;
/** Nodes that a guest may write, as libxl makes them. */
const guestOwned = [
  ...["data", "drivers", "feature", "attr", "error", "device/suspend/event-channel"],
  ...["shutdown", "feature-poweroff", "feature-reboot", "feature-suspend", "sysrq"].map(
    (name) => `control/${name}`,
  ),
];

function guestNodes({ domain, memoryMib, vcpus }: StoreGuest, home: string): string[] {
  const own = `n${domain}`;
  const seen = `n0,r${domain}`;
  const kib = memoryMib * KIB_A_MIB;
  return [
    `node ${home}/device ${seen}`,
    `node ${home}/control ${seen}`,
    ...guestOwned.map((name) => `node ${home}/${name} ${own}`),
    `node ${home}/memory/static-max ${seen} ${kib}`,
    `node ${home}/memory/target ${seen} ${kib}`,
    ...Array.from({ length: vcpus }, (_, id) => {
      return `node ${home}/cpu/${id}/availability ${seen} online`;
    }),
  ];
}

function nameLines({ domain, name }: StoreGuest, home: string, access: string): string[] {
  const seen = `n0,r${domain}`;
  return [
    `node ${home} ${access}`,
    `node ${home}/name ${seen} ${name}`,
    `node ${home}/domid ${seen} ${domain}`,
  ];
}

/** Lines for a guest's own part of the store, but for its devices. */
export function guestLines(guest: StoreGuest): string[] {
  const home = `/local/domain/${guest.domain}`;
  return [...nameLines(guest, home, `n0,r${guest.domain}`), ...guestNodes(guest, home)];
}

function linesOf(one: StoreDomain): string[] {
  const home = `/local/domain/${one.domain}`;
  // A service keeps its back-end directories itself.
  const own = one.isService ? nameLines(one, home, `n${one.domain}`) : guestLines(one);
  return [
    ...(one.isPrivileged ? [`privileged ${one.domain}`] : []),
    ...own,
    ...(one.devices ?? []),
    ...(one.ports.store === undefined
      ? []
      : [`${one.returns === true ? "service" : "domain"} ${one.domain} ${one.ports.store}`]),
  ];
}

/** The configuration of xenstore for these domains. */
export function storeConfiguration(domains: readonly StoreDomain[]): string {
  const lines = ["node /tool n0", "node /local/domain n0", ...domains.flatMap(linesOf)];
  return lines.map((line) => `${line}\n`).join("");
}

/** The configuration of the console service. */
export function consoleConfiguration(domains: readonly StoreDomain[]): string {
  const lines = domains.flatMap((one) => {
    if (one.ports.console === undefined) return [];
    const kind = one.isService ? "management" : "domain";
    const name = one.isService ? "" : ` ${one.name}`;
    return [`${kind} ${one.domain} ${one.ports.console}${name}\n`];
  });
  return lines.join("");
}
