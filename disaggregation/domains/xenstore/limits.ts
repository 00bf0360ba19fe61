// Every limit of the store, once. Read by the service (AssemblyScript) and by its tests
// (TypeScript): plain u32 constants only. What one domain may use, times the domains, fits in the
// pools: no domain can take from another what that one is entitled to.

/** Domain numbers that exist: 0 to 63. */
export const DOMAINS: u32 = 64;

/** Bytes of a message's body, of an absolute and of a relative path (public/io/xs_wire.h). */
export const PAYLOAD_LIMIT: u32 = 4096;
export const ABSOLUTE_PATH_LIMIT: u32 = 3072;
export const RELATIVE_PATH_LIMIT: u32 = 2048;
/** Bytes of a node's value. */
export const VALUE_LIMIT: u32 = 2048;
/** Bytes of a watch's token: an event with the longest path fits in a message. */
export const TOKEN_LIMIT: u32 = 1022;
/** Permissions that a node can have, its owner's included. */
export const PERMISSIONS: u32 = 5;

/** Bytes of a block of the pool, less its link. */
export const BLOCK_BYTES: u32 = 60;
export const BLOCKS: u32 = 57344;
/** Blocks that are kept for privileged domains. */
export const BLOCKS_RESERVED: u32 = 8192;
/** Nodes of the store and of all transactions. */
export const RECORDS: u32 = 28672;
export const RECORDS_RESERVED: u32 = 4096;
export const WATCHES: u32 = 4608;
export const WATCHES_RESERVED: u32 = 512;
export const EVENTS: u32 = 8704;
export const EVENTS_RESERVED: u32 = 640;
export const TRANSACTIONS: u32 = 704;

// What one unprivileged domain may have.

export const NODES_A_DOMAIN: u32 = 250;
export const NODE_BLOCKS_A_DOMAIN: u32 = 352;
export const WATCHES_A_DOMAIN: u32 = 64;
export const WATCH_BLOCKS_A_DOMAIN: u32 = 136;
export const EVENTS_A_DOMAIN: u32 = 128;
export const EVENT_BLOCKS_A_DOMAIN: u32 = 150;
export const TRANSACTIONS_A_DOMAIN: u32 = 10;
/** Nodes that all transactions of a domain have looked at. */
export const SEEN_A_DOMAIN: u32 = 140;
export const SEEN_BLOCKS_A_DOMAIN: u32 = 150;

// Pages that outlive the service, with a keeper: the first, those of the rings, the journal's
// halves.

export const PAGES_A_RING: u32 = 3;
export const FIRST_HALF_PAGE: u32 = 193;
export const HALF_PAGES: u32 = 128;
export const LASTING_PAGES: u32 = 449;
