export function keep(byte: u32): u32 {
  const buffer = new ArrayBuffer(4096);
  return (buffer.byteLength as u32) + byte;
}
