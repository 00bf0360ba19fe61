// Where the pages of a service domain lie in its guest-physical space. Read by the services
// (AssemblyScript) and by whoever builds or simulates their domains (TypeScript): plain u32
// constants only.

/** The window: page `handle` lies at WINDOW + handle * 4096. */
export const WINDOW: u32 = 0xfd000000;
/** Handles that exist: the core lets a domain hold as many mappings. */
export const HANDLES: u32 = 1024;

/** The domain's shared_info. */
export const PAGE_SHARED: u32 = 0;
/** The ring to xenstore that the domain itself is a client of, if it was given one. */
export const PAGE_STORE: u32 = 1;
/** Structures of hypercalls: reserved for hypercall.ts. */
export const PAGE_ARGUMENTS: u32 = 2;
/** Plain pages of the domain, zero when it starts, for a service's own use. */
export const PAGE_OWN: u32 = 3;
export const PAGES_OWN: u32 = 5;
/** First handle that a grant can be mapped at. */
export const PAGE_GRANTS: u32 = 8;

/** Guest frames of a guest's rings, where Xen has them. */
export const STORE_FRAME: u32 = 0xfeffc;
export const CONSOLE_FRAME: u32 = 0xfefff;
