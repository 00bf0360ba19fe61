// Guest-physical maps, as the directory and leaf tables hold them.

import { DIRECTORY_ENTRIES, FRAMES_PER_SUPERFRAME } from "../tcb/core/limits.ts";
import { NOWHERE, PAGE_ADDRESS, PAGE_LARGE, PAGE_PRESENT, PAGE_WRITABLE } from "./abi.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { ENTRY_SLOT_SHIFT } from "./states.ts";

/** Guest frames that a domain can have. */
const GUEST_FRAMES = DIRECTORY_ENTRIES * FRAMES_PER_SUPERFRAME;

/** The 4 KiB entry of a guest frame (below GUEST_FRAMES), or what it would be in a 2 MiB leaf. */
export function entryOf(s: Transaction, domain: Word, gfn: Word): Word {
  const entry = s.row("directory", domain, gfn.shr(9)).entry;
  const offset = gfn.and(FRAMES_PER_SUPERFRAME - 1);
  return s.branch(
    entry.has(PAGE_PRESENT).not(),
    () => s.word64(0),
    () =>
      s.branch(
        entry.has(PAGE_LARGE),
        () => entry.without(PAGE_LARGE).add(offset.wide().shl(12)),
        () => s.row("leaf", domain, entry.shr(ENTRY_SLOT_SHIFT).and(63).low(), offset).entry,
      ),
  );
}

/** The bits that an entry must have for an access. */
export function wanted(s: Transaction, write: Bool): Word {
  return write.choose(s.word64(PAGE_PRESENT + PAGE_WRITABLE), PAGE_PRESENT);
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
