// The states of rows, and the fields of nested page table entries that are Xenolith's own.

export const DOMAIN_FREE = 0;
export const DOMAIN_BUILDING = 1;
export const DOMAIN_RUNNING = 2;
export const DOMAIN_PAUSED = 3;
export const DOMAIN_SHUTDOWN = 4;
export const DOMAIN_DYING = 5;

export const VCPU_FREE = 0;
export const VCPU_OFFLINE = 1;
export const VCPU_RUNNABLE = 2;
export const VCPU_BLOCKED = 3;
export const VCPU_HALTED = 4;

/** xen/include/public/vcpu.h. */
export const RUNSTATE_RUNNING = 0;
export const RUNSTATE_RUNNABLE = 1;
export const RUNSTATE_BLOCKED = 2;
export const RUNSTATE_OFFLINE = 3;

/** What a frame of a split superframe is used for; special ones outlive their mappings. */
export const FRAME_FREE = 0;
export const FRAME_MEMORY = 1;
export const FRAME_SPECIAL = 2;

/** Bits 52-57 of a directory entry that names a last-level table: the slot of that table. */
export const ENTRY_SLOT_SHIFT = 52;
/** Bit 9 of an entry, free for software: the frame is mapped by a grant. */
export const ENTRY_FOREIGN = 0x200;
