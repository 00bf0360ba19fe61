// `npx tsx tcb/subset/check.ts [BINARY]`: judges the sources of the core and its binary. Exit
// status 0: all rules are kept; 1: findings; 2: the binary is not there.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkModule, type Expectation } from "./binary/check.ts";
import { CORE_BINARY, coreExpectation, coreFiles } from "./core-files.ts";
import { type Finding, formatFinding } from "./finding.ts";
import { checkSource } from "./source/check.ts";

export type { Expectation, Finding };
export { CORE_BINARY, checkSource, coreExpectation, coreFiles, formatFinding };

/** Judges a binary; without an expectation, against today's machine.ts and layout.ts. */
export function checkBinary(
  bytes: Uint8Array,
  expected: Expectation = coreExpectation(),
): Finding[] {
  return checkModule(bytes, expected);
}

/** Sources and binary of the core together. */
export function checkCore(binary: string = CORE_BINARY): Finding[] {
  return [
    ...checkSource(coreFiles()),
    ...checkBinary(readFileSync(binary), coreExpectation(binary)),
  ];
}

function main(binary: string = CORE_BINARY): number {
  if (!existsSync(binary)) {
    process.stderr.write(`subset: there is no ${binary}; make it with: npm run build\n`);
    return 2;
  }
  const findings = checkCore(binary);
  for (const finding of findings) process.stdout.write(`${formatFinding(finding)}\n`);
  process.stdout.write(`subset: ${findings.length} findings\n`);
  return findings.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv[2]);
