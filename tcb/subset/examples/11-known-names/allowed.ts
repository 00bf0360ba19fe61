export function bits(word: u64, most: u32): u32 {
  return min<u32>(popcnt(word) as u32, most);
}
