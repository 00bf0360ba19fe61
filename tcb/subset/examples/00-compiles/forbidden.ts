export function half(value: u32): u32 {
  return valeu >> 1;
}
