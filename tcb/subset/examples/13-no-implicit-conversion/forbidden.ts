export function low(value: u64): u32 {
  return value & 0xffff;
}

export function signed(value: u32): i32 {
  return value;
}
