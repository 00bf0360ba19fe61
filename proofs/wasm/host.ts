import type { Term } from "../term/index.ts";
import type { State } from "./state.ts";

/**
 * The model of one imported function. `effect` may read and write columns, forget them (`havoc`),
 * number reads (`nextSequence`), append outputs and demand conditions; it gives the result, if
 * the function has one.
 */
export interface HostFunction {
  /** "module.name", as in "machine.guest_read32". */
  readonly name: string;
  /** Names of the parameters, for reports. */
  readonly parameters: readonly string[];
  readonly effect: (state: State, args: readonly Term[]) => Term | undefined;
  /** What one call counts, in instructions; 1 if it is not said. */
  readonly weight?: number;
}

/** The imports do not fit the model that was given. */
export class HostError extends Error {}
