// What ties a domain to the service domains beside it: ring pages, event channels, first grants.

import { LINK_REFERENCE } from "../domains/builder/link.ts";
import {
  CONSOLE_FRAME,
  PAGE_ARGUMENTS,
  PAGE_GRANTS,
  PAGE_OWN,
  PAGE_STORE,
  STORE_FRAME,
  WINDOW,
} from "../runtime/places.ts";
import type { BootPack } from "./pack.ts";

/** Numbers of the service domains that others talk to; undefined: there is none. */
export interface ServiceDomains {
  readonly xenstore: number | undefined;
  readonly console: number | undefined;
  readonly builder?: number | undefined;
}

/** A guest has a console; the toolstack has a ring to the console service instead, by which it asks
 *  for others' consoles. A service alone is no client of xenstore. */
export type DomainKind = "guest" | "service" | "toolstack" | "alone";

/** Ports by which the services reach a domain; the first port of every domain is 1. */
export interface DomainPorts {
  readonly store: number | undefined;
  readonly console: number | undefined;
  /** The toolstack's port to the builder. */
  readonly builder?: number | undefined;
}

const FRAME_BYTES = 4096;
const parameter = { storePage: 1, storePort: 2, consolePage: 17, consolePort: 18 } as const;
const NO_PARAMETER = 0;
/** References as Xen's toolstack seeds them (GNTTAB_RESERVED_*). */
const reference = { console: 0, xenstore: 1 } as const;

/** Guest frame of a page of a service's window. */
export const windowFrame = (handle: number): number => WINDOW / FRAME_BYTES + handle;

/** The ports that `linkDomain` makes, known before it is called. */
export function portsOf(kind: DomainKind, services: ServiceDomains): DomainPorts {
  const hasStore = services.xenstore !== undefined && kind !== "alone";
  const hasConsole = services.console !== undefined && (kind === "guest" || kind === "toolstack");
  const hasBuilder = services.builder !== undefined && kind === "toolstack";
  const first = hasStore ? 2 : 1;
  return {
    store: hasStore ? 1 : undefined,
    console: hasConsole ? first : undefined,
    ...(hasBuilder ? { builder: hasConsole ? first + 1 : first } : {}),
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
  const ports = portsOf(kind, services);
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
  if (ports.builder !== undefined) {
    pack.channel(domain, services.builder!, NO_PARAMETER);
    pack.grant(domain, LINK_REFERENCE, windowFrame(PAGE_OWN + 1), services.builder!);
  }
}
