// Boot packs: the core boots from whatever bytes lie where the pack should be. It must come to an
// end without a trap, and what it then holds must be a state in which all invariants hold.

import { instrument } from "../../scripts/coverage/instrument.ts";
import { engine } from "../../tcb/machine/sim/engine.ts";
import { SimulatedMachine, type Snapshot } from "../../tcb/machine/sim/machine.ts";
import { MachineHalt, MachineRefusal } from "../../tcb/machine/sim/stop.ts";
import { RAM_BASE, RAM_BYTES } from "../instrument/places.ts";
import { Instances } from "../oracle/instances.ts";
import { bootPack } from "../world/pack.ts";
import type { Sight, Subject } from "./bytes.ts";

/** Steps of a boot, at most. */
const STEPS_MAX = 100_000;
const PACK_MAX = 1 << 18;

/** Counters in steps of powers of two, so that loops count by their order. */
const feature = (counter: number, count: number): string => `${counter}:${32 - Math.clz32(count)}`;

class Boots implements Subject {
  readonly name = "boot";
  readonly isText = false;
  readonly seeds = [bootPack()];
  readonly words = ["XENOPACK", "XENOXSM1"];
  readonly #machine: SimulatedMachine;
  readonly #before: Snapshot;
  readonly #packAt: bigint;
  readonly #instances: Instances;
  readonly #ever = new Set<number>();
  #counts = new Map<number, number>();

  constructor(core: Uint8Array) {
    const { wasm } = instrument(core, { edges: true });
    const hit = (counter: number) => {
      this.#counts.set(counter, (this.#counts.get(counter) ?? 0) + 1);
    };
    this.#machine = new SimulatedMachine({
      core: new engine.Module(wasm),
      ranges: [{ address: BigInt(RAM_BASE), bytes: RAM_BYTES }],
      pack: new Uint8Array(PACK_MAX),
      extraImports: { coverage: { hit } },
    });
    this.#packAt = this.#machine.columns.read("bootPackAddress", 0);
    this.#before = this.#machine.snapshot();
    const { buffer } = this.#machine.core.memory;
    this.#instances = new Instances({
      bytes: new Uint8Array(buffer),
      halves: new Uint16Array(buffer),
      words: new Int32Array(buffer),
    });
  }

  counters(): readonly number[] {
    return [...this.#ever].sort((a, b) => a - b);
  }

  look(bytes: Uint8Array): Sight {
    const machine = this.#machine;
    machine.restore(this.#before);
    const pack = bytes.subarray(0, PACK_MAX);
    machine.memory.write(this.#packAt, pack);
    machine.columns.write("bootPackBytes", 0, pack.length);
    this.#counts = new Map();
    const failure = this.#failure();
    for (const counter of this.#counts.keys()) this.#ever.add(counter);
    const features = [...this.#counts].map(([counter, count]) => feature(counter, count));
    return failure === undefined ? { features } : { features, failure };
  }

  #failure(): Sight["failure"] {
    const { core } = this.#machine;
    try {
      for (let step = 0; core.boot() !== 0; step++) {
        if (step > STEPS_MAX) return problem("steps", "the boot does not come to an end");
      }
    } catch (error) {
      // A pack that is no pack: the machine stops, and says so.
      if (error instanceof MachineHalt) return undefined;
      if (error instanceof MachineRefusal) return problem("refusal", error.message);
      if (error instanceof engine.RuntimeError) return problem("trap", error.message);
      throw error;
    }
    return this.#brokenInvariant();
  }

  /** The first invariant that does not hold of the core's tables. */
  #brokenInvariant(): Sight["failure"] {
    const instances = this.#instances;
    const broken = instances.first().find((number) => !instances.look(number));
    if (broken === undefined) return undefined;
    const { invariant, keys } = instances.instance(broken);
    const says = `${invariant.says} Not so for ${invariant.table}(${keys.join(", ")}).`;
    return { oracle: "invariant", about: invariant.id, says };
  }
}

function problem(oracle: string, says: string): Sight["failure"] {
  return { oracle, about: oracle, says };
}

/** Boot packs on a core. Throws Error when the core is none. */
export function bootSubject(core: Uint8Array): Subject {
  return new Boots(core);
}
