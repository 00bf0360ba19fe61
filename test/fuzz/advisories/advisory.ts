// Mistakes that hypervisors made, by the number of Xen's advisory: for each a program that comes
// to it, and a mistake of the same kind for our core, with which the program must be found out.

import type { Mistake } from "../variant.ts";

export interface Advisory {
  /** XSA numbers. */
  readonly xsa: string;
  readonly says: string;
  readonly program: string;
  /** What the last call must give, where that says more than the oracles. */
  readonly answer?: bigint;
  readonly mistake: Mistake;
}

export const SELF = 0x7ff0;
export const EINVAL = -22n;
export const ENOSYS = -38n;
export const EPERM = -1n;

/** Domain 2 offers a frame to domain 1. */
export const offer = (reference: number, gfn: number, flags = 1): string =>
  `d2v0 offer(reference=${reference}, flags=${flags}, domain=1, gfn=${gfn})`;
export const map = (reference: number, page: number, more = ""): string =>
  `d1v0 ${more}grant_map(count=1, page=${page}, flags=2, reference=${reference}, domain=2)`;
export const mapReadOnly = (reference: number, page: number): string =>
  `d1v0 grant_map(count=1, page=${page}, flags=6, reference=${reference}, domain=2)`;
export const unmap = (page: number, handle: string): string =>
  `d1v0 grant_unmap(count=1, page=${page}, handle=${handle})`;
export const open = "d1v0 evtchn_alloc_unbound(domain=0x7ff0, remote=2)";
export const bind = "d2v0 evtchn_bind_interdomain(remote=1, port=last)";
export const PLACE = 0x20a000;
export const OTHER = 0x20b000;

export const lines = (...steps: readonly string[]): string => steps.join("\n");
