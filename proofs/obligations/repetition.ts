// A loop of the code that is taken as one step: its body runs once from a state in which everything
// that earlier rounds may have changed is unknown. What must hold inside is shown for every round
// so; what the rounds together write is left unknown. That they end is not shown here.

import { FALSE, type Term, TRUE } from "../term/index.ts";
import type { Interpreter, Label } from "../wasm/execute.ts";
import type { Instruction, Output, State } from "../wasm/index.ts";
import { note } from "./event.ts";

export interface Repetition {
  /** The event that stands for all rounds; the specification's block has the same name. */
  readonly name: string;
  /** The end of the name of a function that the loop's body calls: that is the loop that is
   *  meant. */
  readonly calls: string;
  /** Columns that rounds may change. Any other change is an obligation that fails. */
  readonly writes: readonly string[];
  /** What must hold of each event inside. */
  readonly allows: (output: Output, state: State) => Term;
}

/** Does an instruction's body call the function (not through other functions)? */
export function callsDirectly(body: readonly Instruction[], index: number): boolean {
  return body.some(
    (one) =>
      (one.name === "call" && one.index === index) ||
      callsDirectly(one.body ?? [], index) ||
      callsDirectly(one.otherwise ?? [], index),
  );
}

/** The locals that instructions set. */
export function assignedLocals(
  body: readonly Instruction[],
  found = new Set<number>(),
): Set<number> {
  for (const one of body) {
    if (one.name === "local.set" || one.name === "local.tee") found.add(one.index!);
    assignedLocals(one.body ?? [], found);
    assignedLocals(one.otherwise ?? [], found);
  }
  return found;
}

/** Takes the loop as one step; the state behind it if it falls through. */
export function takeRepetition(
  interpreter: Interpreter,
  repetition: Repetition,
  loop: Instruction,
  state: State,
  labels: readonly Label[],
): State | undefined {
  note(state, `block ${repetition.name}`, []);
  const { path, outputs, sequence } = state;
  for (const local of assignedLocals(loop.body!)) {
    state.locals[local] = state.fresh("repeated", state.locals[local]!.width);
  }
  for (const name of repetition.writes) state.havoc(name);
  state.sequence = state.fresh("rounds", sequence.width);
  const head = new Map(state.cells);
  const marks = labels.map((label) => label.arrivals.length);
  const back: Label = { arrivals: [], height: state.stack.length, arity: 0 };
  const fallen = interpreter.sequence(loop.body!, state, [...labels, back]);
  const exits = labels.flatMap((label, at) => label.arrivals.slice(marks[at]));
  if (fallen !== undefined) exits.push(fallen);
  for (const after of [...exits, ...back.arrivals]) {
    check(repetition, after, head, outputs.length);
  }
  if (exits.length > 1) {
    exits[0]!.require(FALSE, "loop", `${repetition.name} is left at ${exits.length} places`);
  }
  for (const after of exits) {
    after.path = path;
    after.outputs = outputs;
    after.sequence = sequence;
  }
  return fallen;
}

/** A round changes only what it may, and its events are allowed. */
function check(
  repetition: Repetition,
  after: State,
  head: ReadonlyMap<string, unknown>,
  before: number,
): void {
  const { name, writes } = repetition;
  for (const [column, cells] of after.cells) {
    if (cells === head.get(column) || writes.includes(column)) continue;
    after.require(FALSE, "loop", `${name} changes ${column}`);
  }
  for (const output of after.outputs.slice(before)) {
    const allowed = repetition.allows(output, after);
    if (allowed !== TRUE) after.require(allowed, "loop", `${name}: ${output.name} is allowed`);
  }
}
