// Calls that are longer than a step: progress goes into the caller's argument registers, and the
// instruction stays where it is (Xen's continuations). Between two steps others may run.

import { RESUME } from "./abi";
import * as column from "./columns";

/** The call goes on with these arguments. */
export function resumeWith(a: u64, b: u64, c: u64): i64 {
  column.setCallFirst(a);
  column.setCallSecond(b);
  column.setCallThird(c);
  return RESUME;
}
