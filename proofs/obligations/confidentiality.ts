// What a caller learns: two states that look alike to it, the same call, and it gets the same
// result and the same rows of its own. What looks alike: its own rows, the policy, the ports of
// others that name it, and what its memory answers.

import type { TableName } from "../../spec/tables.ts";
import { and, equal, implies, or, type Term, TRUE, variable } from "../term/index.ts";
import { type Column, indexWidth, type State, type WasmModule } from "../wasm/index.ts";
import { blockContract } from "./block.ts";
import type { Case } from "./case.ts";
import { vcpuNumber } from "./entered.ts";
import type { Goal } from "./goal.ts";
import { instances, type Seed } from "./instances.ts";
import { contractOf } from "./lemma.ts";
import { domainIn, names, narrow, ofDomains, ofVcpus, vcpuIn } from "./ownership.ts";
import { Code, type CodeRun } from "./runner.ts";
import { emptyContext, SymbolicTransaction } from "./symbolic.ts";

/** Tables that everybody may know. */
const open: ReadonlySet<string> = new Set<TableName>([
  "policy",
  "policyCell",
  "policyInitial",
  "policySelf",
  "policyChannel",
  "clock",
  "cpu",
]);

interface Half {
  readonly start: State;
  readonly run: CodeRun;
  readonly given: readonly Term[];
}

function half(code: Code, one: Case, prefix: string): Half {
  const start = code.unknownState(prefix);
  one.prepare?.(start);
  for (const condition of one.when ?? []) start.assume(condition);
  const context = {
    ...emptyContext(),
    blocks: new Map((one.blocks ?? []).map((block) => [block.name, block])),
  };
  const contracts = [
    ...(one.blocks ?? []).map((block) => blockContract(block, [])),
    ...(one.lemmas ?? []).map((lemma) => contractOf(lemma, context, start, [])),
  ];
  const run = code.run(one.function, one.args, start, contracts, one.repetitions);
  const given = one.given(new SymbolicTransaction(start.clone(), emptyContext()));
  return { start, run, given };
}

const callerOf = (state: State): Term => narrow(state.read("vcpuDomain", vcpuNumber));

/** The caller may know the row in this state; nothing if no caller ever may. */
function visible(column: Column, row: Term, state: State): Term | undefined {
  const table = column.table as TableName;
  if (open.has(table)) return column.name === "policyCellDenied" ? undefined : TRUE;
  const caller = callerOf(state);
  if (ofDomains.has(table)) {
    const own = equal(domainIn(table, row), caller);
    return table === "port" ? or(own, names(state, row, caller)) : own;
  }
  if (!ofVcpus.has(table)) return undefined;
  return equal(narrow(state.read("vcpuDomain", vcpuIn(table, row))), caller);
}

/** In the row, the two states look alike to the caller. */
function alike(column: Column, row: Term, one: State, two: State): Term | undefined {
  const [left, right] = [visible(column, row, one), visible(column, row, two)];
  if (left === undefined || right === undefined) return undefined;
  return implies(or(left, right), equal(one.read(column.name, row), two.read(column.name, row)));
}

/** The goals of a case over two runs. */
export function confidentiality(module: WasmModule, columns: readonly Column[], one: Case): Goal[] {
  const code = new Code(module, columns, one.unroll);
  const [left, right] = [half(code, one, "left."), half(code, one, "right.")];
  if (left.run.final === undefined || right.run.final === undefined) return [];
  const [before, after] = [left.run.final, right.run.final];
  const touched = [...left.run.accesses, ...right.run.accesses];
  const seeds = touched.map(({ column, index }) => ({
    table: before.column(column).table,
    index,
  }));
  const make = (property: string, conclusion: Term, rows: readonly Seed[]): Goal => {
    const hypotheses = (level: number): Term[] => {
      const all = [...seeds, ...rows];
      const known = [left.start, right.start].flatMap((start) =>
        instances(one.invariants, all, start, level),
      );
      const views = all.flatMap(({ table, index }) =>
        columns
          .filter((column) => column.table === table && indexWidth(column) === index.width)
          .flatMap((column) => alike(column, index, left.start, right.start) ?? []),
      );
      return [...left.given, ...right.given, ...(one.when ?? []), ...views, ...known];
    };
    const { family, operation } = one;
    return { family, operation, property, hypotheses, conclusion, rows };
  };
  const goals: Goal[] = [];
  if (left.run.result !== undefined) {
    goals.push(make("tells no more: result", equal(left.run.result, right.run.result!), []));
  }
  for (const column of columns) {
    const changed = [before, after].some(
      (final, at) => final.contents(column.name) !== [left, right][at]!.start.contents(column.name),
    );
    if (!changed) continue;
    const row = variable(`skolem.${column.table}`, indexWidth(column));
    const own = visible(column, row, left.start);
    const same = alike(column, row, before, after);
    if (own === undefined || same === undefined) continue;
    const conclusion = implies(and(own, visible(column, row, right.start)!), same);
    goals.push(
      make(`tells no more: ${column.name}`, conclusion, [{ table: column.table, index: row }]),
    );
  }
  return goals;
}
