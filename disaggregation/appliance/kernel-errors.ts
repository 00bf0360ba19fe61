// The loader's error codes as sentences: what is wrong and what to do.

import * as code from "../loader/errors.ts";

const sentences: ReadonlyMap<number, string> = new Map([
  [code.BAD_MEMORY_SIZE, "memory must be a multiple of 2 MiB, at most 16128 MiB"],
  [code.BAD_VCPU_COUNT, "a guest has 1 to 32 vCPUs"],
  [code.COMMAND_LINE_TOO_LONG, "the command line is longer than 2047 bytes"],
  [code.FILE_TOO_SHORT, "the file ends within the ELF header; is it complete?"],
  [code.NOT_ELF, "no ELF magic"],
  [code.BAD_CLASS, "the ELF class is neither 32 nor 64 bit"],
  [code.NOT_LITTLE_ENDIAN, "the ELF file is not little endian"],
  [code.NOT_EXECUTABLE, "the ELF file is not an executable (ET_EXEC); link it at a fixed address"],
  [code.WRONG_MACHINE, "the ELF file is not for x86 (EM_X86_64, or EM_386 in a 32-bit file)"],
  [code.BAD_HEADER_SIZE, "a program header has a size that its ELF class does not have"],
  [code.NO_PROGRAM_HEADERS, "no program headers: nothing says what to load"],
  [code.TOO_MANY_PROGRAM_HEADERS, "more than 64 program headers"],
  [code.PROGRAM_HEADERS_PAST_END, "the program headers do not end in the file; is it complete?"],
  [code.SEGMENT_PAST_END, "a segment's bytes do not end in the file; is it complete?"],
  [code.SEGMENT_SHRINKS, "a segment has more bytes in the file than in memory"],
  [
    code.SEGMENT_OUTSIDE_MEMORY,
    "a segment does not lie in the guest's memory below 3840 MiB; give the guest more memory",
  ],
  [code.SEGMENTS_OVERLAP, "a segment lies where an earlier one does"],
  [code.NO_SEGMENTS, "no segment to load"],
  [code.NOTES_PAST_END, "the notes do not end in the file; is it complete?"],
  [code.NOTE_TOO_LONG, "a note is longer than its segment"],
  [
    code.NO_PVH_NOTE,
    "no PVH entry (Xen note 18, PHYS32_ENTRY): build the kernel with PVH support (CONFIG_PVH)",
  ],
  [code.BAD_PVH_NOTE, "the PVH entry note has neither 4 nor 8 bytes"],
  [code.ENTRY_OUTSIDE_SEGMENTS, "the PVH entry lies in no loaded segment"],
  [code.TOO_MANY_NOTES, "more than 4096 notes"],
  [
    code.NO_ROOM_FOR_START_INFO,
    "no page behind the kernel, below 1 GiB, is left for start info; give the guest more memory",
  ],
  [code.NO_ROOM_FOR_RAMDISK, "the ramdisk does not fit behind the kernel; give more memory"],
]);

/** Codes below this are about the request, or about the room that is left: no byte is to blame. */
const FIRST_WITH_PLACE = code.FILE_TOO_SHORT;

/** Whether an error of the loader is about a byte of the kernel file. */
export function hasPlace(error: number): boolean {
  const roomless = error >= code.NO_ROOM_FOR_START_INFO || error === code.NO_PVH_NOTE;
  return error >= FIRST_WITH_PLACE && !roomless;
}

/** The sentence for an error code of the loader. */
export function kernelError(error: number): string {
  return sentences.get(error) ?? `error ${error} of the loader`;
}
