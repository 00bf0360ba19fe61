// A finding told step by step: what each call answered, and what the last one changed.

import { linearBytes } from "../../tcb/core/layout.ts";
import { decode, type Program } from "../program/program.ts";
import { stepText } from "../program/text.ts";
import type { HypercallTarget } from "../targets/hypercall.ts";
import { type Cell, cellAt, cellText } from "../world/columns.ts";
import type { World } from "../world/world.ts";

const CHANGES_MAX = 24;

/** The cells that the last step of the core changed: name, before and after. */
function changes({ machine, executor }: World): string[] {
  const { bytes, words, logEnd } = machine;
  const before = new Map<number, number>();
  for (let entry = logEnd - 16; entry >= executor.lastFrom; entry -= 16) {
    const address = words[entry >> 2]!;
    if (address >= linearBytes) continue;
    for (let byte = 0; byte < 8; byte++) before.set(address + byte, bytes[entry + 8 + byte]!);
  }
  const old = (at: number) => before.get(at) ?? bytes[at]!;
  const cells = new Map<string, Cell>();
  for (const at of before.keys()) {
    const cell = old(at) === bytes[at] ? undefined : cellAt(at);
    if (cell !== undefined) cells.set(`${cell.name}[${cell.row}]`, cell);
  }
  return [...cells].map(([name, cell]) => {
    const was = Uint8Array.from({ length: cell.width }, (_, index) => old(cell.at + index));
    return `${name}: ${cellText(was, { ...cell, at: 0 })} -> ${cellText(bytes, cell)}`;
  });
}

/** Runs a program and tells it; the lines end with the failure, if there is one. */
export function explain(target: HypercallTarget, bytes: Uint8Array): string {
  const { world } = target;
  const program: Program = decode(bytes);
  const failure = world.run(program);
  const last = failure?.step ?? program.length - 1;
  const lines = program.slice(0, last + 1).map((step, index) => `${index}  ${stepText(step)}`);
  const found = changes(world).sort();
  if (failure !== undefined) {
    lines.push("", `${failure.oracle} (${failure.about}): ${failure.says}`);
  }
  lines.push(
    "",
    "The last step changed:",
    ...found.slice(0, CHANGES_MAX).map((line) => `  ${line}`),
  );
  if (found.length > CHANGES_MAX) lines.push(`  and ${found.length - CHANGES_MAX} more`);
  world.reset();
  world.machine.forget();
  return `${lines.join("\n")}\n`;
}
