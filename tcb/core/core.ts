// The three doors of the core. The machine calls boot() until it returns 0, and then for ever:
// selectVcpu, enter the guest, handleExit.

import { bootStep } from "./boot";
import { exitOf } from "./exit";
import { selectNext } from "./select";

/** One step of boot; 0 when the domains run. */
export function boot(): u32 {
  return bootStep();
}

/** The vCPU row that CPU `cpu` enters next, or 0xffffffff: wait for an interrupt. */
export function selectVcpu(cpu: u32): u32 {
  return cpu == 0 ? selectNext() : 0xffffffff;
}

/** Carries out what the exit of `vcpu`, just left, asks for. */
export function handleExit(vcpu: u32): void {
  exitOf(vcpu);
}
