// HYPERVISOR_console_io.

import * as abi from "../../spec/abi.ts";
import { constant, equal, not } from "../term/index.ts";
import type { Case } from "./case.ts";
import { anyFirst, hypercallCase } from "./entry.ts";
import { lemmas } from "./lemmas.ts";
import { lemmaCase } from "./refine.ts";
import { putting } from "./vcpu-lemmas.ts";

const family = "console";
/** Bytes that a step takes, and the look at whether there is one more. */
const LIMIT_ROUNDS = 66;
const taken = [...lemmas, putting];
const number = abi.HYPERVISOR_console_io;

export const consoleCases: readonly Case[] = [
  lemmaCase(putting, { blocks: [] }),
  hypercallCase(
    { number, first: abi.CONSOLEIO_write },
    { family, operation: "write", repetitions: [], unroll: LIMIT_ROUNDS, lemmas: taken },
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
