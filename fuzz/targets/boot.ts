// Boot packs: the core boots from whatever bytes lie where the pack should be. It must come to an
// end without a trap, what it fills first must be what the specification says of the CPU, and what
// it holds in the end a state in which all invariants hold.

import { instrument } from "../../scripts/coverage/instrument.ts";
import { engine } from "../../tcb/machine/sim/engine.ts";
import { SimulatedMachine, type Snapshot } from "../../tcb/machine/sim/machine.ts";
import { MachineHalt, MachineRefusal } from "../../tcb/machine/sim/stop.ts";
import { RAM_BASE, RAM_BYTES } from "../instrument/places.ts";
import { Beginning } from "../oracle/beginning.ts";
import { Instances } from "../oracle/instances.ts";
import { bootPack } from "../world/pack.ts";
import type { Sight, Subject } from "./bytes.ts";
import { type Host, hostOf, report } from "./hosts.ts";

/** Steps of a boot, at most. */
const STEPS_MAX = 100_000;
const PACK_MAX = 1 << 18;

/** Counters in steps of powers of two, so that loops count by their order. */
const feature = (counter: number, count: number): string => `${counter}:${32 - Math.clz32(count)}`;

type Stepped = "more" | "done" | "halted" | NonNullable<Sight["failure"]>;

class Boots implements Subject {
  readonly name = "boot";
  readonly isText = false;
  readonly seeds = [bootPack()];
  readonly words = ["XENOPACK", "XENOXSM1"];
  readonly #machine: SimulatedMachine;
  readonly #before: Snapshot;
  readonly #packAt: bigint;
  readonly #instances: Instances;
  readonly #tables: Uint8Array;
  readonly #ever = new Set<number>();
  readonly #beginning = new Beginning();
  #counts = new Map<number, number>();
  #host: Host = hostOf(new Uint8Array(0));

  constructor(core: Uint8Array) {
    const { wasm } = instrument(core, { edges: true });
    const hit = (counter: number) => {
      this.#counts.set(counter, (this.#counts.get(counter) ?? 0) + 1);
    };
    this.#machine = new SimulatedMachine({
      core: new engine.Module(wasm),
      ranges: [{ address: BigInt(RAM_BASE), bytes: RAM_BYTES }],
      pack: new Uint8Array(PACK_MAX),
      cpuid: (leaf, subleaf) => this.#host.cpuid(leaf, subleaf),
      extraImports: { coverage: { hit } },
    });
    this.#packAt = this.#machine.columns.read("bootPackAddress", 0);
    this.#before = this.#machine.snapshot();
    const { buffer } = this.#machine.core.memory;
    this.#tables = new Uint8Array(buffer);
    this.#instances = new Instances({
      bytes: this.#tables,
      halves: new Uint16Array(buffer),
      words: new Int32Array(buffer),
    });
  }

  counters(): readonly number[] {
    return [...this.#ever].sort((a, b) => a - b);
  }

  clauses(): [id: string, says: string][] {
    return this.#beginning.clauses;
  }

  look(bytes: Uint8Array): Sight {
    const machine = this.#machine;
    machine.restore(this.#before);
    this.#host = hostOf(bytes);
    report(machine, this.#host);
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
    const first = this.#step();
    if (typeof first === "object") return first;
    const differs = this.#beginning.difference(this.#tables, this.#host.cpuid);
    if (differs !== undefined) return problem("specification", differs);
    let how: Stepped = first;
    for (let step = 0; how === "more"; step++) {
      if (step > STEPS_MAX) return problem("steps", "the boot does not come to an end");
      how = this.#step();
    }
    if (typeof how === "object") return how;
    return how === "done" ? this.#brokenInvariant() : undefined;
  }

  /** One step of the boot: there are more, it is done, it was given up, or something is wrong. */
  #step(): Stepped {
    try {
      return this.#machine.core.boot() !== 0 ? "more" : "done";
    } catch (error) {
      // A pack that is no pack: the machine stops, and says so.
      if (error instanceof MachineHalt) return "halted";
      if (error instanceof MachineRefusal) return problem("refusal", error.message);
      if (error instanceof engine.RuntimeError) return problem("trap", error.message);
      throw error;
    }
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

function problem(oracle: string, says: string): NonNullable<Sight["failure"]> {
  return { oracle, about: oracle, says };
}

/** Boot packs on a core. Throws Error when the core is none. */
export function bootSubject(core: Uint8Array): Subject {
  return new Boots(core);
}
