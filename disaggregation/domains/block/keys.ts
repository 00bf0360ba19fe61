// The keys of a block device in xenstore (public/io/blkif.h), in the order in which they are read.

/** In the back end's directory, when a device is found. */
export const SETUP_KEYS: string = "params mode scratch";
export const PARAMS: u32 = 0;
export const MODE: u32 = 1;
/** Bytes of a scratch disk. */
export const SCRATCH: u32 = 2;

/** In the front end's directory, when it says that its ring stands. */
export const CONNECT_KEYS: string =
  "protocol event-channel ring-page-order ring-ref ring-ref0 ring-ref1 ring-ref2 ring-ref3";
export const PROTOCOL: u32 = 0;
export const EVENT_CHANNEL: u32 = 1;
export const RING_ORDER: u32 = 2;
export const RING_REFERENCE: u32 = 3;
export const RING_REFERENCES: u32 = 4;
