// The states of domains, vCPUs and frames, and the bits of nested page table entries.

/** A free row. All other columns of it are zero. */
export const DOMAIN_FREE: u32 = 0;
/** Being built: never ran. */
export const DOMAIN_BUILDING: u32 = 1;
export const DOMAIN_RUNNING: u32 = 2;
export const DOMAIN_PAUSED: u32 = 3;
/** Stopped for good, with a reason; its memory is still its own. */
export const DOMAIN_SHUTDOWN: u32 = 4;
/** Its rows are being taken back, step by step. */
export const DOMAIN_DYING: u32 = 5;

export const VCPU_FREE: u32 = 0;
/** Has never run, or was stopped by its domain. */
export const VCPU_OFFLINE: u32 = 1;
export const VCPU_RUNNABLE: u32 = 2;
export const VCPU_BLOCKED: u32 = 3;
/** Halted with interrupts off: nothing but an INIT wakes it. */
export const VCPU_HALTED: u32 = 4;

/** What a frame of a split superframe is. */
export const FRAME_FREE: u32 = 0;
export const FRAME_MEMORY: u32 = 1;
/** Not a guest's own memory: shared_info, grant table, console ring. Never freed while it lives. */
export const FRAME_SPECIAL: u32 = 2;

export const SUPER_OWNER_NONE: u32 = 255;

/** No such frame, row or address. */
export const NONE: u32 = 0xffffffff;
export const NOWHERE: u64 = 0xffffffffffffffff;

/** Nested page table entries (APM volume 2, 5.3): present, writable, user, accessed, dirty. */
export const ENTRY_PRESENT: u64 = 1;
export const ENTRY_WRITABLE: u64 = 2;
export const ENTRY_TABLE_BITS: u64 = 0x67;
export const ENTRY_LARGE: u64 = 0x80;
/** Software bit: the frame belongs to another domain, mapped by a grant. */
export const ENTRY_FOREIGN: u64 = 0x0200;
export const ENTRY_ADDRESS: u64 = 0x000ffffffffff000;
/** Bits 52-57, ignored by the CPU: the slot of the last-level table that a directory entry
 *  names. */
export const ENTRY_SLOT_SHIFT: u64 = 52;
