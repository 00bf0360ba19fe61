// Oracles 4 and 5, and the red zones: no trap, no refusal of the machine, a bound on the
// instructions of a step, and no store outside of the tables.

import { linearBytes } from "../../tcb/core/layout.ts";
import { variable } from "../instrument/places.ts";
import { columnAt, GRANULE_SHIFT } from "../world/columns.ts";
import type { Taken, Violation } from "../world/executor.ts";
import type { FuzzMachine } from "../world/machine.ts";

/** Most instructions of the core's WebAssembly that one step may take. A console ring of 2,048
 *  bytes is the longest step that there is. */
export const STEP_BOUND = 300_000;

/** The machine stops when no domain can run any more: that is no mistake. */
const ENDS = new Set(["done", "halt"]);

export class Safety {
  readonly #machine: FuzzMachine;

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
  }

  judge({ ended, from }: Taken): Violation | undefined {
    if (!ENDS.has(ended.how)) {
      return { oracle: ended.how, about: ended.how, says: ended.how === "done" ? "" : ended.why };
    }
    const { words, logEnd } = this.#machine;
    const taken = words[variable.steps >> 2]!;
    if (taken > STEP_BOUND) {
      const says = `the step took ${taken} instructions, the bound is ${STEP_BOUND}`;
      return { oracle: "steps", about: "step bound", says };
    }
    for (let entry = from; entry < logEnd; entry += 16) {
      const address = words[entry >> 2]!;
      if (address >= linearBytes || columnAt[address >> GRANULE_SHIFT] !== 0) continue;
      const says = `the core stored at 0x${address.toString(16)}, where no table lies`;
      return { oracle: "red zone", about: "store", says };
    }
    return undefined;
  }
}
