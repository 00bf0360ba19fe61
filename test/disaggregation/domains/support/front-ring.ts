// The front end's half of a shared ring, over pages of a scripted domain.

import { freshPage } from "./scripted-domain.ts";

const HEADER_BYTES = 64;
const PAGE_BYTES = 4096;

export class FrontRing {
  readonly pages: Uint8Array[];
  readonly slots: number;
  readonly slotBytes: number;
  produced = 0;
  consumed = 0;

  constructor(slotBytes: number, order = 0) {
    this.pages = Array.from({ length: 1 << order }, freshPage);
    this.slotBytes = slotBytes;
    const room = Math.floor(((PAGE_BYTES << order) - HEADER_BYTES) / slotBytes);
    this.slots = 2 ** Math.floor(Math.log2(room));
    // SHARED_RING_INIT: both ends ask to be told of the first.
    this.setIndex(4, 1);
    this.setIndex(12, 1);
  }

  #header(): DataView {
    const page = this.pages[0]!;
    return new DataView(page.buffer, page.byteOffset);
  }

  index(offset: number): number {
    return this.#header().getUint32(offset, true);
  }

  setIndex(offset: number, value: number): void {
    this.#header().setUint32(offset, value >>> 0, true);
  }

  get free(): number {
    return this.slots - (this.produced - this.consumed);
  }

  /** Offset of a slot in the pages taken together. */
  slotOffset(index: number): number {
    return HEADER_BYTES + (index % this.slots) * this.slotBytes;
  }

  /** Writes a request into the next slot; `push` shows it. */
  put(request: Uint8Array): void {
    this.#move(this.slotOffset(this.produced++), request, true);
  }

  /** Shows what was put; true: the back end wants to be told. */
  push(): boolean {
    const before = this.index(0);
    this.setIndex(0, this.produced);
    const distance = (this.produced - before) >>> 0;
    return (this.produced - this.index(4)) >>> 0 < distance;
  }

  /** The next response, if there is one. */
  take(): Uint8Array | undefined {
    if (this.index(8) === this.consumed >>> 0) return undefined;
    const response = new Uint8Array(this.slotBytes);
    this.#move(this.slotOffset(this.consumed++), response, false);
    this.setIndex(12, this.consumed + 1);
    return response;
  }

  #move(offset: number, bytes: Uint8Array, write: boolean): void {
    for (let at = 0; at < bytes.length; at++) {
      const page = this.pages[(offset + at) >> 12]!;
      const within = (offset + at) & (PAGE_BYTES - 1);
      if (write) page[within] = bytes[at]!;
      else bytes[at] = page[within]!;
    }
  }
}
