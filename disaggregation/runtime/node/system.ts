// A whole system in one process: the core on the simulated machine, service domains with their
// .wasm, and guests that a test plays. Deterministic: services take turns in the order of their
// domains, and time passes when somebody lets it pass.

import { SimulatedCpu } from "../../../tcb/machine/sim/cpu.ts";
import { SimulatedMachine } from "../../../tcb/machine/sim/machine.ts";
import { type DomainKind, type DomainPorts, linkDomain, portsOf } from "../../appliance/links.ts";
import { BootPack } from "../../appliance/pack.ts";
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
  readonly kind: "xenstore" | "console" | "builder" | "toolstack" | "other";
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
}

const roundUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;

/** Guest memory of a member: guests and services alike have one superframe at 0. */
function memoryBytes({ service }: Member): number {
  const module = roundUp(service?.module?.length ?? 0, PAGE_BYTES);
  return roundUp(SUPERFRAME_BYTES + module + (service?.spareBytes ?? 0), SUPERFRAME_BYTES);
}

function kindOfMember({ service }: Member): DomainKind {
  if (service === undefined) return "guest";
  if (["xenstore", "console", "builder"].includes(service.kind)) return "alone";
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
}

export class ServiceSystem {
  readonly machine: SimulatedMachine;
  readonly cpu: SimulatedCpu;
  /** By number; the first is domain 1. */
  readonly ports: ReadonlyMap<number, DomainPorts>;
  readonly #members: readonly Member[];
  readonly #domains = new Map<string, SimulatedDomain>();
  readonly #services = new Map<string, SimulatedService>();

  constructor({ core, policy, members, freeMib = 0 }: SystemOptions) {
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
    }
    for (const index of members.keys()) pack.unpause(index + 1);
    this.ports = ports;
    const memory = members.reduce((sum, member) => sum + memoryBytes(member), 0);
    const free = (members.length + 8) * SUPERFRAME_BYTES + freeMib * MIB;
    const ramBytes = memory + free;
    const bytes = pack.write(policy, "");
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
    const payload = member.module ?? new Uint8Array();
    const module = { address: BigInt(SUPERFRAME_BYTES), bytes: BigInt(payload.length) };
    domain.write(module.address, payload);
    const address = module.address + module.bytes;
    const service = new SimulatedService(domain, {
      wasm: member.wasm,
      config: member.config?.(this.ports) ?? "",
      module,
      spare: { address, bytes: BigInt(member.spareBytes ?? 0) },
      ...(member.ports === undefined ? {} : { ports: member.ports }),
    });
    this.#services.set(name, service);
    service.start();
    return service;
  }

  /** Lets every service run until none has anything to do. */
  settle(): void {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      let idle = true;
      for (const service of this.#services.values()) {
        const due = service.deadline <= this.machine.ticks;
        if (service.crash !== undefined || (!service.domain.notified && !due)) continue;
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
      const running = [...this.#services.values()].filter(({ crash }) => crash === undefined);
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
