export const STATE_FREE: u32 = 0;

export function isFree(state: u32): bool {
  return state == STATE_FREE;
}
