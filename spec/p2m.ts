// Guest-physical maps, as the nested page tables hold them: an entry of a domain's directory is
// empty, a leaf of 2 MiB, or names one of the domain's own 64 tables of 4 KiB leaves.

import { DIRECTORY_ENTRIES, DIRECTORY_PAGES, FRAMES_PER_SUPERFRAME } from "../tcb/core/limits.ts";
import { NOWHERE, PAGE_ADDRESS, PAGE_LARGE, PAGE_PRESENT, PAGE_WRITABLE } from "./abi.ts";
import { addReference, addressOfFrame, countEach, dropReference, superframeOf } from "./frame.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { ENTRY_FOREIGN, ENTRY_SLOT_SHIFT } from "./states.ts";

/** Guest frames that a domain can have. */
const GUEST_FRAMES = DIRECTORY_ENTRIES * FRAMES_PER_SUPERFRAME;
/** User, accessed, dirty: as nested entries have to be, and so that the CPU writes none (APM volume
 *  2, 15.25.5). */
export const ENTRY_BITS = PAGE_PRESENT + PAGE_WRITABLE + 0x4 + 0x20 + 0x40;

/** Is a number of 64 bits a guest frame that a domain can have? */
export const isGuestFrame = (gfn: Word): Bool => gfn.lt(GUEST_FRAMES);

/** The last-level table that a directory entry names. */
const slotOf = (entry: Word): Word => entry.shr(ENTRY_SLOT_SHIFT).and(63).low();

/** Machine frame that an entry names. */
export const frameOf = (entry: Word): Word => entry.and(PAGE_ADDRESS).shr(12).low();

/** The directory entry of a guest address. */
export const directoryOf = (s: Transaction, domain: Word, address: Word): Word =>
  s.row(
    "directory",
    domain,
    address
      .shr(21)
      .low()
      .and(DIRECTORY_ENTRIES - 1),
  ).entry;

/** Place of a guest frame within 2 MiB. */
const offsetOf = (gfn: Word): Word => gfn.and(FRAMES_PER_SUPERFRAME - 1);

/** The 4 KiB entry of a guest frame (below GUEST_FRAMES), or what it would be in a 2 MiB leaf. */
export function entryOf(s: Transaction, domain: Word, gfn: Word): Word {
  const entry = s.row("directory", domain, gfn.shr(9)).entry;
  const offset = offsetOf(gfn);
  return s.branch(
    entry.has(PAGE_PRESENT).not(),
    () => s.word64(0),
    () =>
      s.branch(
        entry.has(PAGE_LARGE),
        () => entry.without(PAGE_LARGE).add(offset.wide().shl(12)),
        () => s.row("leaf", domain, slotOf(entry), offset).entry,
      ),
  );
}

/** The bits that an entry must have for an access. */
export function wanted(s: Transaction, write: Bool): Word {
  return write.choose(s.word64(PAGE_PRESENT + PAGE_WRITABLE), PAGE_PRESENT);
}

/** The same as one step, where what is done with it is what matters. */
export function translated(s: Transaction, domain: Word, address: Word, write: Bool): Word {
  const [place] = s.block("p2m/translate", [domain, address, write], () => [
    translate(s, domain, address, write),
  ]);
  return place!;
}

/** Machine address of a guest-physical address, or NOWHERE. */
export function translate(s: Transaction, domain: Word, address: Word, write: Bool): Word {
  return s.attempt(() => {
    s.clause("P2M-TRANSLATE-1", "Beyond the guest-physical space there is no memory.");
    const gfn = address.shr(12);
    s.require(gfn.lt(GUEST_FRAMES), NOWHERE);
    s.clause(
      "P2M-TRANSLATE-2",
      "A guest-physical address is in machine memory where its entry is present, and for a write " +
        "writable.",
    );
    const entry = entryOf(s, domain, gfn.low());
    s.require(entry.has(wanted(s, write)), NOWHERE);
    return entry.and(PAGE_ADDRESS).or(address.and(0xfff));
  });
}

/** Has the guest frame's directory entry a last-level table, or could it get one? */
export function hasTable(s: Transaction, domain: Word, gfn: Word): Bool {
  const entry = s.row("directory", domain, gfn.shr(9)).entry;
  const names = entry.has(PAGE_PRESENT).and(entry.has(PAGE_LARGE).not());
  return names.or(s.row("domain", domain).tables.ne(NOWHERE));
}

/** Every translation that the CPU holds is forgotten before it enters a guest again. */
function forgetTranslations(s: Transaction): void {
  s.clause(
    "P2M-FLUSH-1",
    "When a mapping ends, the CPU forgets its translations before it enters a guest again.",
  );
  s.row("cpu", 0).set({ flush: 1 });
}

/** Gives the lowest free last-level table to a directory entry; gives the table's slot. */
function takeTable(s: Transaction, domain: Word, index: Word): Word {
  s.clause("P2M-TABLE-1", "A directory entry gets the lowest free one of its domain's 64 tables.");
  const row = s.row("domain", domain);
  const slot = row.tables.xor(-1).lowestBit().low().and(63);
  row.set({ tables: row.tables.or(s.word64(1).shl(slot.wide())) });
  s.row("tableOwner", domain, slot).set({ directory: index.add(1) });
  const table = s.addressOf("leaf", "entry", domain, slot, 0).or(ENTRY_BITS);
  s.row("directory", domain, index).set({ entry: table.or(slot.wide().shl(ENTRY_SLOT_SHIFT)) });
  return slot;
}

/** Replaces a leaf of 2 MiB by a table of the same frames; gives the table's slot. */
function splitLeaf(s: Transaction, domain: Word, index: Word): Word {
  s.clause("P2M-SPLIT-1", "A leaf of 2 MiB that is split maps the same frames by 512 leaves.");
  const entry = s.row("directory", domain, index).entry;
  const slot = takeTable(s, domain, index);
  s.setRows("leaf", [domain, slot, 0], FRAMES_PER_SUPERFRAME, (at) => ({
    entry: entry.without(PAGE_LARGE).add(at.wide().shl(12)),
  }));
  countEach(s, superframeOf(frameOf(entry)));
  forgetTranslations(s);
  return slot;
}

/** The slot of the last-level table for a guest frame, which gets one if it has none. */
export function tableFor(s: Transaction, domain: Word, gfn: Word): Word {
  const index = gfn.shr(9);
  const entry = s.row("directory", domain, index).entry;
  return s.branch(
    entry.has(PAGE_PRESENT).not(),
    () => takeTable(s, domain, index),
    () =>
      s.branch(
        entry.has(PAGE_LARGE),
        () => splitLeaf(s, domain, index),
        () => slotOf(entry),
      ),
  );
}

/** Maps a whole superframe at an empty directory entry. */
export function mapSuperframe(s: Transaction, domain: Word, gfn: Word, superframe: Word): void {
  s.clause("P2M-MAP-2", "A whole superframe is mapped by one leaf of 2 MiB, which it counts.");
  const entry = superframe
    .wide()
    .shl(21)
    .or(ENTRY_BITS + PAGE_LARGE);
  s.row("directory", domain, gfn.shr(9)).set({ entry });
  const row = s.row("super", superframe);
  row.set({ references: row.references.add(1) });
}

/** Whose memory a mapping shows, and what may be done with it. */
export interface Mapping {
  readonly frame: Word;
  readonly writable: Bool;
  /** 0, or ENTRY_FOREIGN for a mapping by a grant. */
  readonly mark: number;
}

/** Maps a frame at an empty guest frame. */
export function mapFrame(s: Transaction, domain: Word, gfn: Word, mapping: Mapping): void {
  const slot = tableFor(s, domain, gfn);
  s.clause("P2M-MAP-1", "The guest frame's entry names the machine frame, which counts it.");
  const { frame, writable, mark } = mapping;
  const bits = writable.choose(s.word64(ENTRY_BITS), ENTRY_BITS - PAGE_WRITABLE);
  const entry = addressOfFrame(frame).or(bits).or(mark);
  s.row("leaf", domain, slot, offsetOf(gfn)).set({ entry });
  addReference(s, frame);
}

/** A frame that its owner may write. */
export function ownMapping(s: Transaction, frame: Word): Mapping {
  return { frame, writable: s.truth(true), mark: 0 };
}

/** A frame of another domain that a grant gives. */
export function grantMapping(frame: Word, writable: Bool): Mapping {
  return { frame, writable, mark: ENTRY_FOREIGN };
}

/** Takes a mapped guest frame out of the map; gives the machine frame. */
export function unmapFrame(s: Transaction, domain: Word, gfn: Word): Word {
  const slot = tableFor(s, domain, gfn);
  s.clause("P2M-UNMAP-1", "The guest frame's entry is empty, and the frame counts one less.");
  const row = s.row("leaf", domain, slot, offsetOf(gfn));
  const frame = frameOf(row.entry);
  row.set({ entry: 0 });
  dropReference(s, frame);
  forgetTranslations(s);
  return frame;
}

// ---- creation and end ---------------------------------------------------------------------------

/** Machine address of a domain's top table. */
export function mapRoot(s: Transaction, domain: Word): Word {
  return s.addressOf("nestedRoot", "entry", domain, 0);
}

/** The two upper levels of a domain's map, which never change. */
export function createMap(s: Transaction, domain: Word): void {
  s.clause(
    "P2M-CREATE-1",
    "A new map's upper levels name the domain's own directory, and no more.",
  );
  const pointers = s.addressOf("nestedPointer", "entry", domain, 0);
  s.row("nestedRoot", domain, 0).set({ entry: pointers.or(ENTRY_BITS) });
  s.each(DIRECTORY_PAGES, (page) => {
    const directory = s.addressOf("directory", "entry", domain, s.word32(page).shl(9));
    s.row("nestedPointer", domain, page).set({ entry: directory.or(ENTRY_BITS) });
  });
}

/** Takes out a directory entry that is a leaf of 2 MiB. */
export function dropSuperframe(s: Transaction, domain: Word, index: Word): void {
  s.clause("P2M-DROP-1", "A leaf of 2 MiB that is taken out no longer counts for its superframe.");
  const row = s.row("directory", domain, index);
  const around = s.row("super", superframeOf(frameOf(row.entry)));
  around.set({ references: around.references.sub(1) });
  row.set({ entry: 0 });
  forgetTranslations(s);
}

/** Gives back a last-level table, which is empty, with its directory entry. */
export function dropTable(s: Transaction, domain: Word, slot: Word): void {
  s.clause("P2M-DROP-2", "A table that is given back is free, and its directory entry empty.");
  const owner = s.row("tableOwner", domain, slot);
  s.row("directory", domain, owner.directory.sub(1)).set({ entry: 0 });
  owner.set({ directory: 0 });
  const row = s.row("domain", domain);
  row.set({ tables: row.tables.without(s.word64(1).shl(slot.wide())) });
  forgetTranslations(s);
}

/** Takes out an entry of a last-level table, if it shows anything. */
export function clearLeaf(s: Transaction, domain: Word, slot: Word, at: Word): void {
  const row = s.row("leaf", domain, slot, at);
  const entry = row.entry;
  s.when(entry.has(PAGE_PRESENT), () => {
    s.clause("P2M-CLEAR-1", "An entry that is taken out is empty, and its frame counts one less.");
    row.set({ entry: 0 });
    dropReference(s, frameOf(entry));
    forgetTranslations(s);
  });
}
