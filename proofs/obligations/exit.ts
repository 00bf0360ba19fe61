// VM exits that are no call: from the exported door on.

import * as abi from "../../spec/abi.ts";
import { exits } from "../../spec/exit.ts";
import { constant, equal, not, variable } from "../term/index.ts";
import type { Case } from "./case.ts";
import { exitCase } from "./entry.ts";

const family = "exit";

/** Exits that end or change nothing of the guest's own but its instruction. */
const simple: Readonly<Record<string, number>> = {
  VINTR: abi.VMEXIT_VINTR,
  WBINVD: abi.VMEXIT_WBINVD,
  INVD: abi.VMEXIT_INVD,
  "#DB": abi.VMEXIT_EXCEPTION_DB,
  "#AC": abi.VMEXIT_EXCEPTION_AC,
  RDPMC: abi.VMEXIT_RDPMC,
  INVLPGA: abi.VMEXIT_INVLPGA,
  NMI: abi.VMEXIT_NMI,
  SMI: abi.VMEXIT_SMI,
  INIT: abi.VMEXIT_INIT,
};

/** SVM instructions and others that a guest does not have. */
const undefinedOpcodes = exits
  .map(({ value }) => value)
  .filter((value) => value >= abi.VMEXIT_VMRUN && value <= abi.VMEXIT_RDPRU)
  .filter((value) => value !== abi.VMEXIT_VMMCALL && value !== abi.VMEXIT_WBINVD);

/** Exits that end the domain. */
const crashes: Readonly<Record<string, number | bigint>> = {
  "nested page fault": abi.VMEXIT_NPF,
  shutdown: abi.VMEXIT_SHUTDOWN,
  "#MC": abi.VMEXIT_EXCEPTION_MC,
  "invalid state": abi.VMEXIT_INVALID,
};

const anyCode = variable("exitCode", 64);

export const exitCases: readonly Case[] = [
  ...Object.entries(simple).map(([operation, code]) => exitCase(code, { family, operation })),
  ...undefinedOpcodes.map((code) =>
    exitCase(code, { family, operation: `undefined opcode 0x${code.toString(16)}` }),
  ),
  exitCase(abi.VMEXIT_HLT, { family, operation: "HLT" }),
  exitCase(abi.VMEXIT_INTR, { family, operation: "INTR" }),
  ...Object.entries(crashes).map(([operation, code]) => exitCase(code, { family, operation })),
  exitCase(anyCode, {
    family,
    operation: "any other exit",
    when: exits.map(({ value }) => not(equal(anyCode, constant(64, value)))),
  }),
];
