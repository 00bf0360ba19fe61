// A session on the metal: programs by chance, run on the simulated machine first, which says what
// the guests must see.

import { place, variable } from "../instrument/places.ts";
import { Chance, generate } from "../program/generate.ts";
import { decode, type Program, type Step } from "../program/program.ts";
import { Executor } from "../world/executor.ts";
import { type FuzzMachine, makeMachine } from "../world/machine.ts";
import { preparation } from "../world/world.ts";
import { LEFT, type Recorded, Recorder } from "./recorder.ts";

/** Steps whose outcome depends on the clock or on who runs when, or that only a machine under
 *  control can make; and sub-operations of any number, among which such ones are. */
const NOT_ON_METAL = new RegExp(
  [
    "^(exit_|turn|race|set_timer|sched_(poll|block|shutdown|other)",
    "control_(info|vcpu_info|schedule|slot|other|unpause)|vcpu_(set|register|other))",
  ].join("|"),
);
/** Words of guests' page tables among those that are poked. */
const TABLE_CELLS = 24;
/** Every resident looks at all of its memory after so many programs. */
const LOOK_EVERY = 8;
const ENTER_LONG = 1;
const ENTER_NARROW = 2;

export interface SessionStep extends Recorded {
  /** Index in `programs`; -1: the preparation. */
  readonly program: number;
}

export interface Session {
  readonly programs: readonly Program[];
  readonly steps: readonly SessionStep[];
}

/** The steps that can be taken on the metal, in the modes that its guest has. */
function suited(program: Program): Program {
  return program
    .filter(({ operation, values }) => {
      const isTable = operation.name === "poke" && (values[0]!.low & 31) >= TABLE_CELLS;
      return !isTable && !NOT_ON_METAL.test(operation.name);
    })
    .map((step): Step => {
      const mode = step.mode === ENTER_LONG ? ENTER_LONG : ENTER_NARROW;
      return { ...step, mode, patience: 0 };
    });
}

class Stage {
  readonly recorder: Recorder;
  readonly #machine: FuzzMachine;
  readonly #executor: Executor;

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
    this.recorder = new Recorder(machine);
    this.#executor = new Executor(machine, this.recorder);
  }

  /** Runs what can be run of a program, and keeps it: its steps and what they came to. */
  run(program: Program): { readonly taken: Program; readonly recorded: readonly Recorded[] } {
    const machine = this.#machine;
    const ticks = machine.longs[variable.ticks >> 3]!;
    const timer = machine.longs[variable.timer >> 3]!;
    let taken = program;
    for (;;) {
      this.recorder.begin();
      const failure = this.#executor.run(taken);
      if (failure === undefined) {
        machine.words[variable.logEnd >> 2] = place.log;
        machine.forget();
        return { taken, recorded: this.recorder.recorded };
      }
      machine.undo(place.log);
      machine.longs[variable.ticks >> 3] = ticks;
      machine.longs[variable.timer >> 3] = timer;
      // A call that was left is seen when the next one begins.
      const { step } = failure;
      const isLeft = failure.says === LEFT && step > 0;
      taken = taken.filter((_, index) => index !== step && !(isLeft && index === step - 1));
    }
  }
}

/**
 * Makes a session.
 * @param pack the boot pack that the metal boots too
 * @param programs given programs instead of ones by chance
 * @throws Error when the core does not boot, or the residents cannot be prepared
 */
export function makeSession(
  core: Uint8Array<ArrayBuffer>,
  pack: Uint8Array,
  {
    seed,
    count,
    programs: given,
  }: {
    readonly seed: number;
    readonly count: number;
    readonly programs?: readonly Program[];
  },
): Session {
  const stage = new Stage(makeMachine(core, pack));
  const chance = new Chance(seed);
  const programs: Program[] = [];
  const steps: SessionStep[] = [];
  const add = (program: number, recorded: readonly Recorded[]): void => {
    for (const one of recorded) steps.push({ ...one, program });
  };
  const prepared = preparation.filter(({ operation }) => operation.name !== "turn");
  const first = stage.run(prepared.map((step) => ({ ...step, mode: ENTER_NARROW })));
  if (first.taken.length !== prepared.length) throw new Error("residents cannot be prepared");
  add(-1, first.recorded);
  const total = given?.length ?? count;
  for (let index = 0; index < total; index++) {
    const wanted = given?.[index] ?? suited(decode(generate(chance)));
    const { taken, recorded } = stage.run(wanted);
    programs.push(taken);
    add(index, recorded);
    if (index % LOOK_EVERY === LOOK_EVERY - 1) add(index, stage.recorder.lookAtAll("stores"));
  }
  add(total - 1, stage.recorder.lookAtAll("finish"));
  return { programs, steps };
}
