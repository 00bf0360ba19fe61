/** All targets by name. */

import { HypercallTarget } from "./hypercall.ts";
import type { Target } from "./target.ts";

const makers: Readonly<Record<string, (core: Uint8Array<ArrayBuffer>) => Target>> = {
  hypercall: (core) => new HypercallTarget(core),
};

export const targetNames: readonly string[] = Object.keys(makers);

/** The target of that name. Throws RangeError if there is none. */
export function makeTarget(name: string, core: Uint8Array<ArrayBuffer>): Target {
  const make = makers[name];
  if (make !== undefined) return make(core);
  throw new RangeError(`there is no target "${name}"; there are ${targetNames.join(", ")}`);
}
