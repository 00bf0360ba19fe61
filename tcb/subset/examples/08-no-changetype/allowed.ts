export function rowOf(address: u32): u32 {
  return address >> 3;
}
