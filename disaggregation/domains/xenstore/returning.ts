// Services that come back when they end, under their old numbers: their connection ends with them,
// so that nothing of theirs is held, and begins anew when the next instance offers a port. Their
// nodes stay.

import { now } from "../../runtime/world";
import { closeConnection, isForsaken, isIntroduced, openConnection } from "./connections";
import { noteClose, noteOpen } from "./lasting";
import { DOMAINS } from "./limits";
import { dropState } from "./lives";

/** How often is looked (ns). */
const LOOK: u64 = 50000000;
const NEVER: u64 = 0xffffffffffffffff;

/** The port that each of them offers. */
const OFFERED: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
let returning: u64 = 0;
let due: u64 = 0;

/** A domain is one of these. */
export function expectReturn(domain: u32, port: u32): void {
  store<u32>(OFFERED + (domain << 2), port);
  returning |= (1 as u64) << (domain as u64);
}

/** When the next look is due. */
export function nextLook(): u64 {
  return returning == 0 ? NEVER : due;
}

function follow(domain: u32): bool {
  if (isForsaken(domain)) {
    noteClose(domain);
    closeConnection(domain);
    dropState(domain);
  }
  const port = load<u32>(OFFERED + (domain << 2));
  if (isIntroduced(domain) || !openConnection(domain, port)) return false;
  noteOpen(domain, port);
  return true;
}

/** Lets go of those that are gone and takes up those that are back; a bit for each of these. */
export function followReturning(): u64 {
  let back: u64 = 0;
  if (returning == 0 || now() < due) return back;
  due = now() + LOOK;
  for (let rest = returning; rest != 0; rest &= rest - 1) {
    const domain = ctz(rest) as u32;
    if (follow(domain)) back |= (1 as u64) << (domain as u64);
  }
  return back;
}
