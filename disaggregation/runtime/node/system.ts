// A whole system in one process: the core on the simulated machine, service domains with their
// .wasm, and guests that a test plays. Deterministic: services take turns in the order of their
// domains, and time passes when somebody lets it pass.

import { SimulatedCpu } from "../../../tcb/machine/sim/cpu.ts";
import { SimulatedMachine } from "../../../tcb/machine/sim/machine.ts";
import { KeepingPlan } from "../../appliance/keeping.ts";
import { type DomainKind, type DomainPorts, linkDomain, portsOf } from "../../appliance/links.ts";
import { BootPack } from "../../appliance/pack.ts";
import { type ServiceName, serviceNames } from "../../appliance/service-config.ts";
import { SimulatedDomain } from "./domain.ts";
import { NEVER, type PortDevice, SimulatedService } from "./service.ts";

const MIB = 0x100000;
const SUPERFRAME_BYTES = 2 * MIB;
const SUPERFRAME_FRAMES = 512;
const PAGE_BYTES = 4096;
/** Free frames of a reservation, for rings, grant table and shared_info. */
const RESERVED_FRAMES = SUPERFRAME_FRAMES;
/** Turns of all services that one event may lead to, before a test has found a loop. */
const MOST_ROUNDS = 100_000;

/** What runs in a domain; the domains are numbered from 1 in the order of the members. */
export interface Member {
  readonly name: string;
  /** Label in the policy's table. */
  readonly label: number;
  /** Missing: a guest that the test plays. */
  readonly service?: ServiceMember;
}

export interface ServiceMember {
  readonly kind: "xenstore" | "console" | "builder" | "toolstack" | "keeper" | "other";
  readonly wasm: Uint8Array;
  /** Made once the ports of all domains are known, by their numbers. */
  readonly config?: (ports: ReadonlyMap<number, DomainPorts>) => string;
  /** What lies behind the configuration; its length is a multiple of 4096. */
  readonly module?: Uint8Array;
  readonly spareBytes?: number;
  readonly ports?: PortDevice;
}

export interface SystemOptions {
  readonly core: Uint8Array<ArrayBuffer>;
  /** A policy's table. */
  readonly policy: Uint8Array;
  readonly members: readonly Member[];
  /** Memory for domains that come later. */
  readonly freeMib?: number;
  /** What a keeper has for scratch disks. */
  readonly scratchBytes?: number;
}

const roundUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;

/** What the hypervisor prints at boot. */
const BANNER = "xenolith: services on a simulated machine\n";
/** The I/O ports of a service that has some: a serial port's. */
const UART = { first: 0x2f8, last: 0x2ff } as const;
/** Room in a keeper for the rows that make services again. */
const ROWS_BYTES = 256 << 10;

/** Guest memory of a member: guests and services alike have one superframe at 0. */
function memoryBytes({ service }: Member): number {
  const rows = service?.kind === "keeper" ? ROWS_BYTES : 0;
  const module = roundUp(service?.module?.length ?? rows, PAGE_BYTES);
  return roundUp(SUPERFRAME_BYTES + module + (service?.spareBytes ?? 0), SUPERFRAME_BYTES);
}

function kindOfMember({ service }: Member): DomainKind {
  if (service === undefined) return "guest";
  if (["xenstore", "console", "builder", "keeper"].includes(service.kind)) return "alone";
  return service.kind === "toolstack" ? "toolstack" : "service";
}

function addMember(pack: BootPack, domain: number, member: Member): void {
  const bytes = memoryBytes(member);
  const limit = bytes / PAGE_BYTES + RESERVED_FRAMES;
  const { name, label } = member;
  pack.create(domain, { label, vcpus: 1, limit, weight: 256, name });
  for (let at = 0; at < bytes; at += SUPERFRAME_BYTES) {
    pack.populateSuperframe(domain, at / PAGE_BYTES);
  }
  pack.reserve(domain);
  if (member.service?.ports !== undefined) pack.ports(domain, UART.first, UART.last);
}

/** What a keeper among the members has, if there is one; the other services are known by the
 *  members' names. */
function planKeeping(members: readonly Member[], scratchBytes: number): KeepingPlan | undefined {
  const domain = members.findIndex(({ service }) => service?.kind === "keeper") + 1;
  if (domain === 0) return undefined;
  const services = members.flatMap(({ name }, index) => {
    const service = serviceNames.find((known): known is ServiceName => known === name);
    return service === undefined ? [] : [{ service, domain: index + 1 }];
  });
  return new KeepingPlan(domain, services, { images: [], scratchBytes });
}

/** Files one behind the other, each at a page of its own. */
function concatenate(files: readonly Uint8Array[]): Uint8Array {
  const starts = files.map((_, index) => {
    const before = files.slice(0, index);
    return before.reduce((sum, { length }) => sum + roundUp(length, PAGE_BYTES), 0);
  });
  const bytes = files.reduce((sum, { length }) => sum + roundUp(length, PAGE_BYTES), 0);
  const all = new Uint8Array(bytes);
  for (const [index, file] of files.entries()) all.set(file, starts[index]);
  return all;
}

export class ServiceSystem {
  readonly machine: SimulatedMachine;
  readonly cpu: SimulatedCpu;
  /** By number; the first is domain 1. */
  readonly ports: ReadonlyMap<number, DomainPorts>;
  readonly #members: readonly Member[];
  readonly #domains = new Map<string, SimulatedDomain>();
  readonly #services = new Map<string, SimulatedService>();
  readonly #keeping: KeepingPlan | undefined;
  /** Services whose domain ended: a keeper makes it again. */
  readonly #ended = new Set<string>();

  constructor({ core, policy, members: given, freeMib = 0, scratchBytes = 0 }: SystemOptions) {
    const keeping = planKeeping(given, scratchBytes);
    const members = given.map((member) => {
      if (member.service?.kind !== "keeper") return member;
      return { ...member, service: { ...member.service, spareBytes: keeping!.spareBytes } };
    });
    this.#keeping = keeping;
    this.#members = members;
    const kindOf = (kind: string): number | undefined => {
      const index = members.findIndex(({ service }) => service?.kind === kind);
      return index < 0 ? undefined : index + 1;
    };
    const pack = new BootPack();
    const ports = new Map<number, DomainPorts>();
    const services = {
      xenstore: kindOf("xenstore"),
      console: kindOf("console"),
      builder: kindOf("builder"),
    };
    for (const [index, member] of members.entries()) {
      addMember(pack, index + 1, member);
      linkDomain(pack, index + 1, kindOfMember(member), services);
      ports.set(index + 1, portsOf(kindOfMember(member), services));
      pack.startContext(index + 1, 0, 0x1000, 0x2000);
      keeping?.addProgram(index + 1, pack.program(index + 1));
    }
    for (const index of members.keys()) pack.unpause(index + 1);
    this.ports = ports;
    const memory = members.reduce((sum, member) => sum + memoryBytes(member), 0);
    const free = (members.length + 8) * SUPERFRAME_BYTES + freeMib * MIB;
    const ramBytes = memory + free;
    const bytes = pack.write(policy, BANNER);
    this.machine = new SimulatedMachine({ core, ramBytes, pack: bytes, ticksPerLook: 0n });
    this.cpu = new SimulatedCpu(this.machine);
    this.machine.boot();
    for (const [index, { name }] of members.entries()) {
      this.#domains.set(name, new SimulatedDomain(this.cpu, index + 1));
    }
    for (const { name, service } of members) if (service !== undefined) this.start(name);
  }

  domain(name: string): SimulatedDomain {
    const domain = this.#domains.get(name);
    if (domain === undefined) throw new RangeError(`no member is called ${name}`);
    return domain;
  }

  /** A domain that was made while the system runs, which the test plays. */
  guest(domain: number): SimulatedDomain {
    return new SimulatedDomain(this.cpu, domain);
  }

  nameOf(domain: number): string {
    return this.#members[domain - 1]!.name;
  }

  service(name: string): SimulatedService {
    const service = this.#services.get(name);
    if (service === undefined) throw new RangeError(`no service is called ${name}`);
    return service;
  }

  /** Starts a service, or starts it anew with empty linear memory. */
  start(name: string): SimulatedService {
    const member = this.#members.find((one) => one.name === name)?.service;
    if (member === undefined) throw new RangeError(`no service is called ${name}`);
    const domain = this.domain(name);
    const isKeeper = member.kind === "keeper";
    const kept = isKeeper ? this.#keeping?.module() : undefined;
    const payload = kept ? concatenate(kept.files) : (member.module ?? new Uint8Array());
    const module = { address: BigInt(SUPERFRAME_BYTES), bytes: BigInt(payload.length) };
    domain.write(module.address, payload);
    const address = module.address + module.bytes;
    const service = new SimulatedService(domain, {
      wasm: member.wasm,
      config:
        kept?.text ?? this.#keptLines(domain.number, name) + (member.config?.(this.ports) ?? ""),
      module,
      spare: { address, bytes: BigInt(member.spareBytes ?? 0) },
      ...(member.ports === undefined ? {} : { ports: member.ports }),
    });
    this.#services.set(name, service);
    service.start();
    return service;
  }

  #keptLines(domain: number, name: string): string {
    if (this.#keeping === undefined) return "";
    return this.#keeping.lineFor(domain) + (name === "block" ? this.#keeping.vaultLines() : "");
  }

  /** With a keeper, a service that crashed ends its domain, as on the metal, and what the keeper
   *  has made again starts with nothing but what was kept. True: something changed. */
  #followEnds(): boolean {
    let changed = false;
    for (const [name, service] of this.#keeping === undefined ? [] : [...this.#services]) {
      const { domain } = service;
      if (domain.lives && service.crash !== undefined && !this.#ended.has(name)) {
        domain.fault();
        changed = true;
      }
      if (!domain.lives) this.#ended.add(name);
      else if (this.#ended.delete(name)) {
        this.#domains.set(name, new SimulatedDomain(this.cpu, domain.number));
        this.start(name);
        changed = true;
      }
    }
    return changed;
  }

  /** Lets every service run until none has anything to do. */
  settle(): void {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      let idle = !this.#followEnds();
      for (const [name, service] of this.#services) {
        if (this.#ended.has(name) || (this.#keeping !== undefined && !service.domain.lives))
          continue;
        const due = service.deadline <= this.machine.ticks;
        const stands = service.crash !== undefined || service.hangs;
        if (stands || (!service.domain.notified && !due)) continue;
        service.turn();
        idle = false;
      }
      if (idle) return;
    }
    throw new Error("the services do not come to rest");
  }

  /** Lets `nanoseconds` pass; services whose time comes meanwhile run when it comes. */
  advance(nanoseconds: bigint): void {
    const until = this.machine.ticks + nanoseconds;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      this.settle();
      const running = [...this.#services]
        .filter(([name, { crash, hangs }]) => !crash && !hangs && !this.#ended.has(name))
        .map(([, service]) => service);
      const next = running.reduce((least, { deadline }) => {
        return deadline < least ? deadline : least;
      }, NEVER);
      if (next > until) break;
      this.machine.ticks = next;
    }
    this.machine.ticks = until;
    this.settle();
  }
}
