// How a batch of grant copies went as a whole.

import { copyCount, copyRun, copyStatus } from "./hypercall";

/** Runs the batch that was filled; true: each of its copies was carried out. */
export function copiesDone(): bool {
  if (!copyRun()) return false;
  for (let index: u32 = 0; index < copyCount(); index++) {
    if (copyStatus(index) != 0) return false;
  }
  return true;
}
