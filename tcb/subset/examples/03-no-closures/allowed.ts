function twice(value: u32): u32 {
  return value << 1;
}

export function four(value: u32): u32 {
  return twice(twice(value));
}
