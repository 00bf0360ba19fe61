import { ConcreteInstance, decodeModule } from "../wasm/index.ts";
import { differMemory, differOutcome } from "./compare.ts";
import type { Tally } from "./conformance.ts";
import { HostRun } from "./host-instance.ts";
import {
  argumentsFor,
  edgeArguments,
  type OpcodeFunction,
  opcodeFunctions,
  opcodeModule,
} from "./opcode-cases.ts";
import { EDGES, type Random } from "./random.ts";

/** The edges that come first. */
const CORNERS: readonly bigint[] = [0n, 1n, -1n, 31n, 33n, -(1n << 31n), -(1n << 63n), 0x80n];

const LIMIT_BYTES = 2048;

/** Single instructions: first all pairs of edge operands, then random ones. */
export class OpcodeCases {
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #bytes: Uint8Array;
  #ours: ConcreteInstance;
  #theirs: HostRun;
  readonly #functions = opcodeFunctions();
  readonly #edges: Generator<[OpcodeFunction, bigint[]], undefined>;

  constructor(random: Random, tally: Tally) {
    this.#random = random;
    this.#tally = tally;
    this.#bytes = opcodeModule(random);
    this.#ours = new ConcreteInstance(decodeModule(this.#bytes));
    this.#theirs = new HostRun(this.#bytes);
    this.#edges = this.#edgeCases();
  }

  *#edgeCases(): Generator<[OpcodeFunction, bigint[]], undefined> {
    const numeric = this.#functions.filter((one) => !/load|store|memory\.|select/.test(one.opcode));
    for (const edges of [CORNERS, EDGES]) {
      for (const one of numeric) {
        for (const args of edgeArguments(one, edges)) yield [one, args];
      }
    }
  }

  run(count: number): void {
    for (let at = 0; at < count; at++) {
      const edge = this.#random.oneIn(2) ? this.#edges.next().value : undefined;
      if (edge !== undefined) this.#compare(...edge);
      else {
        const one = this.#random.pick(this.#functions);
        this.#compare(one, argumentsFor(one, this.#random));
      }
    }
  }

  #restart(): void {
    this.#ours = new ConcreteInstance(this.#ours.executor.module);
    this.#theirs = new HostRun(this.#bytes);
  }

  #compare(one: OpcodeFunction, args: readonly bigint[]): void {
    const { type } = this.#ours.executor.function(one.name);
    const ours = this.#ours.call(one.name, args);
    const theirs = this.#theirs.call(one.name, type, args);
    this.#tally.opcode++;
    if (theirs.kind === "trapped") this.#tally.traps++;
    const writes = /store|memory\.(fill|copy)/.test(one.opcode);
    const difference =
      differOutcome(ours, theirs) ??
      (writes ? differMemory(this.#ours.contents("memory"), this.#theirs) : undefined);
    // After a long fill every comparison would be long.
    if (writes && this.#ours.contents("memory").size > LIMIT_BYTES) this.#restart();
    if (difference === undefined) return;
    this.#tally.mismatch("opcode", `${one.name}(${args.join(", ")}): ${difference}`, this.#bytes);
  }
}
