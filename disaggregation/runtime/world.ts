// The world of a service, as it sees it: the complete list of imports. A service decides, these
// carry out. Each world (a domain of its own on the metal, the simulated machine in Node)
// implements this list and nothing else.
//
// A service's linear memory is its own: no hypercall and no other domain can name it. Pages that
// others see, or that a hypercall reads, are reached by a handle: a slot of the window (places.ts).
// An access outside of a mapped page, or of linear memory, stops the service.
//
// A service exports `start(): void`, called once, and `turn(): u64`: it takes the events that
// wait, does what they ask for, and returns the time (ns) until which nothing but an event has to
// wake it; ~0 means that nothing else will.

// Single accesses: each happens once, whole, and in order. `offset` is a multiple of the size.

@external("world", "pageLoad8")
export declare function pageLoad8(handle: u32, offset: u32): u32;
@external("world", "pageLoad16")
export declare function pageLoad16(handle: u32, offset: u32): u32;
@external("world", "pageLoad32")
export declare function pageLoad32(handle: u32, offset: u32): u32;
@external("world", "pageLoad64")
export declare function pageLoad64(handle: u32, offset: u32): u64;
@external("world", "pageStore8")
export declare function pageStore8(handle: u32, offset: u32, value: u32): void;
@external("world", "pageStore16")
export declare function pageStore16(handle: u32, offset: u32, value: u32): void;
@external("world", "pageStore32")
export declare function pageStore32(handle: u32, offset: u32, value: u32): void;
@external("world", "pageStore64")
export declare function pageStore64(handle: u32, offset: u32, value: u64): void;

/** Copies `bytes` of a page to linear memory. Nothing says in which order: what another domain may
 *  change meanwhile is judged in the copy. */
@external("world", "pageCopyIn")
export declare function pageCopyIn(handle: u32, offset: u32, linear: u32, bytes: u32): void;
/** Copies `bytes` of linear memory to a page. */
@external("world", "pageCopyOut")
export declare function pageCopyOut(handle: u32, offset: u32, linear: u32, bytes: u32): void;
/** Copies `bytes` from one page to another. */
@external("world", "pageCopy")
export declare function pageCopy(
  from: u32,
  fromOffset: u32,
  to: u32,
  toOffset: u32,
  bytes: u32,
): void;
/** What was accessed before is done before what is accessed after. */
@external("world", "fence") export declare function fence(): void;

/** A hypercall with up to three arguments. Its structures lie in pages (hypercall.ts). */
@external("world", "hypercall")
export declare function hypercall(number: u32, a: u64, b: u64, c: u64): i64;
/** A pending event port, which is pending no longer; -1: none. The ports take turns. */
@external("world", "nextEvent") export declare function nextEvent(): i32;
/** Nanoseconds since the machine started. Never runs backwards. */
@external("world", "now") export declare function now(): u64;
/** Bits that other domains cannot guess. */
@external("world", "random") export declare function random(): u64;

/** One byte from an I/O port; all ones from one that the domain was not given. */
@external("world", "portIn8") export declare function portIn8(port: u32): u32;
@external("world", "portOut8") export declare function portOut8(port: u32, value: u32): void;

/** Writes ASCII text of linear memory to the hypervisor's emergency console. */
@external("world", "log") export declare function log(linear: u32, bytes: u32): void;
/** Copies the service's configuration text to linear memory, at most `bytes`; returns how long it
 *  is altogether. */
@external("world", "config") export declare function config(linear: u32, bytes: u32): u32;

/** Guest-physical address of what came with the configuration (a disk's image), a multiple of
 *  4096. Grant copies name it by frame; linear memory does not reach it. */
@external("world", "moduleAddress") export declare function moduleAddress(): u64;
/** Bytes of it, a multiple of 4096; 0: nothing came. */
@external("world", "moduleBytes") export declare function moduleBytes(): u64;
/** Guest-physical address and bytes of the domain's memory that nothing else uses; multiples of
 *  4096. Zero when the domain starts. */
@external("world", "spareAddress") export declare function spareAddress(): u64;
@external("world", "spareBytes") export declare function spareBytes(): u64;
