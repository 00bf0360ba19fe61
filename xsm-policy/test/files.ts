/** Which files of expectations belong to a policy. */

import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

const EXTENSION = ".expect";

/**
 * The files beside and in the policy: for `policies/mine`, or `policies/mine.conf`, that is
 * `policies/mine.expect`, and of a folder all `*.expect` in it; in the order of their names.
 */
export function expectationFiles(input: string): string[] {
  const whole = path.resolve(input);
  const { dir, name } = path.parse(whole);
  const isFolder = statSync(input).isDirectory();
  const beside = path.join(dir, `${isFolder ? path.basename(whole) : name}${EXTENSION}`);
  const inside = isFolder
    ? readdirSync(input)
        .filter((file) => file.endsWith(EXTENSION))
        .sort()
        .map((file) => path.join(input, file))
    : [];
  return [...(existsSync(beside) ? [path.relative("", beside)] : []), ...inside];
}
