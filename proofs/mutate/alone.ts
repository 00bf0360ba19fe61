// A change that makes no difference anywhere: the function, called on any state with any
// arguments, does the same, as terms.

import { Code, type CodeRun } from "../obligations/runner.ts";
import { closure } from "../reach/functions.ts";
import { type Term, variable } from "../term/index.ts";
import {
  type Column,
  type Instruction,
  indexWidth,
  readCells,
  type State,
  type WasmFunction,
  type WasmModule,
} from "../wasm/index.ts";

function runAlone(module: WasmModule, own: WasmFunction, columns: readonly Column[]): CodeRun {
  const code = new Code(module, columns);
  const args = own.type.parameters.map((type, at) =>
    variable(`alone.${at}`, type === "i32" ? 32 : 64),
  );
  // The name from its file on is how functions are called for.
  const name = own.name.split("/").slice(-2).join("/");
  return code.run(name, args, code.unknownState());
}

/** Loops would be run round by round, which may take longer than all cases do. */
function loops(module: WasmModule, name: string): boolean {
  const isLoop = (body: readonly Instruction[]): boolean =>
    body.some(
      (one) => one.name === "loop" || isLoop(one.body ?? []) || isLoop(one.otherwise ?? []),
    );
  const names = closure(module, [name]);
  return module.functions.some((one) => names.has(one.name) && isLoop(one.body));
}

const contentsAt = (state: State, column: Column): Term =>
  readCells(state.contents(column.name), variable(`alone.${column.table}.row`, indexWidth(column)));

function sameState(one: State, two: State): boolean {
  if (one.path.all !== two.path.all || one.sequence !== two.sequence) return false;
  if (one.globals.some((value, at) => value !== two.globals[at])) return false;
  if (one.outputs.length !== two.outputs.length) return false;
  const sameOutputs = one.outputs.every(({ guard, name, args }, at) => {
    const other = two.outputs[at]!;
    const isSame = guard === other.guard && name === other.name;
    return isSame && args.every((arg, place) => arg === other.args[place]);
  });
  if (!sameOutputs) return false;
  return [...one.space.columns.values()].every(
    (column) => contentsAt(one, column) === contentsAt(two, column),
  );
}

/** Is it the same function, whatever the state? False if that can not be seen at once. */
export function sameAlone(
  original: WasmModule,
  mutant: WasmModule,
  name: string,
  columns: readonly Column[],
): boolean {
  const [mine, theirs] = [original, mutant].map((module) =>
    module.functions.find((one) => one.name === name),
  );
  if (mine === undefined || theirs === undefined || loops(original, name)) return false;
  try {
    const [one, two] = [
      runAlone(original, mine, columns),
      runAlone(mutant, theirs, columns),
    ] as const;
    const demands = (run: CodeRun) => run.obligations.map(({ condition }) => condition.id).join();
    if (demands(one) !== demands(two) || one.result !== two.result) return false;
    // A demand that fails in both would hide what comes behind it.
    if (one.obligations.some(({ kind }) => kind === "loop" || kind === "unresolved")) return false;
    if (one.final === undefined || two.final === undefined) return one.final === two.final;
    return sameState(one.final, two.final);
  } catch {
    return false;
  }
}
