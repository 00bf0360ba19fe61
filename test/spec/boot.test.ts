import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { buildCpuid } from "../../spec/cpuid.ts";
import { ConcreteState, ConcreteTransaction } from "../../spec/lang/concrete.ts";
import { buildMaps } from "../../spec/msr.ts";
import { columns } from "../../tcb/core/layout.ts";
import { everything } from "../../tcb/machine/sim/cpuid.ts";
import { SimulatedMachine } from "../../tcb/machine/sim/machine.ts";
import { MachineHalt } from "../../tcb/machine/sim/stop.ts";
import { corePath } from "./world.ts";

const built = existsSync(corePath);

/** The rows of a table's columns, in order. */
function rowsOf(state: ConcreteState, table: string): readonly bigint[] {
  return columns
    .filter((column) => column.table === table)
    .flatMap((column) => Array.from({ length: column.rows }, (_, row) => state.get(column, row)));
}

test.skipIf(!built)(
  "boot fills CPUID rows and permission maps as the specification says (skipped unless built): a bit too many is the host's register in a guest's hand",
  () => {
    const machine = new SimulatedMachine({ core: new Uint8Array(readFileSync(corePath)) });
    expect(() => machine.boot()).toThrow(MachineHalt);
    const core = new ConcreteState(new Uint8Array(machine.core.memory.buffer));
    const spec = new ConcreteState();
    const s = new ConcreteTransaction(spec, {
      linearBase: 0n,
      perform: (_, [leaf, subleaf, register]) =>
        BigInt(everything(Number(leaf), Number(subleaf))[Number(register)]! >>> 0),
    });
    buildCpuid(s);
    buildMaps(s);
    for (const table of ["cpuidRow", "iopm", "msrpm"]) {
      expect(rowsOf(spec, table), table).toEqual(rowsOf(core, table));
    }
    expect(rowsOf(spec, "msrpm").some((word) => word !== 0xffffffffffffffffn)).toBe(true);
  },
);
