// The hypercall interface: programs of calls by several domains, judged by all oracles.

import { bothJudges } from "../native/both.ts";
import { NativeOracle } from "../native/oracle.ts";
import { type OracleName, Oracles } from "../oracle/index.ts";
import { type Chance, generate, mutate } from "../program/generate.ts";
import { decode, encode, type Program } from "../program/program.ts";
import { smallerBytes } from "../program/shrink.ts";
import { parseProgram, programText } from "../program/text.ts";
import type { FuzzMachine } from "../world/machine.ts";
import { makeWorld, type World } from "../world/world.ts";
import { Features } from "./features.ts";
import type { Failure, Figures, Target, Verdict } from "./target.ts";

export class HypercallTarget implements Target {
  readonly name = "hypercall";
  readonly world: World;
  #features: Features;
  #oracles: Oracles | undefined;
  #executions = 0;
  #last: readonly number[] = [];
  /** Whether `features` is wanted after each run (for merging). */
  keepsFeatures = false;
  counts: Uint8Array | undefined;

  /**
   * @param comparisons whether the copy of the core counts comparisons
   * @param native a hosted build of the same core: every step is compared with it too
   * @throws Error when the core does not boot
   */
  constructor(
    core: Uint8Array<ArrayBuffer>,
    oracles?: readonly OracleName[],
    comparisons = false,
    native?: string,
  ) {
    const judge = (machine: FuzzMachine) => {
      this.#oracles = new Oracles(machine, oracles);
      if (native === undefined) return this.#oracles;
      return bothJudges(this.#oracles, new NativeOracle(machine, native));
    };
    this.world = makeWorld(core, judge, comparisons);
    this.#features = new Features(this.world.machine);
  }

  /** Another core in the place of the one that ran; what was reached is forgotten. Throws Error
   *  when it does not boot, or not into a world in which all invariants hold. */
  become(core: Uint8Array<ArrayBuffer>): void {
    this.world.become(core);
    this.#features = new Features(this.world.machine);
  }

  setThorough(value: boolean): void {
    if (this.#oracles !== undefined) this.#oracles.thorough = value;
  }

  run(bytes: Uint8Array): Verdict {
    return this.runProgram(decode(bytes));
  }

  runProgram(program: Program): Verdict {
    this.#executions++;
    const { world } = this;
    const found = world.run(program);
    let failure: Failure | undefined;
    if (found !== undefined) {
      const { oracle, about, says, step } = found;
      const { name } = program[step]!.operation;
      failure = { oracle, operation: name, about, path: world.executor.path, says };
    }
    if (this.keepsFeatures) this.#last = this.#features.current();
    if (this.counts !== undefined) this.#features.count(this.counts);
    const fresh = this.#features.take();
    world.reset();
    world.machine.forget();
    return { failure, fresh };
  }

  text(bytes: Uint8Array): string {
    return programText(decode(bytes));
  }

  parse(text: string): Uint8Array {
    return encode(parseProgram(text));
  }

  generate(chance: Chance): Uint8Array {
    return generate(chance);
  }

  mutate(bytes: Uint8Array, chance: Chance, other: Uint8Array): Uint8Array {
    return mutate(bytes, chance, other);
  }

  smaller(bytes: Uint8Array): Iterable<Uint8Array> {
    return smallerBytes(decode(bytes));
  }

  features(): readonly number[] {
    return this.#last;
  }

  freshFeatures(): readonly number[] {
    return this.#features.fresh;
  }

  learn(features: readonly number[]): void {
    this.#features.learn(features);
  }

  marks(): number {
    return this.#features.marks();
  }

  figures(): Figures {
    return {
      executions: this.#executions,
      calls: this.world.executor.calls,
      edges: this.#features.edges,
      edgesAll: this.world.machine.copy.counters,
      clauses: this.#oracles?.agreement?.clauses.length ?? 0,
    };
  }

  reached(): { readonly counters: readonly number[]; readonly clauses: [string, string][] } {
    const clauses = this.#oracles?.agreement?.clauses ?? [];
    return { counters: this.#features.counters(), clauses };
  }
}
