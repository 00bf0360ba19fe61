// What is wrong with a user's file, and where. Never a bug of ours: `bin` prints the line alone.

/** A mistake in a user's input. The message is one line (place, what, why, what to do); a policy's
 *  broken promise is shown below it. */
export class Problem extends Error {
  override readonly name = "Problem";
}

/** `file:line:column: text`, the form that editors jump to. Lines and columns count from 1. */
export function problemAt(file: string, line: number, column: number, text: string): Problem {
  return new Problem(`${file}:${line}:${column}: ${text}`);
}

/** `file: byte 0x...: text` for binary files. */
export function problemAtByte(file: string, offset: number | bigint, text: string): Problem {
  return new Problem(`${file}: byte 0x${offset.toString(16)}: ${text}`);
}
