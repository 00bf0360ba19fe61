// Runs programs, as text, on a core and under all oracles.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { actors, type Program } from "../../fuzz/program/program.ts";
import { parseProgram } from "../../fuzz/program/text.ts";
import { HypercallTarget } from "../../fuzz/targets/hypercall.ts";
import { vmcb } from "../../fuzz/world/guest.ts";
import { type FuzzMachine, makeMachine } from "../../fuzz/world/machine.ts";

const corePath = fileURLToPath(new URL("../../build/core.wasm", import.meta.url));
export const built = existsSync(corePath);

/** A machine of its own with the real core. */
export function realMachine(): FuzzMachine {
  return makeMachine(new Uint8Array(readFileSync(corePath)));
}

let real: HypercallTarget | undefined;

/** A target with the real core, made once. */
export function realTarget(): HypercallTarget {
  real ??= new HypercallTarget(new Uint8Array(readFileSync(corePath)));
  return real;
}

export interface Judged {
  /** What an oracle says against it. */
  readonly says: string | undefined;
  /** What the last step's caller got. */
  readonly answer: bigint;
}

/** Runs a program and tells what came of it. */
export function runOn(target: HypercallTarget, program: Program): Judged {
  const { world } = target;
  const failure = world.run(program);
  const [domain, id] = actors[program.at(-1)!.actor]!;
  const row = world.executor.guests.row(domain, id);
  const rax = row < 0 ? 0n : world.machine.longs[(vmcb.rax + row * 4096) >> 3]!;
  world.reset();
  world.machine.forget();
  const says = failure && `step ${failure.step}: ${failure.oracle}: ${failure.says}`;
  return { says, answer: BigInt.asIntN(64, rax) };
}

/** What an oracle says against a program on the real core; undefined: nothing. */
export function judged(text: string): string | undefined {
  return runOn(realTarget(), parseProgram(text)).says;
}
