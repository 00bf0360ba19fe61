// The core as a copy that counts, in the world of the specification's tests; and which operation a
// step is, from what its caller left.

import { LoggingMachine } from "../../../fuzz/oracle/replay.ts";
import type { BoundsReport } from "../../../proofs/bounds/bounds.ts";
import { countingCopy, Meter } from "../../../proofs/bounds/count.ts";
import { VMEXIT_VMMCALL } from "../../../spec/abi.ts";

/** A machine, and how much the core has executed on it. */
export interface Metered {
  readonly machine: LoggingMachine;
  readonly meter: Meter;
}

/** A machine with a copy of the core that counts what it executes. */
export function meteredMachine(core: Uint8Array, pack?: Uint8Array): Metered {
  const meter = new Meter();
  class MeteredMachine extends LoggingMachine {
    override imports() {
      return meter.imports(super.imports());
    }
  }
  const machine = new MeteredMachine({
    core: countingCopy(core),
    ...(pack === undefined ? {} : { pack }),
  });
  meter.attach(machine.core);
  return { machine, meter };
}

const CONTROL = 60n;
const MEMORY = 12n;
const [RBX, RDI] = [3, 7];
const LONG_EFER = 0x400n;
const LONG_CODE = 0x200n;

/** What a vCPU that has just left asks for: { exit code }, or { number, first } of a hypercall. */
function asked(machine: LoggingMachine, vcpu: number): readonly bigint[] {
  const { columns } = machine;
  const code = columns.read("vmcbExitCode", vcpu);
  if (code !== BigInt(VMEXIT_VMMCALL)) return [code];
  const isLong =
    (columns.read("vmcbEfer", vcpu) & LONG_EFER) !== 0n &&
    (columns.read("vmcbCsAttributes", vcpu) & LONG_CODE) !== 0n;
  const cut = (value: bigint) => (isLong ? value : value & 0xffffffffn);
  const number = cut(columns.read("vmcbRax", vcpu));
  const first = cut(columns.read("gprValue", vcpu * 16 + (isLong ? RDI : RBX)));
  return [code, number, number === MEMORY ? first & 63n : first];
}

function contains(text: string, value: bigint): boolean {
  const [first, last] = text.split(" to ").map(BigInt);
  return value >= first! && value <= (last ?? first!);
}

/** The names of the operations that the step of a vCPU may be. */
export function operationsAt(report: BoundsReport, machine: LoggingMachine, vcpu: number) {
  const [code, number, first] = asked(machine, vcpu);
  return report.operations.filter(({ name }) => {
    const [kind, ...rest] = name.split(" ");
    const text = rest.join(" ");
    if (kind === "door") return text === "handleExit";
    if (kind === "exit") return contains(text, code!);
    if (kind !== "hypercall" || number === undefined) return false;
    const [numbers, firsts] = text.split(": ");
    return contains(numbers!, number) && (firsts === undefined || contains(firsts, first!));
  });
}

/** The operation of the command that has just been carried out, if the step was one. */
export function commandAfter(report: BoundsReport, machine: LoggingMachine, number: bigint) {
  if (number !== CONTROL) return [];
  const operation = machine.columns.read("commandOperation", 0);
  return report.operations.filter(
    ({ name }) => name.startsWith("command ") && contains(name.slice("command ".length), operation),
  );
}
