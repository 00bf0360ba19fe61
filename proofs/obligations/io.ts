// IN, OUT, INS and OUTS, as exits.

import { VMEXIT_IOIO } from "../../spec/abi.ts";
import type { Case } from "./case.ts";
import { exitCase } from "./entry.ts";
import { lemmas } from "./lemmas.ts";
import { putting } from "./vcpu-lemmas.ts";

/** Bytes that an exit takes of a string, and the look at whether there is one more. */
const LIMIT_ROUNDS = 66;

export const ioCases: readonly Case[] = [
  exitCase(VMEXIT_IOIO, {
    family: "io",
    operation: "IOIO",
    repetitions: [],
    unroll: LIMIT_ROUNDS,
    lemmas: [...lemmas, putting],
  }),
];
