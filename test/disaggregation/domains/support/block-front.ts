// A scripted xen-blkfront: the keys, the ring and the requests that Linux's would write.

import { FrontRing } from "./front-ring.ts";
import { freshPage, type ScriptedDomain } from "./scripted-domain.ts";
import type { System } from "./system.ts";
import { state, XenbusFront } from "./xenbus-front.ts";

export const blockOperation = { read: 0, write: 1, barrier: 2, flush: 3, discard: 5, indirect: 6 };
export const SECTOR_BYTES = 512;

export interface Segment {
  readonly reference: number;
  readonly first: number;
  readonly last: number;
}

export interface BlockResponse {
  readonly id: number;
  readonly operation: number;
  readonly status: number;
}

export class BlockFront extends XenbusFront {
  ring = new FrontRing(112);
  port = 0;
  ringReferences: number[] = [];

  constructor(system: System, domain: ScriptedDomain, number = 51712) {
    super(system, domain, "vbd", number);
  }

  /** Publishes a ring and says that it stands; the back end connects, or does not. */
  connect(order = 0): void {
    this.ring = new FrontRing(112, order);
    this.ringReferences = this.ring.pages.map((page) => this.domain.grant(page));
    this.port = this.domain.offerPort();
    if (order === 0) this.set("ring-ref", this.ringReferences[0]!);
    else {
      this.set("ring-page-order", order);
      this.ringReferences.forEach((reference, index) => {
        this.set(`ring-ref${index}`, reference);
      });
    }
    this.set("event-channel", this.port);
    this.set("protocol", "x86_64-abi");
    this.setState(state.initialised);
    if (this.backState === state.connected) this.setState(state.connected);
  }

  /** Shows the requests that were put, and lets the service work until it rests. */
  kick(): void {
    if (this.ring.push()) this.system.world.hypercalls.notify(this.domain, this.port);
    this.system.settle();
  }

  responses(): BlockResponse[] {
    const list: BlockResponse[] = [];
    for (let bytes = this.ring.take(); bytes !== undefined; bytes = this.ring.take()) {
      const view = new DataView(bytes.buffer);
      list.push({
        id: Number(view.getBigUint64(0, true)),
        operation: view.getUint8(8),
        status: view.getInt16(10, true),
      });
    }
    return list;
  }

  /** Puts a request, kicks and returns its response's status; undefined: there was none. */
  perform(request: Uint8Array): number | undefined {
    this.ring.put(request);
    this.kick();
    return this.responses()[0]?.status;
  }

  /** A page of the domain that is granted for a transfer. */
  buffer(readOnly = false): { page: Uint8Array; reference: number } {
    const page = freshPage();
    return { page, reference: this.domain.grant(page, readOnly) };
  }
}

function header(operation: number, id: number, sector: bigint): [Uint8Array, DataView] {
  const bytes = new Uint8Array(112);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, operation);
  view.setBigUint64(8, BigInt(id), true);
  view.setBigUint64(16, sector, true);
  return [bytes, view];
}

function writeSegments(view: DataView, offset: number, segments: readonly Segment[]): void {
  segments.forEach(({ reference, first, last }, index) => {
    view.setUint32(offset + index * 8, reference, true);
    view.setUint8(offset + index * 8 + 4, first);
    view.setUint8(offset + index * 8 + 5, last);
  });
}

/** A read, write or flush with up to 11 segments. */
export function directRequest(
  operation: number,
  id: number,
  sector: bigint,
  segments: readonly Segment[],
): Uint8Array {
  const [bytes, view] = header(operation, id, sector);
  view.setUint8(1, segments.length);
  writeSegments(view, 24, segments.slice(0, 11));
  return bytes;
}

/** An indirect read or write; `list` is the granted page that the segments are written to. */
export function indirectRequest(
  operation: number,
  id: number,
  sector: bigint,
  segments: readonly Segment[],
  list: { page: Uint8Array; reference: number },
): Uint8Array {
  const [bytes, view] = header(blockOperation.indirect, id, sector);
  view.setUint8(1, operation);
  view.setUint16(2, segments.length, true);
  view.setUint32(28, list.reference, true);
  writeSegments(new DataView(list.page.buffer), 0, segments.slice(0, 512));
  return bytes;
}

export function discardRequest(id: number, sector: bigint, sectors: bigint): Uint8Array {
  const [bytes, view] = header(blockOperation.discard, id, sector);
  view.setBigUint64(24, sectors, true);
  return bytes;
}
