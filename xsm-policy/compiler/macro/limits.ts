/** Bounds of a macro expansion: a policy that passes one is told so instead of running on. */

export interface MacroLimits {
  /** Characters of expanded text, or of one argument; 500,000 rules need about 28 million. */
  readonly textCharacters: number;
  /** Changes of origin in one text; 32 bytes each. */
  readonly textOrigins: number;
  /** Calls inside the result of another call; generators that count recurse once per number. */
  readonly callDepth: number;
  /** Calls inside the arguments of another call, which are expanded on the machine's own stack. */
  readonly argumentDepth: number;
  /** Arguments of one call. */
  readonly arguments: number;
  /** Calls in all; the whole reference policy makes about one million. */
  readonly calls: number;
}

export const DEFAULT_LIMITS: MacroLimits = {
  textCharacters: 128 * 1024 * 1024,
  textOrigins: 8 * 1024 * 1024,
  callDepth: 20_000,
  argumentDepth: 400,
  arguments: 100_000,
  calls: 4_000_000,
};

/** Calls that a position names; the innermost ones are kept. */
export const MAX_CHAIN_LENGTH = 64;
