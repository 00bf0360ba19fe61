// What a disk is, for property tests: sectors, and what each request does to them.

import { SECTOR_BYTES } from "../support/block-front.ts";

const PAGE_BYTES = 4096;

export interface ModelSegment {
  /** Which of the guest's pages. */
  readonly page: number;
  readonly first: number;
  readonly last: number;
}

export type ModelRequest =
  | {
      readonly kind: "read" | "write";
      readonly indirect: boolean;
      readonly sector: number;
      readonly segments: readonly ModelSegment[];
    }
  | { readonly kind: "flush" }
  | { readonly kind: "discard"; readonly sector: number; readonly sectors: number };

export class DiskModel {
  readonly disk: Uint8Array;
  /** The guest's pages, which reads change. */
  readonly pages: Uint8Array[];
  readonly writable: boolean;

  constructor(disk: Uint8Array, pages: readonly Uint8Array[], writable: boolean) {
    this.disk = disk.slice();
    this.pages = pages.map((page) => page.slice());
    this.writable = writable;
  }

  /** Carries a request out; returns its status. */
  perform(request: ModelRequest): number {
    if (request.kind === "flush") return 0;
    if (request.kind === "discard") return this.#discard(request.sector, request.sectors);
    const { segments, indirect } = request;
    if (segments.length === 0 || segments.length > (indirect ? 64 : 11)) return -1;
    if (request.kind === "write" && !this.writable) return -1;
    if (segments.some(({ first, last }) => first > last || last > 7)) return -1;
    const sectors = segments.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    if (!this.#has(request.sector, sectors)) return -1;
    let at = request.sector * SECTOR_BYTES;
    for (const segment of segments) at += this.#move(request.kind, segment, at);
    return 0;
  }

  #has(sector: number, sectors: number): boolean {
    return sectors > 0 && (sector + sectors) * SECTOR_BYTES <= this.disk.length;
  }

  #discard(sector: number, sectors: number): number {
    if (!this.writable) return -2;
    if (!this.#has(sector, sectors)) return -1;
    this.disk.fill(0, sector * SECTOR_BYTES, (sector + sectors) * SECTOR_BYTES);
    return 0;
  }

  #move(kind: "read" | "write", { page, first, last }: ModelSegment, at: number): number {
    const bytes = (last - first + 1) * SECTOR_BYTES;
    const memory = this.pages[page] ?? new Uint8Array(PAGE_BYTES);
    const within = memory.subarray(first * SECTOR_BYTES, (last + 1) * SECTOR_BYTES);
    if (kind === "read") within.set(this.disk.subarray(at, at + bytes));
    else this.disk.set(within, at);
    return bytes;
  }
}
