// Two judges of the same steps: what the first lets pass, the second looks at.

import type { Judge, Taken, Violation } from "../world/executor.ts";

/** Both of them, in this order. */
export function bothJudges(first: Judge, second: Judge): Judge {
  return {
    follow: (from) => {
      first.follow(from);
      second.follow(from);
    },
    restore: (end) => {
      first.restore(end);
      second.restore(end);
    },
    renew: () => {
      first.renew();
      second.renew();
    },
    judge: (taken: Taken): Violation | undefined => {
      const violation = first.judge(taken);
      // The second keeps in step with the machine, whatever the first has found.
      return violation ?? second.judge(taken);
    },
    settle: () => first.settle() ?? second.settle(),
  };
}
