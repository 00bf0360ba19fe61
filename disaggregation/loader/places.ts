// Where things are in a guest's physical address space. Memory is [0, LOW_MEMORY_LIMIT) and, when
// there is more of it, goes on at 4 GiB; between them lies what is not memory.

export const LOW_MEMORY_LIMIT: u64 = 0xf0000000;
export const HIGH_MEMORY: u64 = 0x100000000;
/** 16 GiB, less the hole: the core's page directories end at 16 GiB. */
export const MEMORY_LIMIT: u64 = 0x3f0000000;
/** Memory is given in superframes. */
export const SUPERFRAME_BYTES: u64 = 0x200000;
export const FRAME_BYTES: u64 = 0x1000;

/** One page of ACPI tables; the RSDP is its first byte. */
export const ACPI_ADDRESS: u64 = 0xfc000000;
export const ACPI_BYTES: u64 = 0x1000;
/** Xen's special pages: only the console ring, the last, is there. */
export const SPECIAL_ADDRESS: u64 = 0xfeff8000;
export const SPECIAL_BYTES: u64 = 0x8000;
export const CONSOLE_ADDRESS: u64 = 0xfefff000;

/** Start info and ramdisk lie behind the kernel, and not in the first MiB: Linux takes a page of
 *  it for shared_info, and starts its other CPUs there. */
export const FIRST_PLACE: u64 = 0x100000;
/** Linux reads start info through an early map of the first GiB. */
export const START_INFO_LIMIT: u64 = 0x40000000;
