// A counterexample as a test: it fails as long as core and specification differ there.

import type { Case } from "../obligations/case.ts";
import { replay } from "./replay.ts";
import type { Witness } from "./witness.ts";

/** Names without values that JSON cannot hold. */
const replacer = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? `0x${value.toString(16)}` : value;

/** The text of a test file; `proofs` is the path from the file to the folder of the proofs. */
export function testText(witness: Witness, proofs: string): string {
  const text = JSON.stringify(witness, replacer, 2);
  const title = `${witness.family}: ${witness.operation}: ${witness.property}`;
  return `// Written by \`npm run prove -- --emit-test\`: a state in which a proof failed.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { replayText } from "${proofs}/counterexample/emit.ts";
import { cases } from "${proofs}/obligations/index.ts";

const witness = ${text};

test(${JSON.stringify(title)}, () => {
  const core = new Uint8Array(readFileSync(new URL("${proofs}/../build/core.wasm", import.meta.url)));
  expect(replayText(core, cases, witness)).toEqual([]);
});
`;
}

/** A witness as it stands in a test file: numbers of any size are text. */
interface WitnessText {
  readonly family: string;
  readonly operation: string;
  readonly property: string;
  readonly function: string;
  readonly args: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly answers: readonly (readonly (string | number)[])[];
  readonly linearBase: string;
}

/** Replays what stands in a test file; gives the differences. */
export function replayText(bytes: Uint8Array, cases: readonly Case[], text: WitnessText) {
  const { family, operation } = text;
  const one = cases.find((each) => each.family === family && each.operation === operation);
  if (one === undefined) throw new Error(`no case is ${family}: ${operation}`);
  const witness: Witness = {
    ...text,
    args: text.args.map((value) => BigInt(value)),
    rows: text.rows.map(
      ([name, row, value]) => [String(name), Number(row), BigInt(value!)] as const,
    ),
    answers: text.answers.map(([number, value]) => [Number(number), BigInt(value!)] as const),
    linearBase: BigInt(text.linearBase),
  };
  return replay(bytes, one, witness).differences;
}
