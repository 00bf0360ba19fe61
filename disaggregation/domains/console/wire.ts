// Messages on the ring between the console service and the toolstack: { u8 kind; u8 domain;
// u16 bytes; data }. Read by both.

export const HEADER_BYTES: u32 = 4;
export const DATA_BYTES: u32 = 512;

/** From the toolstack: a domain's console is wanted, or no longer; what was typed at it. */
export const ATTACH: u32 = 1;
export const DETACH: u32 = 2;
export const INPUT: u32 = 3;
/** A domain came: data is { u32 port } and its name. */
export const ADD: u32 = 4;
/** It went; what it said stays. */
export const REMOVE: u32 = 5;

/** To the toolstack: what a domain said; nothing more will come. */
export const OUTPUT: u32 = 1;
export const ENDED: u32 = 2;
