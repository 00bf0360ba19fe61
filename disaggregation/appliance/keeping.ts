// What the keeper is given: the memory that outlives services, by whom it may be used, and the rows
// of the boot pack by which it makes each service again.

import { Problem } from "./problem.ts";
import type { ServiceName } from "./service-config.ts";

const PAGE_BYTES = 4096;
/** References that a domain's builder seeds, and those that a table has. */
const FIRST_REFERENCE = 8;
const REFERENCES = 16384;
const ROW_BYTES = 64;
const MIB = 1024 * 1024;

/** Pages that are kept for each service: the first is the pulse's. */
export const keptPages: Readonly<Partial<Record<ServiceName, number>>> = {
  xenstore: 449,
  console: 257,
  builder: 1,
  toolstack: 73,
  block: 2,
  network: 2,
};

/** Where what is kept for a service lies: references, and offset in the keeper's spare memory. */
export interface Kept {
  readonly service: ServiceName;
  readonly domain: number;
  readonly reference: number;
  readonly pages: number;
  readonly offset: number;
}

/** What makes a domain, as BootPack.program says it. */
export interface Program {
  readonly rows: Uint8Array;
  readonly content: Uint8Array;
}

const roundUp = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;

export class KeepingPlan {
  readonly domain: number;
  readonly kept: readonly Kept[];
  readonly #block: number | undefined;
  readonly #images: readonly Uint8Array[];
  readonly #scratchBytes: number;
  readonly #programs = new Map<number, Program>();

  /** `services` are those that there are, with their domains; `images` the disks' files, each at a
   *  page of its own; `scratchBytes` what scratch disks may have together. Throws a Problem. */
  constructor(
    domain: number,
    services: readonly { readonly service: ServiceName; readonly domain: number }[],
    disks: { readonly images: readonly Uint8Array[]; readonly scratchBytes: number },
  ) {
    this.domain = domain;
    let [reference, offset] = [FIRST_REFERENCE, 0];
    this.kept = services.flatMap((one) => {
      const pages = keptPages[one.service] ?? 0;
      if (pages === 0) return [];
      const kept = { ...one, reference, pages, offset };
      reference += pages;
      offset += pages * PAGE_BYTES;
      return [kept];
    });
    this.#block = services.find(({ service }) => service === "block")?.domain;
    this.#images = disks.images;
    this.#scratchBytes = roundUp(disks.scratchBytes);
    const needed = reference + this.#imagePages + this.#scratchBytes / PAGE_BYTES;
    if (needed <= REFERENCES) return;
    const most = Math.floor(((REFERENCES - reference) * PAGE_BYTES) / MIB);
    throw new Problem(`a keeper holds at most ${most} MiB of disks; there are more`);
  }

  get #imagePages(): number {
    return this.#images.reduce((sum, { length }) => sum + roundUp(length), 0) / PAGE_BYTES;
  }

  get #firstDisk(): number {
    return this.kept.reduce((next, { reference, pages }) => {
      return Math.max(next, reference + pages);
    }, FIRST_REFERENCE);
  }

  get #keptBytes(): number {
    return this.kept.reduce((sum, { pages }) => sum + pages * PAGE_BYTES, 0);
  }

  /** Memory of the keeper's that is neither its image nor its module. */
  get spareBytes(): number {
    return this.#keptBytes + this.#scratchBytes;
  }

  /** The first line of a service's configuration. */
  lineFor(domain: number): string {
    const found = this.kept.find((one) => one.domain === domain);
    if (found === undefined) return "";
    return `kept ${this.domain} ${found.reference} ${found.pages}\n`;
  }

  /** Where the block service finds the disks. */
  vaultLines(): string {
    const images = this.#imagePages;
    const scratch = this.#scratchBytes / PAGE_BYTES;
    const first = this.#firstDisk;
    return [
      ...(images === 0 ? [] : [`vault ${this.domain} ${first} ${images} r\n`]),
      ...(scratch === 0 ? [] : [`vault ${this.domain} ${first + images} ${scratch} w\n`]),
    ].join("");
  }

  /** A service that is to be made again is complete. */
  addProgram(domain: number, program: Program): void {
    if (this.kept.some((one) => one.domain === domain)) this.#programs.set(domain, program);
  }

  /** Grants in the keeper's words. */
  #grantLines(): string {
    const line = (
      domain: number,
      first: number,
      pages: number,
      area: string,
      offset: number,
      mode: string,
    ): string =>
      pages === 0 ? "" : `grant ${domain} ${first} ${pages} ${area} ${offset} ${mode}\n`;
    const own = this.kept.map(({ domain, reference, pages, offset }) => {
      return line(domain, reference, pages, "spare", offset, "w");
    });
    if (this.#block === undefined) return own.join("");
    const first = this.#firstDisk;
    const images = this.#imagePages;
    const scratch = this.#scratchBytes / PAGE_BYTES;
    return [
      ...own,
      line(this.#block, first, images, "module", 0, "r"),
      line(this.#block, first + images, scratch, "spare", this.#keptBytes, "w"),
    ].join("");
  }

  /** The keeper's configuration, and what comes with it, each at a page of its own. */
  module(): { text: string; files: Uint8Array[] } {
    const files = [...this.#images];
    let at = this.#imagePages * PAGE_BYTES;
    let text = this.#grantLines();
    for (const { service, domain, offset } of this.kept) {
      const program = this.#programs.get(domain);
      if (program === undefined) continue;
      const rows = new Uint8Array(program.rows);
      moveCopies(rows, at + roundUp(rows.length));
      files.push(rows, program.content);
      const ends = service === "toolstack" ? " ends" : "";
      text += `watch ${domain} ${at} ${rows.length / ROW_BYTES} ${offset}${ends}\n`;
      at += roundUp(rows.length) + roundUp(program.content.length);
    }
    return { text, files };
  }
}

/** Makes the sources of copies relative to the module instead of to the program's content. */
function moveCopies(rows: Uint8Array, start: number): void {
  const view = new DataView(rows.buffer, rows.byteOffset, rows.length);
  const copy = 5;
  for (let row = 0; row < rows.length; row += ROW_BYTES) {
    if (view.getUint32(row, true) !== copy) continue;
    view.setBigUint64(row + 16, view.getBigUint64(row + 16, true) + BigInt(start), true);
  }
}
