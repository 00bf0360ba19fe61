// CPUID, as an exit and at boot.

import { VMEXIT_CPUID } from "../../spec/abi.ts";
import type { Case } from "./case.ts";
import { exitCase } from "./entry.ts";

export const cpuidCases: readonly Case[] = [
  exitCase(VMEXIT_CPUID, { family: "cpuid", operation: "CPUID" }),
];
