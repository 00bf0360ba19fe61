// Machine memory outside Xenolith: ranges of RAM over arrays of bytes. An access outside of them is
// refused by an error, as the metal stops. Pages that change are remembered, so that going back to
// a snapshot costs what was changed and no more.

import { MachineRefusal } from "./stop.ts";

export interface MemoryRange {
  /** Machine-physical, a multiple of 4096. */
  readonly address: bigint;
  /** A multiple of 4096. */
  readonly bytes: number;
}

interface Range extends MemoryRange {
  readonly end: bigint;
  readonly content: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  /** Old content of the pages that changed since the last mark. */
  readonly changed: Map<number, Uint8Array>;
}

const PAGE_BYTES = 4096;
const LARGEST_ACCESS = 0x200000;

function makeRange({ address, bytes }: MemoryRange): Range {
  if (address % BigInt(PAGE_BYTES) !== 0n || bytes % PAGE_BYTES !== 0) {
    throw new RangeError("a range of memory begins and ends on a page");
  }
  const content = new Uint8Array(bytes);
  const view = new DataView(content.buffer);
  return { address, bytes, end: address + BigInt(bytes), content, view, changed: new Map() };
}

export interface Place {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  readonly offset: number;
}

export class MachineMemory {
  readonly #ranges: readonly Range[];
  #recent: Range;

  constructor(ranges: readonly MemoryRange[]) {
    this.#ranges = ranges.map(makeRange);
    const [first] = this.#ranges;
    if (first === undefined) throw new RangeError("a machine has at least one range of memory");
    this.#recent = first;
  }

  get ranges(): readonly MemoryRange[] {
    return this.#ranges;
  }

  /** Where `bytes` at `address` are, for reading. Throws MachineRefusal outside of RAM. */
  at(address: bigint, bytes: number): Place {
    const range = this.#find(address, bytes);
    return { content: range.content, view: range.view, offset: Number(address - range.address) };
  }

  /** The same, for writing: the old content is kept for `restore`. */
  change(address: bigint, bytes: number): Place {
    const place = this.at(address, bytes);
    const { changed, content } = this.#recent;
    const last = place.offset + Math.max(bytes, 1) - 1;
    for (let page = place.offset >>> 12; page <= last >>> 12; page++) {
      if (changed.has(page)) continue;
      changed.set(page, content.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
    }
    return place;
  }

  read(address: bigint, bytes: number): Uint8Array {
    const { content, offset } = this.at(address, bytes);
    return content.slice(offset, offset + bytes);
  }

  write(address: bigint, bytes: Uint8Array): void {
    const { content, offset } = this.change(address, bytes.length);
    content.set(bytes, offset);
  }

  /** From here on, `restore` comes back to the content of now. */
  mark(): void {
    for (const { changed } of this.#ranges) changed.clear();
  }

  restore(): void {
    for (const { changed, content } of this.#ranges) {
      for (const [page, old] of changed) content.set(old, page * PAGE_BYTES);
      changed.clear();
    }
  }

  #find(address: bigint, bytes: number): Range {
    if (bytes > LARGEST_ACCESS) {
      throw new MachineRefusal(`the core moves too many bytes at once: ${bytes}`);
    }
    // No bytes at all may also lie at a range's end.
    const holds = (range: Range): boolean =>
      address >= range.address && address <= range.end && BigInt(bytes) <= range.end - address;
    if (holds(this.#recent)) return this.#recent;
    const found = this.#ranges.find(holds);
    if (found === undefined) {
      const hex = address.toString(16);
      throw new MachineRefusal(`the core reached for what is not guest memory: 0x${hex}`);
    }
    this.#recent = found;
    return found;
  }
}
