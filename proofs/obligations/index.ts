/** Everything that is proved, by family. */
import type { Column, WasmModule } from "../wasm/index.ts";
import { eventChannelCases } from "./event_channel.ts";
import type { Goal } from "./goal.ts";
import { type Case, execute, refine } from "./refine.ts";
import { sharedCases } from "./shared.ts";

export const cases: readonly Case[] = [...sharedCases, ...eventChannelCases];

/** The families, in the order of their first case. */
export const families: readonly string[] = [...new Set(cases.map(({ family }) => family))];

/** The goals of a case on a build of the core. */
export function goalsOf(module: WasmModule, columns: readonly Column[], one: Case): Goal[] {
  return refine(execute(module, columns, one));
}

/** What the core does and no case is about yet. */
export const unspecified: readonly string[] = [
  "boot",
  "selectVcpu",
  "exit: all but VMMCALL",
  "hypercall: all but event_channel_op",
];
