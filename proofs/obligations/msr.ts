// RDMSR and WRMSR, as exits. The targets of a write to the interrupt command register are taken as
// the rounds of a loop (loops.ts).

import { VMEXIT_MSR } from "../../spec/abi.ts";
import { concat, constant, type Term, variable } from "../term/index.ts";
import type { State } from "../wasm/index.ts";
import { systemTime, translation } from "./blocks.ts";
import type { Case } from "./case.ts";
import { vcpuNumber } from "./entered.ts";
import { exitCase } from "./entry.ts";
import { commanded } from "./loops.ts";

const family = "msr";
const RCX = 1;

/** Stubs of the hypercall page. */
const LIMIT_ROUNDS = 64;
const blocks = [systemTime, translation];

const anyMsr = variable("msr", 64);

/** An access to a register by its number; a write if EXITINFO1 is not zero. */
function access(operation: string, write: number, msr: Term): Case {
  const whole = exitCase(VMEXIT_MSR, {
    family,
    operation,
    blocks,
    rounds: [commanded],
    unroll: LIMIT_ROUNDS,
  });
  return {
    ...whole,
    prepare: (state: State) => {
      whole.prepare!(state);
      state.write("vmcbExitInfo1", vcpuNumber, constant(64, write));
      state.write("gprValue", concat(vcpuNumber, constant(4, RCX)), msr);
    },
  };
}

export const msrCases: readonly Case[] = [access("read", 0, anyMsr), access("write", 1, anyMsr)];
