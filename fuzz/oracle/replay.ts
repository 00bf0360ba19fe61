// The core on a simulated machine, and the specification with numbers on a copy of its state: the
// same step, event by event, and then the same tables.

import {
  type ConcreteMachine,
  ConcreteState,
  ConcreteTransaction,
} from "../../spec/lang/concrete.ts";
import { type PrimitiveName, primitives } from "../../spec/lang/machine.ts";
import type { Clause } from "../../spec/lang/transaction.ts";
import { type TableName, tables } from "../../spec/tables.ts";
import { columns } from "../../tcb/core/layout.ts";
import type { WasmImports } from "../../tcb/machine/sim/engine.ts";
import { LINEAR_BASE, SimulatedMachine } from "../../tcb/machine/sim/machine.ts";
import { MachineHalt } from "../../tcb/machine/sim/stop.ts";

export interface Event {
  readonly name: string;
  readonly parameters: readonly bigint[];
  readonly result: bigint;
  /** What machine.copyIn read. */
  readonly bytes?: Uint8Array;
}

/** machine.copyIn is an event, but no primitive that the text names as one. */
const COPY_IN = "copyIn";

/** A machine that writes down what the core asks of it. */
export class LoggingMachine extends SimulatedMachine {
  log: Event[] = [];

  override imports(): WasmImports {
    const { machine, ...others } = super.imports();
    // Called by the constructor of the class above, before this one has anything of its own.
    const copyIn = (linear: number, source: bigint, bytes: number): void => {
      const read = this.memory.read(BigInt.asUintN(64, source), bytes).slice();
      new Uint8Array(this.core.memory.buffer).set(read, linear);
      const parameters = [BigInt(linear), BigInt.asUintN(64, source), BigInt(bytes)];
      this.log.push({ name: COPY_IN, parameters, result: 0n, bytes: read });
    };
    const wrapped = Object.entries(machine!).map(([name, primitive]) => {
      if (name === COPY_IN) return [name, copyIn];
      if (!(name in primitives)) return [name, primitive];
      const widths = primitives[name as PrimitiveName].parameters;
      const call = (...given: (number | bigint)[]) => {
        const parameters = given.map((one, at) => BigInt.asUintN(widths[at]!, BigInt(one)));
        if (name === "halt") this.log.push({ name, parameters, result: 0n });
        const result = (primitive as (...all: unknown[]) => number | bigint | undefined)(...given);
        this.log.push({ name, parameters, result: BigInt.asUintN(64, BigInt(result ?? 0)) });
        return result;
      };
      return [name, call];
    });
    return { ...others, machine: Object.fromEntries(wrapped) };
  }
}

/** Answers with what the core was told; throws at the first event that differs. */
export class ReplayedMachine implements ConcreteMachine {
  readonly linearBase = LINEAR_BASE;
  readonly #log: readonly Event[];
  #next = 0;

  constructor(log: readonly Event[]) {
    this.#log = log;
  }

  #take(name: string, parameters: readonly bigint[]): Event {
    const event = this.#log[this.#next++];
    const asked = show(name, parameters);
    const done = event === undefined ? "nothing more" : show(event.name, event.parameters);
    if (asked !== done) {
      throw new Error(`event ${this.#next}: the specification says ${asked}, the core did ${done}`);
    }
    return event!;
  }

  perform(name: PrimitiveName, parameters: readonly bigint[]): bigint {
    const { result } = this.#take(name, parameters);
    if (name === "halt") throw new MachineHalt(Number(parameters[0]));
    return result;
  }

  copyIn(linear: number, source: bigint, bytes: number): Uint8Array {
    return this.#take(COPY_IN, [BigInt(linear), source, BigInt(bytes)]).bytes!;
  }

  /** Throws if the core did more than the specification says. */
  finish(): void {
    const more = this.#log[this.#next];
    if (more === undefined) return;
    throw new Error(`the core also did ${show(more.name, more.parameters)}`);
  }
}

function show(name: string, parameters: readonly bigint[]): string {
  return `${name}(${parameters.map((one) => `0x${one.toString(16)}`).join(", ")})`;
}

/** Columns that the specification describes; the derived ones are held by the invariants. */
const compared = columns.filter(({ table }) =>
  ["state", "text"].includes(tables[table as TableName].role),
);

const LIMIT_SMALL_BYTES = 1 << 18;
const bytesOf = ({ rows, stride }: (typeof columns)[number]): number => rows * stride;

/** The first row of a column in which two memories differ, in words; of small columns only if asked. */
export function firstDifference(
  core: Uint8Array,
  spec: Uint8Array,
  smallOnly = false,
): string | undefined {
  const one = new ConcreteState(core);
  const two = new ConcreteState(spec);
  for (const column of compared) {
    if (smallOnly && bytesOf(column) > LIMIT_SMALL_BYTES) continue;
    const length = (column.rows - 1) * column.stride + column.width;
    const left = Buffer.from(core.buffer, core.byteOffset + column.base, length);
    const right = Buffer.from(spec.buffer, spec.byteOffset + column.base, length);
    if (left.equals(right)) continue;
    for (let row = 0; row < column.rows; row++) {
      const [mine, theirs] = [one.get(column, row), two.get(column, row)];
      if (mine !== theirs) {
        return `${column.name}[${row}]: the core has ${mine}, the specification ${theirs}`;
      }
    }
  }
  return undefined;
}

/** Carries steps out; a machine that stops for ever is the end of them. */
function untilHalt(steps: () => void): void {
  try {
    steps();
  } catch (error) {
    if (!(error instanceof MachineHalt)) throw error;
  }
}

/** The core, and beside it the specification on tables of its own. */
export class Pair {
  readonly machine: LoggingMachine;
  readonly spec: ConcreteState;

  constructor(machine: LoggingMachine) {
    this.machine = machine;
    this.spec = new ConcreteState(this.#linear().slice());
  }

  #linear(): Uint8Array {
    return new Uint8Array(this.machine.core.memory.buffer);
  }

  /** Sets a column on both sides. */
  write(name: string, row: number, value: number | bigint): void {
    const column = columns.find((one) => one.name === name)!;
    this.machine.columns.write(name, row, value);
    this.spec.set(column, row, BigInt(value));
  }

  read(name: string, row: number): bigint {
    return this.machine.columns.read(name, row);
  }

  /** Takes the core's tables over, whole. */
  align(): void {
    this.spec.bytes.set(this.#linear());
  }

  /**
   * The specification takes the step that the core has just taken and logged; throws if the core
   * asked for something else of the machine. Gives the clauses that the step came to.
   */
  follow(steps: (s: ConcreteTransaction) => void): readonly Clause[] {
    const replayed = new ReplayedMachine(this.machine.log);
    const s = new ConcreteTransaction(this.spec, replayed);
    untilHalt(() => steps(s));
    replayed.finish();
    return s.clauses;
  }

  /**
   * Lets the core take a step and the specification take it after; throws if they differ. Gives the
   * clauses that the step came to.
   */
  step(core: () => void, steps: (s: ConcreteTransaction) => void): readonly string[] {
    this.machine.log = [];
    untilHalt(core);
    const clauses = this.follow(steps);
    this.compare(true);
    return clauses.map(({ id }) => id);
  }

  /** Throws if the tables differ. */
  compare(smallOnly = false): void {
    const difference = firstDifference(this.#linear(), this.spec.bytes, smallOnly);
    if (difference !== undefined) throw new Error(difference);
  }
}
