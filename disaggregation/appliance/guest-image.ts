// One guest's part of a boot pack: memory, images, context.

import { type DomainKind, linkDomain, type ServiceDomains } from "./links.ts";
import type { GuestLayout, Row } from "./loader.ts";
import type { BootPack } from "./pack.ts";
import type { PortRange } from "./service-config.ts";

const FRAME_BYTES = 4096;
const SUPERFRAME_BYTES = 2 * 1024 * 1024;
/** Runs of zeros that are shorter than this are copied along: a command costs more. */
const SHORTEST_ZERO_RUN = 16 * FRAME_BYTES;

/** A guest that is ready to be put into a boot pack. */
export interface GuestImage {
  readonly name: string;
  readonly label: number;
  readonly vcpus: number;
  readonly weight: number;
  /** It is told of XSAVE and AVX. */
  readonly xsave?: boolean;
  /** Bytes of memory that it may come to have: a multiple of 2 MiB. */
  readonly mostMemoryBytes: number;
  readonly kernel: Uint8Array;
  readonly ramdisk: Uint8Array | undefined;
  readonly layout: GuestLayout;
  readonly kind: DomainKind;
  readonly services: ServiceDomains;
  readonly ports?: readonly PortRange[];
  /** The machine does not stay on for its sake. */
  readonly background?: boolean;
}

/** A part of a row that is not zero. */
interface Piece {
  readonly offset: number;
  readonly bytes: number;
}

const zeros = new Uint8Array(FRAME_BYTES);

function isZero(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, zeros.subarray(0, bytes.length)) === 0;
}

/** The parts of `bytes` between long runs of zeros: guest memory is zero before anything else. */
export function nonZeroPieces(bytes: Uint8Array): Piece[] {
  const pieces: { offset: number; bytes: number }[] = [];
  for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
    const page = bytes.subarray(at, at + FRAME_BYTES);
    if (isZero(page)) continue;
    const last = pieces.at(-1);
    const near = last !== undefined && at - last.offset - last.bytes < SHORTEST_ZERO_RUN;
    if (near) last.bytes = at + page.length - last.offset;
    else pieces.push({ offset: at, bytes: page.length });
  }
  return pieces;
}

/** Cuts [gpa, gpa + bytes) where a superframe ends. */
export function splitAtSuperframes(gpa: number, bytes: number): Piece[] {
  const pieces: Piece[] = [];
  for (let offset = 0; offset < bytes; ) {
    const room = SUPERFRAME_BYTES - ((gpa + offset) % SUPERFRAME_BYTES);
    const length = Math.min(room, bytes - offset);
    pieces.push({ offset, bytes: length });
    offset += length;
  }
  return pieces;
}

function copyRow(pack: BootPack, domain: number, row: Row, source: Uint8Array): void {
  const bytes = source.subarray(row.offset, row.offset + row.bytes);
  for (const piece of nonZeroPieces(bytes)) {
    const blob = pack.keep(bytes.subarray(piece.offset, piece.offset + piece.bytes));
    const gpa = row.gpa + piece.offset;
    for (const part of splitAtSuperframes(gpa, piece.bytes)) {
      pack.copyIn(domain, gpa + part.offset, blob, part.offset, part.bytes);
    }
  }
}

function addMemory(pack: BootPack, domain: number, row: Row): void {
  const last = row.gpa + row.bytes;
  for (let gpa = row.gpa; gpa < last; gpa += SUPERFRAME_BYTES) {
    pack.populateSuperframe(domain, gpa / FRAME_BYTES);
  }
}

function sourceOf(image: GuestImage, row: Row): Uint8Array | undefined {
  if (row.kind === "kernel") return image.kernel;
  if (row.kind === "ramdisk") return image.ramdisk;
  return row.kind === "generated" ? image.layout.generated : undefined;
}

/** Adds the commands that create a guest, all but `unpause`. */
export function addGuest(pack: BootPack, domain: number, image: GuestImage): void {
  const rows = image.layout.rows;
  const reserved = SUPERFRAME_BYTES;
  const limit = (image.mostMemoryBytes + reserved) / FRAME_BYTES;
  pack.create(domain, { ...image, limit });
  for (const row of rows) if (row.kind === "memory") addMemory(pack, domain, row);
  pack.reserve(domain);
  for (const row of rows) {
    if (row.kind === "frame") pack.populate(domain, row.gpa / FRAME_BYTES);
  }
  linkDomain(pack, domain, image.kind, image.services);
  for (const { first, last } of image.ports ?? []) pack.ports(domain, first, last);
  if (image.background === true) pack.background(domain);
  for (const row of rows) {
    const source = sourceOf(image, row);
    if (source !== undefined) copyRow(pack, domain, row, source);
  }
  if (image.xsave === true) pack.allowXsave(domain);
  pack.startContext(domain, 0, image.layout.entry, image.layout.startInfo);
}
