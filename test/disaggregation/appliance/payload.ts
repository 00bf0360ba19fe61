// The kernel that fixtures/payload.* are compressed forms of, made by gzip -9n, lz4 -l, xz --x86
// --check=crc32 --lzma2=dict=32MiB, zstd -22 --ultra, bzip2, xz --format=lzma and lzop -9.

import { makeElf, pvhNote } from "../loader/elf-builder.ts";

/** A small ELF with what compressors treat differently: repeats, noise, and x86 calls (XZ's x86
 *  filter rewrites their targets). */
export function fixturePayload(): Uint8Array {
  const code = Buffer.alloc(6000);
  for (let at = 0; at + 5 <= 2000; at += 16) {
    code[at] = 0xe8;
    code.writeInt32LE(3000 - at, at + 1);
  }
  let state = 1;
  for (let at = 2000; at < 2300; at++) {
    state = (state * 1103515245 + 12345) % 2147483648;
    code[at] = state >> 16;
  }
  code.fill("xenolith ", 2300, 5000);
  return makeElf({
    wide: true,
    segments: [{ gpa: 0x100000, data: code }],
    notes: [[pvhNote(0x100000, 8)]],
  });
}
