// The text in front of wasm2c's output: of its own prelude, the parts for integers, loads and
// stores, and bulk memory. tcb/machine/svm/wasm-rt.h has what they stand on.

import { createHash } from "node:crypto";
import { BuildError } from "./command.ts";

/** The prelude that was reviewed (npm wabt 1.0.39). */
const REVIEWED_SHA256 = "a21ba553df04512947ab23cfa4bafe35f4b12779a75c6e3d50f241f8de7cf2ea";

/** What stays, each from one text to just before another. */
const KEPT: readonly (readonly [string, string])[] = [
  ["#define DEF_MEM_CHECKS0(", "#define DEF_MEM_CHECKS2("],
  ["#define DEFINE_LOAD(", "#if defined(_MSC_VER)\n\n// Adapted from"],
  ["#define I32_CLZ(x) ((x) ?", "#endif\n\n#define DIV_S("],
  ["#define DIV_S(", "#define FMIN("],
  ["static inline void memory_fill(", "static inline void memory_init("],
];
const FLOATS = /^DEFINE_.*\bf(32|64)\b.*\n/gm;

/** The parts of wasm2c's prelude that stay. Throws BuildError when it is not the reviewed one. */
export function integerPrelude(prelude: string): string {
  const hash = createHash("sha256").update(prelude).digest("hex");
  if (hash !== REVIEWED_SHA256) {
    throw new BuildError(
      `wasm2c's prelude changed (sha256 ${hash}): review it against tcb/machine/svm/wasm-rt.h, ` +
        "then set REVIEWED_SHA256 in scripts/prelude.ts",
    );
  }
  const pieces = KEPT.map(([from, to]) => {
    const start = prelude.indexOf(from);
    return prelude.slice(start, prelude.indexOf(to, start));
  });
  return pieces.join("").replace(FLOATS, "");
}
