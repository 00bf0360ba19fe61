// A scripted xen-netfront: the keys, both rings, buffers and packets that Linux's would have.

import { FrontRing } from "./front-ring.ts";
import { freshPage, type ScriptedDomain } from "./scripted-domain.ts";
import type { System } from "./system.ts";
import { state, XenbusFront } from "./xenbus-front.ts";

export const txFlag = { blank: 1, validated: 2, more: 4, extra: 8 };
export const rxFlag = { validated: 1, blank: 2, more: 4, extra: 8 };
export const extraType = { gso: 1, multicastAdd: 2, multicastRemove: 3 };

export interface Extra {
  readonly type: number;
  /** Six bytes behind type and flags. */
  readonly data: readonly number[];
}

export interface Packet {
  readonly bytes: Uint8Array;
  readonly flags?: number;
  readonly extras?: readonly Extra[];
  /** Bytes of each slot; the rest goes into the last. */
  readonly slots?: readonly number[];
  /** Where in its page the data of each slot begins. */
  readonly offset?: number;
}

export interface ReceivedPacket {
  readonly bytes: Uint8Array;
  readonly flags: number;
  readonly extra: Uint8Array | undefined;
}

interface PostedBuffer {
  readonly page: Uint8Array;
  readonly reference: number;
}

export class NetworkFront extends XenbusFront {
  tx = new FrontRing(12);
  rx = new FrontRing(8);
  txPort = 0;
  rxPort = 0;
  readonly features: Record<string, string> = {
    "request-rx-copy": "1",
    "feature-rx-notify": "1",
    "feature-sg": "1",
    "feature-gso-tcpv4": "1",
    "feature-gso-tcpv6": "1",
    "feature-ipv6-csum-offload": "1",
  };
  /** Buffers of the receive ring, by slot. */
  readonly #posted = new Map<number, PostedBuffer>();
  #collected = 0;

  constructor(system: System, domain: ScriptedDomain, number = 0) {
    super(system, domain, "vif", number);
  }

  connect(split = false): void {
    this.tx = new FrontRing(12);
    this.rx = new FrontRing(8);
    this.#posted.clear();
    this.#collected = 0;
    this.set("tx-ring-ref", this.domain.grant(this.tx.pages[0]!));
    this.set("rx-ring-ref", this.domain.grant(this.rx.pages[0]!));
    this.txPort = this.domain.offerPort();
    this.rxPort = split ? this.domain.offerPort() : this.txPort;
    if (split) {
      this.set("event-channel-tx", this.txPort);
      this.set("event-channel-rx", this.rxPort);
    } else this.set("event-channel", this.txPort);
    for (const [key, value] of Object.entries(this.features)) this.set(key, value);
    this.setState(state.connected);
  }

  /** Posts receive buffers. */
  post(count: number): void {
    for (let index = 0; index < count && this.rx.free > 0; index++) {
      const page = freshPage();
      this.postBuffer({ page, reference: this.domain.grant(page) });
    }
    this.kickRx();
  }

  postBuffer(buffer: PostedBuffer): void {
    const slot = this.rx.produced;
    const request = new DataView(new ArrayBuffer(8));
    request.setUint16(0, slot & 0xff, true);
    request.setUint32(4, buffer.reference, true);
    this.#posted.set(slot, buffer);
    this.rx.put(new Uint8Array(request.buffer));
  }

  kickRx(): void {
    if (this.rx.push()) this.system.world.hypercalls.notify(this.domain, this.rxPort);
  }

  /** Puts a packet into the transmit ring; `kick` shows it. */
  put(packet: Packet): void {
    const { bytes, extras = [], slots = [], offset = 0 } = packet;
    const sizes = [...slots, bytes.length - slots.reduce((sum, size) => sum + size, 0)];
    let at = 0;
    sizes.forEach((size, index) => {
      const page = freshPage();
      page.set(bytes.subarray(at, at + size), offset);
      at += size;
      const more = index < sizes.length - 1 ? txFlag.more : 0;
      const own = index === 0 ? (packet.flags ?? 0) | (extras.length > 0 ? txFlag.extra : 0) : 0;
      const slot = { reference: this.domain.grant(page, true), offset, flags: own | more };
      this.putSlot({ ...slot, bytes: index === 0 ? bytes.length : size });
      if (index === 0) this.#putExtras(extras);
    });
  }

  putSlot(slot: { reference: number; offset: number; flags: number; bytes: number }): void {
    const view = new DataView(new ArrayBuffer(12));
    view.setUint32(0, slot.reference, true);
    view.setUint16(4, slot.offset, true);
    view.setUint16(6, slot.flags, true);
    view.setUint16(8, this.tx.produced & 0xffff, true);
    view.setUint16(10, slot.bytes, true);
    this.tx.put(new Uint8Array(view.buffer));
  }

  #putExtras(extras: readonly Extra[]): void {
    extras.forEach(({ type, data }, index) => {
      const bytes = new Uint8Array(12);
      bytes.set([type, index < extras.length - 1 ? 1 : 0, ...data]);
      this.tx.put(bytes);
    });
  }

  kick(): void {
    if (this.tx.push()) this.system.world.hypercalls.notify(this.domain, this.txPort);
    this.system.settle();
  }

  send(packet: Packet): void {
    this.put(packet);
    this.kick();
  }

  /** Statuses of the transmit responses since the last look. */
  statuses(): number[] {
    const list: number[] = [];
    for (let bytes = this.tx.take(); bytes !== undefined; bytes = this.tx.take()) {
      list.push(new DataView(bytes.buffer).getInt16(2, true));
    }
    return list;
  }

  /** Packets that arrived since the last look, put together as Linux does. */
  received(): ReceivedPacket[] {
    const list: ReceivedPacket[] = [];
    let packet = this.#receiveOne();
    while (packet !== undefined) {
      list.push(packet);
      packet = this.#receiveOne();
    }
    return list;
  }

  #receiveOne(): ReceivedPacket | undefined {
    let response = this.#takeResponse();
    if (response === undefined) return undefined;
    const flags = response.flags;
    let extra: Uint8Array | undefined;
    const parts = [response.data];
    if ((flags & rxFlag.extra) !== 0) {
      extra = this.rx.take();
      this.#collected++;
    }
    while (response !== undefined && (response.flags & rxFlag.more) !== 0) {
      response = this.#takeResponse();
      if (response !== undefined) parts.push(response.data);
    }
    return { bytes: Buffer.concat(parts), flags, extra };
  }

  #takeResponse(): { flags: number; data: Uint8Array } | undefined {
    const bytes = this.rx.take();
    if (bytes === undefined) return undefined;
    const view = new DataView(bytes.buffer);
    const slot = this.#collected++;
    if (view.getUint16(0, true) !== (slot & 0xff)) throw new Error("a response out of its slot");
    const offset = view.getUint16(2, true);
    const size = view.getInt16(6, true);
    const data = this.#posted.get(slot)!.page.slice(offset, offset + size);
    return { flags: view.getUint16(4, true), data };
  }
}

/** "00:16:3e:00:00:05" as bytes. */
export function macBytes(mac: string): number[] {
  return mac.split(":").map((part) => Number.parseInt(part, 16));
}

/** An Ethernet frame of `length` bytes with a recognisable payload. */
export function frame(to: string, from: string, length = 64, type = 0x88b5): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_, at) => (at * 13 + (at >> 8)) & 0xff);
  bytes.set([...macBytes(to), ...macBytes(from), type >> 8, type & 0xff]);
  return bytes;
}
