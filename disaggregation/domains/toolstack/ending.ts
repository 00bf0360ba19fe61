// The toolstack's own end, when a client asked for it: the machine stays on for nobody's sake then.

import { endDomain } from "../../runtime/hypercall";

let wanted: bool = false;

/** The answer goes out first. */
export function endSoon(): void {
  wanted = true;
}

/** Ends the domain if that was asked for. */
export function endIfWanted(): void {
  if (wanted) endDomain();
}
