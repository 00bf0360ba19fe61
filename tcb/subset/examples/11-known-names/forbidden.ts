export function bits(word: u64, most: u32): u32 {
  trace("bits");
  if (word == 0) throw new Error("no bits");
  return rotl(most, 1);
}
