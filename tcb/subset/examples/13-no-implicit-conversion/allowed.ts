export function low(value: u64): u32 {
  return (value & 0xffff) as u32;
}

export function wide(value: u32): u64 {
  return value;
}
