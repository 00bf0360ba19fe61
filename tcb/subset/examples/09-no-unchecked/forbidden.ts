import { scratchByte } from "./columns";

export function byteAt(place: u32): u32 {
  return unchecked(scratchByte(place));
}
