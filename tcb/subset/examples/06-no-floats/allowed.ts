/** Three quarters, in whole numbers. */
export function share(total: u64): u64 {
  return total - (total >> 2);
}
