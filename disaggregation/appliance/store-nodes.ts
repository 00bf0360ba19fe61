// What stands in xenstore before a domain's first instruction, as lines of the xenstore service's
// configuration (disaggregation/domains/xenstore/configure.ts).

import type { DomainPorts } from "./links.ts";

/** A domain that was there from the start, for xenstore. */
export interface StoreDomain {
  readonly domain: number;
  readonly name: string;
  readonly memoryMib: number;
  readonly vcpus: number;
  readonly isService: boolean;
  readonly isPrivileged: boolean;
  readonly ports: DomainPorts;
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

function guestNodes({ domain, memoryMib, vcpus }: StoreDomain, home: string): string[] {
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

function linesOf(one: StoreDomain): string[] {
  const home = `/local/domain/${one.domain}`;
  // A service keeps its back-end directories itself.
  const access = one.isService ? `n${one.domain}` : `n0,r${one.domain}`;
  const seen = `n0,r${one.domain}`;
  return [
    ...(one.isPrivileged ? [`privileged ${one.domain}`] : []),
    `node ${home} ${access}`,
    `node ${home}/name ${seen} ${one.name}`,
    `node ${home}/domid ${seen} ${one.domain}`,
    ...(one.isService ? [] : guestNodes(one, home)),
    ...(one.devices ?? []),
    ...(one.ports.store === undefined ? [] : [`domain ${one.domain} ${one.ports.store}`]),
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
