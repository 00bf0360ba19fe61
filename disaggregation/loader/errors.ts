// What can be wrong with a kernel or with the request. Plain u32 constants: read by the loader and
// by its hosts, which turn a code into a sentence (appliance/kernel-errors.ts).

export const OK: u32 = 0;

// ---- the request: no place in the kernel file
export const BAD_MEMORY_SIZE: u32 = 1;
export const BAD_VCPU_COUNT: u32 = 2;
export const COMMAND_LINE_TOO_LONG: u32 = 3;

// ---- the ELF header
export const FILE_TOO_SHORT: u32 = 10;
export const NOT_ELF: u32 = 11;
export const BAD_CLASS: u32 = 12;
export const NOT_LITTLE_ENDIAN: u32 = 13;
export const NOT_EXECUTABLE: u32 = 14;
export const WRONG_MACHINE: u32 = 15;
export const BAD_HEADER_SIZE: u32 = 16;
export const NO_PROGRAM_HEADERS: u32 = 17;
export const TOO_MANY_PROGRAM_HEADERS: u32 = 18;
export const PROGRAM_HEADERS_PAST_END: u32 = 19;

// ---- segments
export const SEGMENT_PAST_END: u32 = 30;
export const SEGMENT_SHRINKS: u32 = 31;
export const SEGMENT_OUTSIDE_MEMORY: u32 = 32;
export const SEGMENTS_OVERLAP: u32 = 33;
export const NO_SEGMENTS: u32 = 34;

// ---- the PVH note
export const NOTES_PAST_END: u32 = 40;
export const NOTE_TOO_LONG: u32 = 41;
export const NO_PVH_NOTE: u32 = 42;
export const BAD_PVH_NOTE: u32 = 43;
export const ENTRY_OUTSIDE_SEGMENTS: u32 = 44;
export const TOO_MANY_NOTES: u32 = 45;

// ---- placement
export const NO_ROOM_FOR_START_INFO: u32 = 50;
export const NO_ROOM_FOR_RAMDISK: u32 = 51;
