// Boot packs: the core boots from whatever bytes lie where the pack should be. It must come to an
// end without a trap, each step must be what the specification says, and what it holds in the end a
// state in which all invariants hold.

import { instrument } from "../../scripts/coverage/instrument.ts";
import { bootStep } from "../../spec/boot.ts";
import { numberOf } from "../../spec/lang/concrete.ts";
import { engine } from "../../tcb/machine/sim/engine.ts";
import type { Snapshot } from "../../tcb/machine/sim/machine.ts";
import { MachineHalt, MachineRefusal } from "../../tcb/machine/sim/stop.ts";
import { RAM_BASE, RAM_BYTES } from "../instrument/places.ts";
import { Instances } from "../oracle/instances.ts";
import { LoggingMachine, Pair } from "../oracle/replay.ts";
import { bootPacks } from "../world/packs.ts";
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
  readonly seeds = bootPacks();
  readonly words = ["XENOPACK", "XENOXSM1"];
  readonly #machine: LoggingMachine;
  readonly #pair: Pair;
  readonly #before: Snapshot;
  readonly #packAt: bigint;
  readonly #instances: Instances;
  readonly #ever = new Set<number>();
  readonly #clauses = new Map<string, string>();
  #counts = new Map<number, number>();
  #host: Host = hostOf(new Uint8Array(0));

  constructor(core: Uint8Array) {
    const { wasm } = instrument(core, { edges: true });
    const hit = (counter: number) => {
      this.#counts.set(counter, (this.#counts.get(counter) ?? 0) + 1);
    };
    this.#machine = new LoggingMachine({
      core: new engine.Module(wasm),
      ranges: [{ address: BigInt(RAM_BASE), bytes: RAM_BYTES }],
      pack: new Uint8Array(PACK_MAX),
      cpuid: (leaf, subleaf) => this.#host.cpuid(leaf, subleaf),
      extraImports: { coverage: { hit } },
    });
    this.#pair = new Pair(this.#machine);
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

  clauses(): [id: string, says: string][] {
    return [...this.#clauses];
  }

  look(bytes: Uint8Array): Sight {
    const machine = this.#machine;
    machine.restore(this.#before);
    this.#host = hostOf(bytes);
    report(machine, this.#host);
    const pack = bytes.subarray(0, PACK_MAX);
    machine.memory.write(this.#packAt, pack);
    machine.columns.write("bootPackBytes", 0, pack.length);
    this.#pair.align();
    this.#counts = new Map();
    const failure = this.#failure();
    for (const counter of this.#counts.keys()) this.#ever.add(counter);
    const features = [...this.#counts].map(([counter, count]) => feature(counter, count));
    return failure === undefined ? { features } : { features, failure };
  }

  #failure(): Sight["failure"] {
    let how: Stepped = "more";
    for (let step = 0; how === "more"; step++) {
      if (step > STEPS_MAX) return problem("steps", "the boot does not come to an end");
      how = this.#step();
    }
    if (typeof how === "object") return how;
    const differs = problemOf(() => this.#pair.compare());
    return differs ?? (how === "done" ? this.#brokenInvariant() : undefined);
  }

  /** One step of the boot, by the core and by the specification: there are more, it is done, it was
   *  given up, or something is wrong. */
  #step(): Stepped {
    this.#machine.log = [];
    const [mine, how] = this.#coreStep();
    if (typeof how === "object") return how;
    const differs = problemOf(() => {
      const clauses = this.#pair.follow((s) => {
        const theirs = Number(numberOf(bootStep(s)));
        if (mine === theirs) return;
        throw new Error(`the core's step gives ${mine}, the specification's ${theirs}`);
      });
      for (const { id, says } of clauses) this.#clauses.set(id, says);
    });
    return differs ?? how;
  }

  #coreStep(): readonly [result: number, Stepped] {
    try {
      const result = this.#machine.core.boot();
      return [result, result !== 0 ? "more" : "done"];
    } catch (error) {
      // A pack that is no pack: the machine stops, and says so.
      if (error instanceof MachineHalt) return [0, "halted"];
      if (error instanceof MachineRefusal) return [0, problem("refusal", error.message)];
      if (error instanceof engine.RuntimeError) return [0, problem("trap", error.message)];
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

/** What the two sides differ in, if the steps throw. */
function problemOf(steps: () => void): Sight["failure"] {
  try {
    steps();
    return undefined;
  } catch (error) {
    return problem("specification", error instanceof Error ? error.message : String(error));
  }
}

function problem(oracle: string, says: string): NonNullable<Sight["failure"]> {
  return { oracle, about: oracle, says };
}

/** Boot packs on a core. Throws Error when the core is none. */
export function bootSubject(core: Uint8Array): Subject {
  return new Boots(core);
}
