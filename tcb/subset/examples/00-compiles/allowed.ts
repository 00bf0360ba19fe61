export function half(value: u32): u32 {
  return value >> 1;
}
