// The services of an appliance: which domains they are, what each is told, and what of the guests'
// files is theirs to carry out.

import type { Placed } from "./config-values.ts";
import type { GuestConfig } from "./guest-config.ts";
import { type DomainKind, portsOf, type ServiceDomains } from "./links.ts";
import { Problem } from "./problem.ts";
import { type ServiceConfig, type ServiceName, serviceNames } from "./service-config.ts";
import { consoleConfiguration, type StoreDomain, storeConfiguration } from "./store-nodes.ts";

/** A service as it was built: a PVH image, and the memory that its domain is given. */
export interface ServiceImage {
  readonly image: Uint8Array;
  readonly memoryMib: number;
}
export type ServiceImages = (name: string) => ServiceImage | undefined;

/** Lines of configuration that whoever builds the appliance adds for a service. */
export type ServiceLines = Partial<Record<ServiceName, string>>;

/** Reads a file that a configuration names; `what` is for errors. */
export type ReadFile = (path: Placed<string>, what: string) => Uint8Array;

const PAGE_BYTES = 4096;

/** The services among the guests, in the order in which they start. Throws a Problem when one is
 *  there twice. */
export function inServiceOrder(guests: readonly GuestConfig[]): GuestConfig[] {
  return serviceNames.flatMap((name) => {
    const found = guests.filter(({ service }) => service?.service === name);
    if (found.length < 2) return found;
    throw new Problem(`${found[1]!.file}: ${found[0]!.file} is the ${name} service already`);
  });
}

const roundUp = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;

/** A module as the runtime reads it: text, a NUL, and each file at a page of its own. */
function moduleOf(text: string, files: readonly Uint8Array[]): Uint8Array {
  const start = roundUp(text.length + 1);
  const total = files.reduce((sum, file) => sum + roundUp(file.length), start);
  const module = new Uint8Array(total);
  module.set(new TextEncoder().encode(text));
  let at = start;
  for (const file of files) {
    module.set(file, at);
    at += roundUp(file.length);
  }
  return module;
}

export class ServicePlan {
  readonly services: ServiceDomains;
  readonly #guests: readonly GuestConfig[];
  readonly #images: ServiceImages | undefined;
  readonly #lines: ServiceLines;

  /** `guests` in boot order. */
  constructor(
    guests: readonly GuestConfig[],
    images: ServiceImages | undefined,
    lines: ServiceLines = {},
  ) {
    this.#guests = guests;
    this.#images = images;
    this.#lines = lines;
    this.services = { xenstore: this.#find("xenstore"), console: this.#find("console") };
  }

  #find(name: ServiceName): number | undefined {
    const index = this.#guests.findIndex(({ service }) => service?.service === name);
    return index < 0 ? undefined : index + 1;
  }

  kindOf({ service }: GuestConfig): DomainKind {
    if (service === undefined) return "guest";
    return service.service === "toolstack" ? "toolstack" : "service";
  }

  #built({ service }: GuestConfig): ServiceImage {
    const built = this.#images?.(service!.service);
    if (built !== undefined) return built;
    throw new Problem(`the ${service!.service} service was not built; run "npm run build" first`);
  }

  /** What a domain is given; a service at least what it was made for. */
  memoryMib(guest: GuestConfig): number {
    if (guest.service === undefined) return guest.memoryMib;
    return Math.max(guest.memoryMib, this.#built(guest).memoryMib);
  }

  /** A service's image, and the module with its configuration and files. */
  imageOf(guest: GuestConfig, read: ReadFile): { image: Uint8Array; module: Uint8Array } {
    const service = guest.service!;
    const own = service.config === undefined ? undefined : read(service.config, "config");
    const text = this.#generated(service) + (own ? Buffer.from(own).toString("latin1") : "");
    const files = service.files.map((path) => read(path, "file"));
    return { image: this.#built(guest).image, module: moduleOf(text, files) };
  }

  #generated({ service, ports }: ServiceConfig): string {
    const further = this.#lines[service] ?? "";
    if (service === "xenstore") return storeConfiguration(this.#domains()) + further;
    if (service === "toolstack") return this.#backEnds() + further;
    if (service !== "console") return further;
    const [uart] = ports;
    const line = uart === undefined ? "" : `uart ${uart.first}\n`;
    return consoleConfiguration(this.#domains()) + line + further;
  }

  /** What the toolstack cleans up after a guest: the directories of its devices. */
  #backEnds(): string {
    const line = (name: ServiceName, kind: string): string => {
      const domain = this.#find(name);
      return domain === undefined ? "" : `backend ${domain} ${kind}\n`;
    };
    return line("block", "vbd") + line("network", "vif");
  }

  #domains(): StoreDomain[] {
    return this.#guests.map((guest, index) => ({
      domain: index + 1,
      name: guest.name,
      memoryMib: this.memoryMib(guest),
      vcpus: guest.vcpus,
      isService: guest.service !== undefined,
      isPrivileged: guest.service?.service === "toolstack",
      ports: portsOf(index + 1, this.kindOf(guest), this.services),
    }));
  }
}
