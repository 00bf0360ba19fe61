// The labels of the policy's table that a domain can be created under, by their text.

const LABELS: u32 = 128;
const TEXT_BYTES: u32 = 64;
const TEXT: u32 = memory.data(<i32>(128 * 64)) as u32;
const LENGTH: u32 = memory.data(<i32>(128 * 4), 4) as u32;
const INDEX: u32 = memory.data(<i32>(128 * 4), 4) as u32;
export const NO_LABEL: u32 = 0xffffffff;
let labels: u32 = 0;

export function addLabel(text: u32, bytes: u32, index: u32): bool {
  if (labels == LABELS || bytes > TEXT_BYTES) return false;
  memory.copy(TEXT + labels * TEXT_BYTES, text, bytes);
  store<u32>(LENGTH + (labels << 2), bytes);
  store<u32>(INDEX + (labels << 2), index);
  labels++;
  return true;
}

/** Place of a label in the policy's table; the first one for an empty text; or NO_LABEL. */
export function findLabel(text: u32, bytes: u32): u32 {
  for (let label: u32 = 0; label < labels; label++) {
    const same =
      load<u32>(LENGTH + (label << 2)) == bytes &&
      memory.compare(TEXT + label * TEXT_BYTES, text, bytes) == 0;
    if (same || bytes == 0) return load<u32>(INDEX + (label << 2));
  }
  return NO_LABEL;
}
