// The services of an appliance: which domains they are, what each is told, and what of the guests'
// files is theirs to carry out.

import { createHash } from "node:crypto";
import { recipeText } from "../control/recipe.ts";
import { problemHere } from "./config-syntax.ts";
import type { Placed } from "./config-values.ts";
import { diskLines, diskName, interfaceLines } from "./device-nodes.ts";
import type { DiskConfig } from "./devices.ts";
import type { GuestConfig } from "./guest-config.ts";
import { usualEnds } from "./guest-ends.ts";
import { KeepingPlan, type Program } from "./keeping.ts";
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
const SECTOR_BYTES = 512;
const MIB = 1024 * 1024;
const SUPERFRAME_MIB = 2;
/** MiB of a keeper's file that are its own; what it says beyond is room for disks. */
const KEEPER_MIB = 2;
/** What comes with a service and has room in the memory that it has anyway. */
const MODULE_ROOM_BYTES = 64 << 10;

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

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** A file as it is on disk, and what comes with the builder instead of it: a kernel's ELF file. */
export type Unpacked = (path: Placed<string>) => Uint8Array | undefined;

/** Where the builder finds its contents in its module, by their hashes and by those of the files
 *  that they were unpacked from. */
function contentLines(files: readonly Uint8Array[], originals: readonly Uint8Array[]): string {
  let at = 0;
  const lines = files.flatMap((file, index) => {
    const hashes = new Set([file, originals[index]!].map((bytes) => sha256(bytes).toString("hex")));
    const place = at;
    at += roundUp(file.length);
    return [...hashes].map((hash) => `file ${hash} ${place} ${file.length}\n`);
  });
  return lines.join("");
}

export class ServicePlan {
  readonly services: ServiceDomains;
  readonly #guests: readonly GuestConfig[];
  readonly #images: ServiceImages | undefined;
  readonly #lines: ServiceLines;
  readonly #unpacked: Unpacked;
  readonly #modules = new Map<GuestConfig, Uint8Array>();
  readonly #read: ReadFile;
  readonly #keeping: KeepingPlan | undefined;

  /** `guests` in boot order. */
  constructor(
    guests: readonly GuestConfig[],
    read: ReadFile,
    images: ServiceImages | undefined,
    lines: ServiceLines = {},
    unpacked: Unpacked = () => undefined,
  ) {
    this.#unpacked = unpacked;
    this.#guests = guests;
    this.#read = read;
    this.#images = images;
    this.#lines = lines;
    this.services = {
      xenstore: this.#find("xenstore"),
      console: this.#find("console"),
      builder: this.#find("builder"),
    };
    this.#keeping = this.#planKeeping();
    for (const guest of guests) {
      const { service } = guest;
      if (service === undefined || service.service === "keeper") continue;
      this.#modules.set(guest, this.#makeModule(service, read));
    }
  }

  /** What the keeper has, if there is one. Disks of guests that come later find room in what its
   *  file gives it beyond that. */
  #planKeeping(): KeepingPlan | undefined {
    const domain = this.#find("keeper");
    if (domain === undefined) return undefined;
    const services = this.#guests.flatMap(({ service }, index) => {
      return service === undefined ? [] : [{ service: service.service, domain: index + 1 }];
    });
    const images = this.#blockDisks(0, this.#read).files;
    const further = (this.#guests[domain - 1]!.memoryMib - KEEPER_MIB) * MIB;
    const scratchBytes = this.#scratchBytes() + Math.max(0, further);
    return new KeepingPlan(domain, services, { images, scratchBytes });
  }

  /** What makes a service is complete: the keeper can make it again. */
  addProgram(domain: number, program: Program): void {
    this.#keeping?.addProgram(domain, program);
  }

  #find(name: ServiceName): number | undefined {
    const index = this.#guests.findIndex(({ service }) => service?.service === name);
    return index < 0 ? undefined : index + 1;
  }

  kindOf({ service }: GuestConfig): DomainKind {
    if (service === undefined) return "guest";
    if (["xenstore", "console", "builder", "keeper"].includes(service.service)) return "alone";
    return service.service === "toolstack" ? "toolstack" : "service";
  }

  #built({ service }: GuestConfig): ServiceImage {
    const built = this.#images?.(service!.service);
    if (built !== undefined) return built;
    throw new Problem(`the ${service!.service} service was not built; run "npm run build" first`);
  }

  /** What a domain is given; a service what it was made for and what comes with it, at least. */
  memoryMib(guest: GuestConfig): number {
    if (guest.service === undefined) return guest.memoryMib;
    const { service } = guest.service;
    const isKeeper = service === "keeper";
    const scratch = service === "block" && !this.#keeping ? this.#scratchBytes() : 0;
    const spare = isKeeper ? this.#keeping!.spareBytes : scratch;
    const module = this.#moduleOf(guest).length;
    const further = Math.max(0, module + spare - MODULE_ROOM_BYTES);
    const superframes = Math.ceil(further / (SUPERFRAME_MIB * MIB));
    const needed = this.#built(guest).memoryMib + superframes * SUPERFRAME_MIB;
    return isKeeper ? needed : Math.max(guest.memoryMib, needed);
  }

  /** The keeper's is made when everything else is. */
  #moduleOf(guest: GuestConfig): Uint8Array {
    if (guest.service?.service !== "keeper") return this.#modules.get(guest)!;
    const { text, files } = this.#keeping!.module();
    return moduleOf(text, files);
  }

  /** A service's image, and the module with its configuration and files. */
  imageOf(guest: GuestConfig): { image: Uint8Array; module: Uint8Array } {
    return { image: this.#built(guest).image, module: this.#moduleOf(guest) };
  }

  #makeModule(service: ServiceConfig, read: ReadFile): Uint8Array {
    const own = service.config === undefined ? undefined : read(service.config, "config");
    const originals = service.files.map((path) => read(path, "file"));
    const files = service.files.map((path, index) => this.#unpacked(path) ?? originals[index]!);
    const used = files.reduce((sum, file) => sum + roundUp(file.length), 0);
    const none = { text: "", files: [] };
    const disks = service.service === "block" ? this.#disksFor(used, read) : none;
    const contents = service.service === "builder" ? contentLines(files, originals) : "";
    const kept = this.#keeping?.lineFor(this.#find(service.service)!) ?? "";
    const text = kept + this.#generated(service, read) + disks.text + contents;
    const further = own === undefined ? "" : Buffer.from(own).toString("latin1");
    return moduleOf(text + further, [...files, ...disks.files]);
  }

  #generated({ service, ports }: ServiceConfig, read: ReadFile): string {
    const further = this.#lines[service] ?? "";
    if (service === "xenstore") return storeConfiguration(this.#domains()) + further;
    if (service === "toolstack") {
      const kept = this.#keeping?.kept.map(({ domain }) => `service ${domain}\n`).join("") ?? "";
      return this.#backEnds() + this.#toBuilder() + kept + this.#recipes(read) + further;
    }
    if (service === "builder") return this.#forBuilder() + further;
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

  /** The toolstack's port to the builder. */
  #toBuilder(): string {
    const { builder } = portsOf("toolstack", this.services);
    return builder === undefined ? "" : `builder ${builder}\n`;
  }

  /** By what the toolstack makes the guests again that were there from the start. */
  #recipes(read: ReadFile): string {
    const builder = this.#guests.find(({ service }) => service?.service === "builder")?.service;
    const stored = new Set(builder?.files.map(({ value }) => value));
    const texts = this.#guests.map((guest, index) => {
      const { kernel, ramdisk, ends = usualEnds } = guest;
      if (guest.service !== undefined || kernel === undefined) return "";
      const isStored = stored.has(kernel.value) && (!ramdisk || stored.has(ramdisk.value));
      if (!isStored) return "";
      const recipe = {
        ...guest,
        kernel: sha256(read(kernel, "kernel")),
        ramdisk: ramdisk && sha256(read(ramdisk, "ramdisk")),
        xsave: guest.xsave === true,
        label: guest.label?.value ?? "",
        devices: guest.devices ?? { disks: [], interfaces: [] },
        ends,
      };
      return `recipe ${index + 1}\n${recipeText(recipe)}end\n`;
    });
    return texts.join("");
  }

  /** Whom the builder listens to, and whom the domains that it makes talk to. */
  #forBuilder(): string {
    const { xenstore, console: consoles } = this.services;
    const toolstack = this.#find("toolstack");
    const { builder } = portsOf("toolstack", this.services);
    return [
      ...(toolstack === undefined ? [] : [`toolstack ${toolstack} ${builder}\n`]),
      ...(xenstore === undefined ? [] : [`xenstore ${xenstore}\n`]),
      ...(consoles === undefined ? [] : [`console ${consoles}\n`]),
    ].join("");
  }

  #domains(): StoreDomain[] {
    return this.#guests.map((guest, index) => ({
      domain: index + 1,
      name: guest.name,
      // Nobody is told a service's.
      memoryMib: guest.service === undefined ? this.memoryMib(guest) : 0,
      vcpus: guest.vcpus,
      isService: guest.service !== undefined,
      returns: this.#keeping?.kept.some(({ domain }) => domain === index + 1) ?? false,
      isPrivileged: guest.service?.service === "toolstack",
      ports: portsOf(this.kindOf(guest), this.services),
      devices: this.#devices(guest, index + 1),
    }));
  }

  /** The domain of the service that serves a device of a guest. Throws a Problem. */
  #backEnd({ file }: GuestConfig, service: ServiceName, key: string): number {
    const domain = this.#find(service);
    if (domain !== undefined && this.services.xenstore !== undefined) return domain;
    const needed = `${key} needs the services xenstore and ${service}`;
    throw new Problem(`${file}: ${needed}; add a file of type "service" for each`);
  }

  #devices(guest: GuestConfig, front: number): string[] {
    const { disks = [], interfaces = [] } = guest.devices ?? {};
    return [
      ...disks.flatMap((disk) => {
        const back = this.#backEnd(guest, "block", "disk");
        return diskLines(guest.name, { front, back }, disk);
      }),
      ...interfaces.flatMap((one, number) => {
        const back = this.#backEnd(guest, "network", "vif");
        return interfaceLines({ front, back }, number, one);
      }),
    ];
  }

  // ---- disks ------------------------------------------------------------------------------------

  /** Every disk of every guest, with its name for the block service. */
  #disks(): { name: string; disk: DiskConfig }[] {
    return this.#guests.flatMap((guest) => {
      const disks = guest.devices?.disks ?? [];
      return disks.map((disk) => ({ name: diskName(guest.name, disk), disk }));
    });
  }

  /** What the block service is told of the disks, and their files behind `start` bytes of others. */
  #blockDisks(start: number, read: ReadFile): { text: string; files: Uint8Array[] } {
    const files: Uint8Array[] = [];
    let offset = start;
    const lines = this.#disks().map(({ name, disk }) => {
      if ("scratchMib" in disk.target)
        return `disk ${name} scratch ${disk.target.scratchMib * MIB}\n`;
      const bytes = read(disk.target, "disk");
      if (bytes.length % SECTOR_BYTES !== 0) {
        throw problemHere(disk.target, `a disk has whole sectors of ${SECTOR_BYTES} bytes`);
      }
      files.push(bytes);
      const line = `disk ${name} image ${offset} ${bytes.length}${disk.writable ? " w" : ""}\n`;
      offset += roundUp(bytes.length);
      return line;
    });
    return { text: lines.join(""), files };
  }

  /** The disks as the block service has them: with a keeper they are the keeper's memory. */
  #disksFor(start: number, read: ReadFile): { text: string; files: Uint8Array[] } {
    if (this.#keeping === undefined) return this.#blockDisks(start, read);
    return { text: this.#keeping.vaultLines() + this.#blockDisks(0, read).text, files: [] };
  }

  #scratchBytes(): number {
    return this.#disks().reduce((sum, { disk }) => {
      return sum + ("scratchMib" in disk.target ? disk.target.scratchMib * MIB : 0);
    }, 0);
  }
}
