// A serial port whose other end is two texts, and the front end's half of a console ring, for
// tests.

import type { SimulatedDomain } from "../../../../disaggregation/runtime/node/domain.ts";
import type { PortDevice } from "../../../../disaggregation/runtime/node/service.ts";
import type { ServiceSystem } from "../../../../disaggregation/runtime/node/system.ts";

const EVENT_CHANNEL_OP = 32;
const EVENT_SEND = 4;
const OUT = 1024n;
export const index = {
  inConsumed: 3072n,
  inProduced: 3076n,
  outConsumed: 3080n,
  outProduced: 3084n,
};

/** A 16550 whose other end is two texts. */
export class Serial implements PortDevice {
  said = "";
  typed: number[] = [];
  isBusy = false;

  in8(port: number): number {
    if (port === 0x3f8) return this.typed.shift() ?? 0;
    if (port !== 0x3fd) return 0xff;
    return (this.isBusy ? 0 : 0x20) | (this.typed.length > 0 ? 1 : 0);
  }

  out8(port: number, value: number): void {
    // The divisor's low byte is written before the first text.
    if (port === 0x3f8 && value !== 1) this.said += String.fromCharCode(value);
  }

  type(text: string): void {
    this.typed.push(...Buffer.from(text, "latin1"));
  }
}

/** The front end's half of a console ring. */
export class Front {
  readonly domain: SimulatedDomain;
  readonly #ring: bigint;
  readonly #system: ServiceSystem;

  constructor(system: ServiceSystem, name: string, frame: number) {
    this.#system = system;
    this.domain = system.domain(name);
    this.#ring = BigInt(frame) << 12n;
  }

  get(place: bigint): number {
    return this.domain.load32(this.#ring + place);
  }

  set(place: bigint, value: number): void {
    this.domain.store32(this.#ring + place, value);
  }

  /** Puts what fits into the ring; returns the rest. */
  put(text: string | Buffer): Buffer {
    const bytes = Buffer.from(text as string, "latin1");
    const produced = this.get(index.outProduced);
    const room = 2048 - ((produced - this.get(index.outConsumed)) >>> 0);
    const first = Math.min(room, bytes.length, 2048 - (produced % 2048));
    const behind = bytes.subarray(first, Math.min(room, bytes.length));
    this.domain.write(this.#ring + OUT + BigInt(produced % 2048), bytes.subarray(0, first));
    this.domain.write(this.#ring + OUT, behind);
    this.set(index.outProduced, produced + Math.min(room, bytes.length));
    this.notify();
    return bytes.subarray(room);
  }

  notify(): void {
    this.domain.awaken();
    this.domain.call(EVENT_CHANNEL_OP, EVENT_SEND, [1]);
    this.#system.settle();
  }

  /** Takes what was typed for the domain. */
  take(): Buffer {
    const consumed = this.get(index.inConsumed);
    const bytes = Buffer.alloc((this.get(index.inProduced) - consumed) >>> 0);
    for (const at of bytes.keys()) {
      bytes[at] = this.domain.read(this.#ring + BigInt((consumed + at) % 1024), 1)[0]!;
    }
    this.set(index.inConsumed, consumed + bytes.length);
    return bytes;
  }
}
