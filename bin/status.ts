// Exit codes, and the error that means "the command line was wrong".

export const EXIT_DONE = 0;
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;

/** Options that do not go together, or a value that means nothing. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Reads an option's value as a whole number in a range. */
export function wholeOption(name: string, least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^[0-9]+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new UsageError(`${name} is a whole number from ${least} to ${most}, not "${value}"`);
  };
}
