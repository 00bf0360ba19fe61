export function rowOf(text: u32): u32 {
  return changetype<usize>(text) as u32;
}
