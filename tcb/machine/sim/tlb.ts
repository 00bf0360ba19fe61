// A hostile TLB. While a guest runs, the CPU may cache every translation that the guest's nested
// tables grant, used or not, and may keep it until it is told to forget. So each entry into a guest
// is taken as the moment at which all that is granted gets cached; at the next entry without a
// flush between, whatever was cached and is granted no longer is a mistake of the core.

import type { WasmMemory } from "./engine.ts";
import { StaleTranslation } from "./stop.ts";

const PRESENT = 1n;
const WRITABLE = 2n;
const LARGE = 0x80n;
const NO_EXECUTE = 1n << 63n;
const ADDRESS = 0x000ffffffffff000n;
const RELEVANT = ADDRESS | PRESENT | WRITABLE | LARGE | NO_EXECUTE;
const FRAME_BYTES = 4096n;
const ENTRIES = 512;
/** The root's level; level 0 maps frames. */
const TOP_LEVEL = 3;

/** What is granted, by place: a translation of 512^level frames, or a pointer to a table. */
type Grants = Map<number, bigint>;

/** Key of the entry at `level` whose first frame is `frame`; a pointer is not a translation. */
function placeOf(frame: number, level: number, translation: boolean): number {
  return frame * 8 + level * 2 + (translation ? 1 : 0);
}

/** Does `now` grant at least what `cached` does, to the same frame? */
function stillGranted(cached: bigint, now: bigint | undefined): boolean {
  if (now === undefined || (cached & ADDRESS) !== (now & ADDRESS)) return false;
  const lostWrite = (cached & WRITABLE) !== 0n && (now & WRITABLE) === 0n;
  const lostExecute = (cached & NO_EXECUTE) === 0n && (now & NO_EXECUTE) !== 0n;
  return !lostWrite && !lostExecute;
}

/** Is a cached 2 MiB translation granted by 512 small ones now? */
function stillGrantedInParts(now: Grants, place: number, grant: bigint): boolean {
  const first = Math.floor(place / 8);
  if (place !== placeOf(first, 1, true)) return false;
  for (let part = 0; part < ENTRIES; part++) {
    const small = now.get(placeOf(first + part, 0, true));
    if (!stillGranted((grant & ~LARGE) + BigInt(part) * FRAME_BYTES, small)) return false;
  }
  return true;
}

export interface Translation {
  readonly address: bigint;
  readonly writable: boolean;
}

export class HostileTlb {
  /** Without it nothing is cached and nothing is caught: for runs where speed counts. */
  enabled = true;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #linearBase: bigint;
  /** By ASID. */
  readonly #cached = new Map<number, Grants>();

  constructor(memory: WasmMemory, linearBase: bigint) {
    this.#bytes = new Uint8Array(memory.buffer);
    this.#view = new DataView(memory.buffer);
    this.#linearBase = linearBase;
  }

  /** VMCB.TLB_CONTROL: 0 nothing, 1 everything, 3 and 7 this ASID. */
  control(control: number, asid: number): void {
    if (control === 1) this.#cached.clear();
    else if (control !== 0) this.#cached.delete(asid);
  }

  forget(): void {
    this.#cached.clear();
  }

  /** The guest of `asid` begins to run on the tables at `root` (machine address). Throws
   *  StaleTranslation when what is cached is not granted any more. */
  enter(asid: number, root: bigint): void {
    if (!this.enabled) return;
    const now: Grants = new Map();
    this.#collect(now, root, TOP_LEVEL, 0);
    for (const [place, grant] of this.#cached.get(asid) ?? []) {
      const current = now.get(place);
      if (stillGranted(grant, current)) continue;
      if (!stillGrantedInParts(now, place, grant)) throw mistake(asid, place, grant, current);
      // The superframe's translation stays cached beside those of its parts.
      now.set(place, grant);
    }
    this.#cached.set(asid, now);
  }

  /** Where an access to a guest-physical address goes: by what is cached, else by the tables. */
  translate(asid: number, root: bigint, address: bigint): Translation | undefined {
    const frame = Number(address / FRAME_BYTES);
    const cached = this.#cached.get(asid);
    const small = cached?.get(placeOf(frame, 0, true));
    const large = cached?.get(placeOf(frame - (frame % ENTRIES), 1, true));
    const entry = small ?? large ?? this.#walk(root, BigInt(frame));
    if (entry === undefined) return undefined;
    const within = (entry & LARGE) === 0n ? FRAME_BYTES - 1n : 0x1fffffn;
    return {
      address: (entry & ADDRESS & ~within) | (address & within),
      writable: (entry & WRITABLE) !== 0n,
    };
  }

  #offset(table: bigint): number {
    return Number((table & ADDRESS) - this.#linearBase);
  }

  /** Adds what the table at `table` grants; `first` is the frame of its first entry. */
  #collect(grants: Grants, table: bigint, level: number, first: number): void {
    const start = this.#offset(table);
    for (let index = 0; index < ENTRIES; index++) {
      const at = start + index * 8;
      if ((this.#bytes[at]! & 1) === 0) continue;
      const entry = this.#view.getBigUint64(at, true);
      const frame = first + index * ENTRIES ** level;
      const translation = level === 0 || (entry & LARGE) !== 0n;
      const kept = level === 0 ? entry & RELEVANT & ~LARGE : entry & RELEVANT;
      grants.set(placeOf(frame, level, translation), kept);
      if (!translation) this.#collect(grants, entry, level - 1, frame);
    }
  }

  #walk(root: bigint, frame: bigint): bigint | undefined {
    let entry = root;
    for (let level = TOP_LEVEL; level >= 0; level--) {
      const index = Number((frame >> BigInt(9 * level)) & 511n);
      entry = this.#view.getBigUint64(this.#offset(entry) + index * 8, true);
      if ((entry & PRESENT) === 0n) return undefined;
      if (level > 0 && (entry & LARGE) !== 0n) return entry;
    }
    return entry & ~LARGE;
  }
}

function mistake(asid: number, place: number, grant: bigint, now: bigint | undefined): Error {
  const frame = Math.floor(place / 8).toString(16);
  const granted = now === undefined ? "nothing" : `0x${now.toString(16)}`;
  return new StaleTranslation(
    `ASID ${asid} runs without a flush: gfn 0x${frame} (level ${(place >> 1) & 3}) is cached as ` +
      `0x${grant.toString(16)}, the tables grant ${granted}`,
  );
}
