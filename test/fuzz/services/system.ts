// The whole system: core, store and guests on the simulated machine. One guest makes any calls and
// writes anything into its ring; the store stays, and serves the others.

import type { Subject } from "../../../fuzz/targets/bytes.ts";
import { OK, storeWorld } from "../../disaggregation/domains/xenstore/world.ts";
import { bytesSubject, pieces, problem } from "./subject.ts";

const STEP_BYTES = 16;
const STEPS_MAX = 24;
/** Calls that a guest can come back from. */
const CALLS = [12, 20, 24, 32, 34, 32, 20, 12, 60] as const;

/** The input: steps of 16 bytes, { u8 what, u8 operation, u16 place, u32 words[3] }. */
export function wholeSystem(): Subject {
  const seed = new Uint8Array(4 * STEP_BYTES);
  for (const [step, [what, operation]] of [
    [3, 4],
    [9, 0],
    [3, 3],
    [1, 0],
  ].entries()) {
    seed[step * STEP_BYTES] = what!;
    seed[step * STEP_BYTES + 1] = operation!;
  }
  return bytesSubject("system", [seed], [], (bytes, features) => {
    const { system, one, two } = storeWorld();
    for (const step of pieces(bytes, STEP_BYTES, STEPS_MAX)) {
      const view = new DataView(step.buffer);
      const [what, operation] = [step[0]! % 12, step[1]!];
      const words = [4, 8, 12].map((at) => view.getUint32(at, true));
      if (what < CALLS.length) {
        const [result] = one.domain.call(CALLS[what]!, operation % 16, [...words, 0, 0, 0]);
        features.add(`${CALLS[what]} ${operation % 16} ${result}`);
      } else {
        one.domain.write(one.ring + BigInt(view.getUint16(2, true) % 4080), step.subarray(4));
        one.notify();
      }
      system.settle();
    }
    const { crash } = system.service("store");
    if (crash !== undefined) return problem("crash", "store", String(crash));
    if (two.write("alive", "yes") === OK && two.read("alive") === "yes") return undefined;
    return problem("model", "others", "another guest is not served");
  });
}
