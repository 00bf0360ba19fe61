// HYPERVISOR_console_io.

import * as abi from "../../spec/abi.ts";
import { add, constant, equal, not, sub, truncate, ult, zeroExtend } from "../term/index.ts";
import type { Case } from "./case.ts";
import { anyFirst, anySecond, anyThird, hypercallCase } from "./entry.ts";
import { lemmas } from "./lemmas.ts";
import { lemmaCase } from "./refine.ts";
import { resumes } from "./resumption.ts";
import { putting } from "./vcpu-lemmas.ts";

const family = "console";
/** Bytes that a step takes, and the look at whether there is one more. */
const LIMIT_ROUNDS = 66;
const taken = [...lemmas, putting];
const number = abi.HYPERVISOR_console_io;

/** A step takes 64 bytes; the length has 31 bits. */
const STEP = 64n;
const bytes = zeroExtend(truncate(anySecond, 31), 64);
const resumed = {
  count: anySecond,
  step: STEP,
  isMore: ult(constant(64, STEP), bytes),
  rest: {
    first: constant(64, abi.CONSOLEIO_write),
    second: sub(bytes, constant(64, STEP)),
    third: add(anyThird, constant(64, STEP)),
  },
};

export const consoleCases: readonly Case[] = [
  lemmaCase(putting, { blocks: [] }),
  hypercallCase(
    { number, first: abi.CONSOLEIO_write },
    {
      family,
      operation: "write",
      repetitions: [],
      unroll: LIMIT_ROUNDS,
      lemmas: taken,
      claims: resumes(resumed),
    },
  ),
  hypercallCase(
    { number },
    {
      family,
      operation: "any other operation",
      when: [not(equal(anyFirst, constant(64, abi.CONSOLEIO_write)))],
    },
  ),
];
