// Paths as requests name them: absolute, special (@...), or relative to the asking domain's own
// directory; and what stands above a path.

import { writeDecimal, writeText } from "../../runtime/decimal";
import { EINVAL, OK } from "./errors";
import { ABSOLUTE_PATH_LIMIT, RELATIVE_PATH_LIMIT } from "./limits";

const SLASH: u32 = 47;
const AT: u32 = 64;
/** Room for the longest relative path behind the longest home. */
const CANONICAL: u32 = memory.data(<i32>(ABSOLUTE_PATH_LIMIT + 64)) as u32;

/** The path that `takePath` found, absolute. */
export let path: u32 = CANONICAL;
export let pathLength: u32 = 0;
/** Was it written relative to the domain's own directory? */
export let pathRelative: bool = false;

/** Bytes of the parent's path; the root's is "/". */
export function parentBytes(place: u32, bytes: u32): u32 {
  let end = bytes;
  while (end > 1 && load<u8>(place + end - 1) != SLASH) end--;
  return end > 1 ? end - 1 : 1;
}

/** Writes the directory of a domain, without a slash behind it; returns the place behind it. */
export function writeHome(place: u32, domain: u32): u32 {
  return writeDecimal(writeText(place, "/local/domain/"), domain as u64);
}

/** Bytes of it. */
export function homeBytes(domain: u32): u32 {
  return domain < 10 ? 15 : 16;
}

function isLetter(byte: u32): bool {
  if (byte >= 97 && byte <= 122) return true;
  if (byte >= 65 && byte <= 90) return true;
  if (byte >= 48 && byte <= 57) return true;
  return byte == 45 || byte == 95 || byte == AT;
}

/** Letters of the protocol, single slashes, none at the end. */
function wellFormed(place: u32, bytes: u32): bool {
  if (bytes == 1) return true;
  let last: u32 = 0;
  for (let index: u32 = 0; index < bytes; index++) {
    const byte = load<u8>(place + index) as u32;
    if (byte == SLASH ? last == SLASH : !isLetter(byte)) return false;
    last = byte;
  }
  return last != SLASH;
}

/** Takes a path of `bytes` bytes that a domain wrote, without its NUL; an error, or OK. */
export function takePath(domain: u32, place: u32, bytes: u32): u32 {
  if (bytes == 0) return EINVAL;
  const first = load<u8>(place) as u32;
  pathRelative = first != SLASH && first != AT;
  let end = CANONICAL;
  if (pathRelative) {
    if (bytes > RELATIVE_PATH_LIMIT) return EINVAL;
    end = writeText(writeHome(CANONICAL, domain), "/");
  } else if (bytes > ABSOLUTE_PATH_LIMIT) {
    return EINVAL;
  }
  memory.copy(end, place, bytes);
  path = CANONICAL;
  pathLength = end + bytes - CANONICAL;
  if (first == AT) return wellFormed(CANONICAL + 1, pathLength - 1) ? OK : EINVAL;
  return wellFormed(CANONICAL, pathLength) ? OK : EINVAL;
}

/** Is the path taken last a special one? */
export function isSpecial(): bool {
  return load<u8>(CANONICAL) == AT;
}
