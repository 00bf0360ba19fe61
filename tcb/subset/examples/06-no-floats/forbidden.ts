export function share(total: u64): u64 {
  return ((total as f64) * 0.75) as u64;
}
