/** Everything that is proved, by family. */
import type { Column, WasmModule } from "../wasm/index.ts";
import { bootCases } from "./boot.ts";
import type { Case } from "./case.ts";
import { confidentiality } from "./confidentiality.ts";
import { consoleCases } from "./console.ts";
import { controlCases, teardownCases } from "./control.ts";
import { cpuidCases } from "./cpuid.ts";
import { eventChannelCases } from "./event_channel.ts";
import { exitCases } from "./exit.ts";
import { footprint } from "./footprint.ts";
import { frameCases } from "./frame.ts";
import type { Goal } from "./goal.ts";
import { grantTableCases } from "./grant_table.ts";
import { hvmCases } from "./hvm.ts";
import { hypercallCases } from "./hypercall.ts";
import { ioCases } from "./io.ts";
import { localApicCases } from "./local_apic.ts";
import { loopCases } from "./loops.ts";
import { memoryOpCases } from "./memory_op.ts";
import { msrCases } from "./msr.ts";
import { type Operation, Operations } from "./operations.ts";
import { policyLoadCases } from "./policy_load.ts";
import { execute, refine } from "./refine.ts";
import { Code } from "./runner.ts";
import { schedOpCases } from "./sched_op.ts";
import { selectCases } from "./select.ts";
import { sharedCases } from "./shared.ts";
import { vcpuCases } from "./vcpu.ts";
import { vcpuOpCases } from "./vcpu_op.ts";
import { versionCases } from "./version.ts";
import { wholeDomainCases } from "./whole_domain.ts";

export const cases: readonly Case[] = [
  ...sharedCases,
  ...wholeDomainCases,
  ...hypercallCases,
  ...eventChannelCases,
  ...frameCases,
  ...memoryOpCases,
  ...grantTableCases,
  ...controlCases,
  ...teardownCases,
  ...policyLoadCases,
  ...versionCases,
  ...hvmCases,
  ...cpuidCases,
  ...exitCases,
  ...consoleCases,
  ...ioCases,
  ...msrCases,
  ...schedOpCases,
  ...vcpuOpCases,
  ...vcpuCases,
  ...selectCases,
  ...localApicCases,
  ...loopCases,
  ...bootCases,
];

/** The families, in the order of their first case. */
export const families: readonly string[] = [...new Set(cases.map(({ family }) => family))];

/** The goals of a case on a build of the core. */
export function goalsOf(module: WasmModule, columns: readonly Column[], one: Case): Goal[] {
  const sides = execute(module, columns, one);
  return [...refine(sides), ...footprint(sides), ...confidentiality(sides)];
}

/** The operations of a build of the core, and which case is about each. */
export function operationsOf(module: WasmModule, columns: readonly Column[]): Operation[] {
  return new Operations(new Code(module, columns), columns, cases).all();
}
