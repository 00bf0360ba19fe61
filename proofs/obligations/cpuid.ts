// CPUID, as an exit and at boot.

import { VMEXIT_CPUID } from "../../spec/abi.ts";
import { exitCase } from "./entry.ts";
import type { Case } from "./refine.ts";

export const cpuidCases: readonly Case[] = [
  exitCase(VMEXIT_CPUID, { family: "cpuid", operation: "CPUID" }),
];
