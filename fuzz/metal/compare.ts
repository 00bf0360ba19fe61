// What the metal's guests said against what they should have said.

import { programText } from "../program/text.ts";
import { ANSWER_BYTES, answerAt } from "./record.ts";
import type { Session } from "./session.ts";

/** The first answer in which metal and simulated machine differ. */
export interface Disagreement {
  /** Index in the session's steps, and of the program that it belongs to (-1: the preparation). */
  readonly step: number;
  readonly program: number;
  readonly says: string;
}

const hexadecimal = (value: bigint | number): string => `0x${value.toString(16)}`;

/** Compares the bytes that the guests said with a session; undefined: they agree to the end. */
export function compare({ steps }: Session, said: Uint8Array): Disagreement | undefined {
  for (const [step, { answer, record, program }] of steps.entries()) {
    const seen = answerAt(said, step);
    const call = record.registers.map(hexadecimal).join(", ");
    const what = record.kind === "call" ? `the call (${call})` : "a look at all memory";
    const by = `${what} of actor ${record.actor}`;
    if (seen === undefined) {
      return { step, program, says: `the guests stop answering at ${by}` };
    }
    if (seen.result !== answer.result) {
      const [here, there] = [seen.result, answer.result].map(hexadecimal);
      return { step, program, says: `${by} gives ${here} on the metal, ${there} simulated` };
    }
    if (seen.hash !== answer.hash) {
      return { step, program, says: `after ${by} its memory differs from the simulated one` };
    }
  }
  if (said.length === steps.length * ANSWER_BYTES) return undefined;
  return { step: steps.length, program: -1, says: "the guests answer more than they were asked" };
}

/** The program that a disagreement is about, for people. */
export function disagreementText({ programs }: Session, { program, says }: Disagreement): string {
  const text = program < 0 ? "the residents' preparation\n" : programText(programs[program]!);
  return `${says}\n${text.trimEnd().replace(/^/gm, "    ")}\n`;
}
