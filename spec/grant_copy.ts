// GNTTABOP_copy: bytes between frames that are named by a grant or by the caller's own guest frame.

import { GRANTS } from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { addressOfFrame } from "./frame.ts";
import { entryAddress, entryIn, grantedFrame, granterOf, NOBODY, offers } from "./grant_entry.ts";
import { type Argument, argument32, argument64 } from "./guest.ts";
import { ask } from "./lang/question.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { isGuestFrame, translate } from "./p2m.ts";
import * as xsm from "./xsm.ts";

export const GRANT_COPY = ask("grant { copy }", xsm.GRANT, 5);

const FRAME_BYTES = 4096;
const HALF = 0xffff;

/** One end of a copy: a grant's reference, or a guest frame of the caller. */
interface End {
  readonly isGrant: Bool;
  readonly value: Word;
  readonly named: Word;
  readonly offset: Word;
  readonly write: Bool;
}

/** The domain whose label counts at an end, or NOBODY. */
function ownerOf(s: Transaction, domain: Word, end: End): Word {
  return s.branch(
    end.isGrant,
    () => granterOf(s, domain, end.named),
    () => domain,
  );
}

/** Machine address of the frame at an end, or NOWHERE. */
function endAddress(s: Transaction, domain: Word, end: End): Word {
  const granted = () => {
    s.clause("GRANT-COPY-4", "An end by grant is what the granter offers the caller for it.");
    const remote = granterOf(s, domain, end.named);
    s.require(end.value.lt(GRANTS), abi.NOWHERE);
    const reference = end.value.low();
    const address = entryAddress(s, remote, reference);
    s.require(address.ne(abi.NOWHERE), abi.NOWHERE);
    const entry = entryIn(s.machine.load64(address));
    s.require(offers(entry, domain, end.write), abi.NOWHERE);
    return addressOfFrame(grantedFrame(s, remote, reference, entry.gfn, abi.NOWHERE));
  };
  const own = () => {
    s.clause("GRANT-COPY-5", "An end by guest frame is memory of the caller.");
    s.require(end.named.isAmong(abi.DOMID_SELF, domain), abi.NOWHERE);
    s.require(isGuestFrame(end.value), abi.NOWHERE);
    return translate(s, domain, end.value.shl(12), end.write);
  };
  return s.attempt(() => s.branch(end.isGrant, granted, own));
}

/** { source: u64 reference or gfn; u16 domain @8; u16 offset @10; target: @16, @24, @26;
 *  u16 bytes @32; u16 flags @34; i16 status @36 }: the status. */
export function copyOne(s: Transaction, domain: Word, argument: Argument): Word {
  const sourceValue = argument64(s, argument, 0);
  const sourceOf = argument32(s, argument, 8);
  const targetValue = argument64(s, argument, 16);
  const targetOf = argument32(s, argument, 24);
  const amount = argument32(s, argument, 32);
  const bytes = amount.and(HALF);
  const flags = amount.shr(16);
  const end = (value: Word, word: Word, flag: number, writes: boolean): End => ({
    isGrant: flags.and(flag).ne(0),
    value,
    named: word.and(HALF),
    offset: word.shr(16),
    write: s.truth(writes),
  });
  const source = end(sourceValue, sourceOf, abi.GNTCOPY_source_gref, false);
  const target = end(targetValue, targetOf, abi.GNTCOPY_dest_gref, true);
  s.clause("GRANT-COPY-1", "Each end lies within a frame.");
  const fits = (one: End) => one.offset.add(bytes).le(FRAME_BYTES);
  s.require(fits(source).and(fits(target)), abi.GNTST_bad_copy_arg);
  s.clause("GRANT-COPY-2", "The policy lets bytes flow from the source's domain to the target's.");
  const from = ownerOf(s, domain, source);
  const to = ownerOf(s, domain, target);
  s.require(from.ne(NOBODY).and(to.ne(NOBODY)), abi.GNTST_permission_denied);
  const { label } = s.row("domain", from);
  const allowed = xsm.permits(s, label, xsm.labelTarget(s, from, to), GRANT_COPY);
  s.require(allowed, abi.GNTST_permission_denied);
  s.require(bytes.ne(0), abi.GNTST_okay);
  s.clause(
    "GRANT-COPY-3",
    "Both ends are found before a byte is copied; they are different frames.",
  );
  const sourceAddress = endAddress(s, domain, source);
  const targetAddress = endAddress(s, domain, target);
  const found = sourceAddress.ne(abi.NOWHERE).and(targetAddress.ne(abi.NOWHERE));
  s.require(found, abi.GNTST_permission_denied);
  s.require(sourceAddress.ne(targetAddress), abi.GNTST_bad_copy_arg);
  s.machine.copy(
    targetAddress.add(target.offset.wide()),
    sourceAddress.add(source.offset.wide()),
    bytes,
  );
  return s.word64(abi.GNTST_okay);
}
