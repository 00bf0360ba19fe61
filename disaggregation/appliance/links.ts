// What ties a domain to the service domains beside it: ring pages, event channels, first grants.

import { PAGE_ARGUMENTS, PAGE_GRANTS, PAGE_OWN, PAGE_STORE, WINDOW } from "../runtime/places.ts";
import type { BootPack } from "./pack.ts";

/** Numbers of the service domains that others talk to; undefined: there is none. */
export interface ServiceDomains {
  readonly xenstore: number | undefined;
  readonly console: number | undefined;
}

/** A guest has a console; the toolstack has a ring to the console service instead, by which it is
 *  asked for others' consoles. */
export type DomainKind = "guest" | "service" | "toolstack";

/** Ports by which the services reach a domain; the first port of every domain is 1. */
export interface DomainPorts {
  readonly store: number | undefined;
  readonly console: number | undefined;
}

const FRAME_BYTES = 4096;
const parameter = { storePage: 1, storePort: 2, consolePage: 17, consolePort: 18 } as const;
/** References as Xen's toolstack seeds them (GNTTAB_RESERVED_*). */
const reference = { console: 0, xenstore: 1 } as const;

/** Guest frames of a guest's rings, where Xen has them. */
export const STORE_FRAME = 0xfeffc;
export const CONSOLE_FRAME = 0xfefff;
/** Guest frame of a page of a service's window. */
export const windowFrame = (handle: number): number => WINDOW / FRAME_BYTES + handle;

/** The ports that `linkDomain` makes, known before it is called. */
export function portsOf(domain: number, kind: DomainKind, services: ServiceDomains): DomainPorts {
  const hasStore = services.xenstore !== undefined && services.xenstore !== domain;
  const hasConsole = services.console !== undefined && kind !== "service";
  return {
    store: hasStore ? 1 : undefined,
    console: hasConsole ? (hasStore ? 2 : 1) : undefined,
  };
}

/** Adds a port that waits for `service`, and the ring page that it may map. */
function addRing(
  pack: BootPack,
  domain: number,
  service: number,
  ring: { frame: number; page: number; port: number; reference: number },
): void {
  pack.parameter(domain, ring.page, ring.frame);
  pack.channel(domain, service, ring.port);
  pack.grant(domain, ring.reference, ring.frame, service);
}

/** Adds the pages of a service's window that are its own from the start. */
function addWindow(pack: BootPack, domain: number): void {
  for (let handle = PAGE_ARGUMENTS; handle < PAGE_GRANTS; handle++) {
    pack.populate(domain, windowFrame(handle));
  }
}

/** Adds the commands that tie a domain that is being built to the services. A guest without a
 *  console service gets the hypervisor's console. */
export function linkDomain(
  pack: BootPack,
  domain: number,
  kind: DomainKind,
  services: ServiceDomains,
): void {
  const ports = portsOf(domain, kind, services);
  if (kind !== "guest") addWindow(pack, domain);
  if (ports.store !== undefined) {
    const { storePage: page, storePort: port } = parameter;
    const frame = kind === "guest" ? STORE_FRAME : windowFrame(PAGE_STORE);
    pack.populate(domain, frame);
    addRing(pack, domain, services.xenstore!, { frame, page, port, reference: reference.xenstore });
  }
  if (ports.console !== undefined) {
    const { consolePage: page, consolePort: port } = parameter;
    const frame = kind === "guest" ? CONSOLE_FRAME : windowFrame(PAGE_OWN);
    if (kind === "guest") pack.populate(domain, frame);
    addRing(pack, domain, services.console!, { frame, page, port, reference: reference.console });
  } else if (kind === "guest") {
    pack.console(domain, CONSOLE_FRAME);
  }
}
