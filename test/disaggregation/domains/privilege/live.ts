// A service under a policy in the simulated machine, with the core and xenstore as they ship, and a
// guest that uses it once in every way that needs a right. Nothing here is judged: what does not
// work says so by its answer.

import { readFileSync } from "node:fs";
import type { SimulatedDomain } from "../../../../disaggregation/runtime/node/domain.ts";
import { ServiceSystem } from "../../../../disaggregation/runtime/node/system.ts";
import { STORE_FRAME } from "../../../../disaggregation/runtime/places.ts";
import { corePath } from "../../../spec/world.ts";
import { serviceBytes } from "../support/compiled.ts";
import { labelsOf } from "../support/labels.ts";
import { nodes } from "../support/store-nodes.ts";
import { StoreClient } from "../xenstore/client.ts";

export const SERVICE = 2;
export const GUEST = 3;
/** Only with a keeper, which makes the service again when it ends. */
export const KEEPER = 4;
const NAMES = ["xenstore", "", "guest"] as const;
const EVENT_CHANNEL_OP = 32;
const ALLOCATE = 6;
const SEND = 4;
const OWN = 0x7ff0;
const CONTROL_OP = 60;
const DESTROY = 15;

export interface LiveOptions {
  readonly service: "block" | "network";
  /** The policy's folder; undefined: the one that we ship. */
  readonly policy: string | undefined;
  /** Configuration of the service, and its spare memory. */
  readonly config: string;
  readonly spareBytes: number;
  /** Lines of xenstore's configuration for the devices. */
  readonly devices: string;
  /** With a keeper, which has so many bytes for scratch disks. */
  readonly keptBytes?: number;
}

export class LiveService {
  readonly system: ServiceSystem;
  readonly guest: SimulatedDomain;
  readonly store: StoreClient;
  #nextReference = 8;
  #nextFrame = 0x40;

  constructor(options: LiveOptions) {
    const keeps = options.keptBytes !== undefined;
    const served = NAMES.map((name) => (name === "" ? options.service : name));
    const names = keeps ? [...served, "keeper"] : served;
    const { bytes, labels } = labelsOf(names, options.policy);
    const home = nodes(`/local/domain/${SERVICE}`, `n${SERVICE}`, {});
    const device = nodes(`/local/domain/${GUEST}/device`, `n${GUEST},r${SERVICE}`, {});
    const config = `${keeps ? "service" : "domain"} ${SERVICE} 1\ndomain ${GUEST} 1\n${home}${device}${options.devices}`;
    const xenstore = { kind: "xenstore" as const, wasm: serviceBytes("xenstore") };
    const { config: own, spareBytes } = options;
    const other = { kind: "other" as const, wasm: serviceBytes(options.service) };
    const services = [
      { ...xenstore, config: () => config },
      { ...other, config: () => own, spareBytes },
      undefined,
      ...(keeps ? [{ kind: "keeper" as const, wasm: serviceBytes("keeper") }] : []),
    ];
    this.system = new ServiceSystem({
      core: new Uint8Array(readFileSync(corePath)),
      policy: bytes,
      scratchBytes: options.keptBytes ?? 0,
      members: names.map((name, index) => {
        const service = services[index];
        const member = { name, label: labels[index]! };
        return service === undefined ? member : { ...member, service };
      }),
    });
    this.system.settle();
    this.system.advance(10_000_000n);
    this.guest = this.system.domain("guest");
    this.store = new StoreClient(this.system, "guest", STORE_FRAME);
  }

  /** A page of the guest that the service may use. */
  page(): { reference: number; address: bigint } {
    const reference = this.#nextReference++;
    const frame = this.#nextFrame++;
    this.guest.grant(reference, frame, SERVICE);
    return { reference, address: BigInt(frame) << 12n };
  }

  /** A page with a ring of which nothing was used. */
  ring(): { reference: number; address: bigint } {
    const ring = this.page();
    this.guest.store32(ring.address + 4n, 1);
    this.guest.store32(ring.address + 12n, 1);
    return ring;
  }

  /** A port that waits for the service. */
  port(): number {
    const [, answer] = this.guest.call(EVENT_CHANNEL_OP, ALLOCATE, [OWN | (SERVICE << 16), 0]);
    return new DataView(answer.buffer, answer.byteOffset).getUint32(4, true);
  }

  /** Ends the service's domain as a fault in it does, or as the toolstack does. */
  kill(how: "fault" | "destroy"): void {
    const { system } = this;
    if (how === "fault") system.domain(system.nameOf(SERVICE)).fault();
    else {
      const keeper = system.domain("keeper");
      keeper.awaken();
      keeper.write(0x1000n, new Uint8Array(64));
      keeper.store32(0x1000n, DESTROY);
      keeper.store32(0x1004n, SERVICE);
      // As far as it goes: xenstore holds the ring until it sees that nobody is there.
      keeper.hypercall(CONTROL_OP, 0x1000n);
    }
  }

  /** Shows requests up to `produced` and lets the service work. */
  kick(ring: bigint, produced: number, port: number): void {
    this.guest.store32(ring, produced);
    this.guest.call(EVENT_CHANNEL_OP, SEND, [port]);
    this.system.settle();
  }

  /** Publishes keys of a device; returns the back end's state then. */
  publish(kind: string, number: number, keys: Readonly<Record<string, string | number>>): string {
    const path = `/local/domain/${GUEST}/device/${kind}/${number}`;
    for (const [key, value] of Object.entries(keys)) {
      this.store.write(`${path}/${key}`, String(value));
    }
    this.system.settle();
    return this.store.read(`/local/domain/${SERVICE}/backend/${kind}/${GUEST}/${number}/state`);
  }
}
