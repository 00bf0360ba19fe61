/** All engines by name. */

import type { Engine } from "./engine.ts";
import { fastCheckEngine } from "./fast-check.ts";
import { jazzerEngine } from "./jazzer.ts";

const engines: readonly Engine[] = [fastCheckEngine, jazzerEngine];
export const engineNames: readonly string[] = engines.map(({ name }) => name);

/** The engine of that name. Throws RangeError if there is none. */
export function engineNamed(name: string): Engine {
  const engine = engines.find((one) => one.name === name);
  if (engine !== undefined) return engine;
  throw new RangeError(`there is no engine "${name}"; there are ${engineNames.join(", ")}`);
}
