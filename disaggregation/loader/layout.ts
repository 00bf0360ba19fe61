// The loader's linear memory and its numbers: what a host writes, what it reads back. Read by the
// loader (AssemblyScript) and by its hosts (TypeScript): plain u32 constants only.
//
// Addresses are linear offsets. Offsets of fields are relative to the start of their area.

/** Written by the host before `begin`. */
export const PARAMETERS: u32 = 0x1000;
/** u64: bytes of the kernel file. */
export const PARAMETER_KERNEL_BYTES: u32 = 0;
/** u64: bytes of the ramdisk, 0 for none. */
export const PARAMETER_RAMDISK_BYTES: u32 = 8;
/** u64: bytes of guest memory, a multiple of 2 MiB. */
export const PARAMETER_MEMORY_BYTES: u32 = 16;
/** u32: number of vCPUs, 1 to 32. */
export const PARAMETER_VCPUS: u32 = 24;
/** u32: bytes of the command line, without a NUL. */
export const PARAMETER_COMMAND_LINE_BYTES: u32 = 28;
export const PARAMETER_COMMAND_LINE: u32 = 32;

/** Read by the host after each call. */
export const RESULT: u32 = 0x2000;
/** u32: an error code of errors.ts, 0 for none. */
export const RESULT_ERROR: u32 = 0;
/** u64: byte offset in the kernel file that the error is about. */
export const RESULT_PLACE: u32 = 8;
/** u64 and u32: the part of the kernel file to put at WINDOW before `resume`. */
export const RESULT_WINDOW_OFFSET: u32 = 16;
export const RESULT_WINDOW_BYTES: u32 = 24;
/** u32: number of rows. */
export const RESULT_ROW_COUNT: u32 = 28;
/** u64: guest-physical address of the first instruction. */
export const RESULT_ENTRY: u32 = 32;
/** u64: guest-physical address of hvm_start_info. */
export const RESULT_START_INFO: u32 = 40;

/** Part of the kernel file, as asked for. */
export const WINDOW: u32 = 0x3000;
export const WINDOW_BYTES: u32 = 4096;

/** The layout: rows of {u64 gpa, u32 kind, u32 zero, u64 offset in the source, u64 bytes}. */
export const ROWS: u32 = 0x4000;
export const ROW_BYTES: u32 = 32;
export const ROW_LIMIT: u32 = 128;
export const ROW_GPA: u32 = 0;
export const ROW_KIND: u32 = 8;
export const ROW_OFFSET: u32 = 16;
export const ROW_LENGTH: u32 = 24;

/** Zeroed guest memory in 2 MiB superframes. */
export const KIND_MEMORY: u32 = 1;
/** One zeroed 4 KiB frame outside of the memory. */
export const KIND_FRAME: u32 = 2;
/** The console ring's frame. */
export const KIND_CONSOLE: u32 = 3;
/** Bytes of the kernel file. */
export const KIND_KERNEL: u32 = 4;
/** Bytes of the ramdisk. */
export const KIND_RAMDISK: u32 = 5;
/** Bytes of the generated pages below. */
export const KIND_GENERATED: u32 = 6;

/** Two generated pages: start info, module list, memory map and command line; ACPI tables. */
export const GENERATED: u32 = 0x5000;
export const GENERATED_BYTES: u32 = 0x2000;

/** The loader's own tables: segments of {u64 gpa, bytes, file offset, file bytes}, and note
 *  segments of {u64 file offset, bytes}. */
export const SEGMENTS: u32 = 0x7000;
export const SEGMENT_BYTES: u32 = 32;
export const NOTES: u32 = 0x7800;
export const NOTE_BYTES: u32 = 16;
/** Program headers that a kernel may have: they fit in one window. */
export const SEGMENT_LIMIT: u32 = 64;
/** Notes that are looked at before the loader gives up. */
export const NOTE_LIMIT: u32 = 4096;

/** What `begin` and `resume` return. */
export const STATUS_DONE: u32 = 0;
export const STATUS_WINDOW: u32 = 1;
export const STATUS_ERROR: u32 = 2;

/** vCPUs of one guest. */
export const VCPU_LIMIT: u32 = 32;
/** Bytes of a command line: Linux keeps 2048 with the NUL. */
export const COMMAND_LINE_LIMIT: u32 = 2047;
