export function clear(domain: u32, length: u32): void {
  store<u16>(0x1d000 + (domain << 1), 0);
  memory.fill(0x1da80 + (domain << 8), 0, length);
}
