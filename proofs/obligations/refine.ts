// The code of a function against the steps of the specification, from one state.

import type { Word } from "../../spec/lang/word.ts";
import { type Role, type TableName, tables, textColumns } from "../../spec/tables.ts";
import type { Term } from "../term/index.ts";
import * as term from "../term/index.ts";
import {
  type Cells,
  type Column,
  indexWidth,
  readCells,
  type State,
  type WasmModule,
} from "../wasm/index.ts";
import { type BlockUse, blockContract, statesKept, takeBlock } from "./block.ts";
import type { Case } from "./case.ts";
import { chosenAlike } from "./choice.ts";
import type { Goal } from "./goal.ts";
import { Hypotheses } from "./hypotheses.ts";
import { anyRows, instance, type Seed } from "./instances.ts";
import { contractOf, type Lemma } from "./lemma.ts";
import { promisesAt } from "./promises.ts";
import { questionsOf } from "./questions.ts";
import { Code, type CodeRun } from "./runner.ts";
import { conclusionIn, partition, type Situation, valuesIn } from "./split.ts";
import { ChoiceBook, type Context, emptyContext, SymbolicTransaction } from "./symbolic.ts";
import { sameEvent, sameOneByOne } from "./trace.ts";
import { reachable } from "./vacuity.ts";
import { termOf, wordOf } from "./values.ts";

const roleOf = (column: Column): Role =>
  textColumns.includes(column.name) ? "text" : tables[column.table as TableName].role;

/** Both sides of a case, executed. */
interface Sides {
  readonly one: Case;
  readonly start: State;
  readonly run: CodeRun;
  readonly uses: readonly BlockUse[];
  readonly spec: SymbolicTransaction;
  readonly result: Word | undefined;
  readonly hypotheses: Hypotheses;
  readonly about: readonly Seed[];
}

/** Executes the code and the specification's steps of a case. */
export function execute(module: WasmModule, columns: readonly Column[], one: Case): Sides {
  const code = new Code(module, columns, one.unroll);
  const start = code.unknownState();
  one.prepare?.(start);
  for (const condition of one.when ?? []) start.assume(condition);
  const context = contextOf(one, code);
  const uses: BlockUse[] = [];
  const contracts = [
    ...[...context.blocks.values()].map((block) => blockContract(block, uses)),
    ...(one.lemmas ?? []).map((lemma) => contractOf(lemma, context, start, uses)),
  ];
  const whole = (one.rounds ?? []).map((rounds) => ({
    rounds,
    take: (state: State) => void takeBlock(state, rounds.block, [], uses),
  }));
  const searches = { all: one.searches ?? [], book: context.book };
  const finds = one.finds ? { questions: questionsOf(context.book, start) } : {};
  const loops = { whole, searches, ...finds };
  const rounds = one.round === undefined ? loops : { ...loops, single: one.round };
  const run = code.run(one.function, one.args, start, contracts, one.repetitions, rounds);
  const spec = new SymbolicTransaction(begin(start), context);
  const asking = new SymbolicTransaction(begin(start), emptyContext());
  const given = [...(one.when ?? []), ...one.given(asking)];
  const result = one.steps(spec, one.args.map(wordOf));
  const numbers = run.result === undefined ? [] : [run.result];
  const kept = statesKept(start, uses);
  const promises = (rows: readonly Seed[]) => promisesAt(start, [...uses, ...spec.uses], rows);
  const known = { start, given, invariants: one.invariants, book: context.book };
  const hypotheses = new Hypotheses({ ...known, numbers, kept, promises });
  const looking = new SymbolicTransaction(begin(start), emptyContext());
  const about = one.about?.(looking, one.args.map(wordOf)) ?? [];
  return { one, start, run, uses, spec, result, hypotheses, about };
}

/** The goals that make the code do what the specification says, and nothing else. */
export function refine(sides: Sides): Goal[] {
  const goals = wholeGoals(sides);
  return [...splitGoals(sides, goals), ...reachableGoals(sides)];
}

/** Each result comes out somewhere: the proofs are not about nothing. */
function reachableGoals(sides: Sides): Goal[] {
  if (sides.result === undefined) return [];
  const { witness = term.TRUE } = sides.one;
  return reachable(sides.one, termOf(sides.result)).map(({ property, conclusion, satisfiable }) => {
    if (!satisfiable) return goal(sides, property, conclusion);
    const [there] = valuesIn(witness, [conclusion]);
    const { family, operation, rows, ...whole } = goal(sides, property, term.and(witness, there!));
    const frame = { family, operation, property, rows, conclusion: whole.conclusion };
    // As much as possible is taken for granted: the state must satisfy it.
    return { ...frame, satisfiable, hypotheses: () => whole.hypotheses(1) };
  });
}

function splitGoals(sides: Sides, goals: readonly Goal[]): readonly Goal[] {
  const { split } = sides.one;
  if (split === undefined) return goals;
  const situations = partition(
    split.map((name) => {
      const guards = sides.spec.clauses.filter(({ id }) => id === name).map(({ guard }) => guard);
      if (guards.length === 0) throw new Error(`no step comes to clause ${name}`);
      return { name, guard: term.or(...guards) };
    }),
  );
  return goals.map((whole) => {
    const parts = () => whole.parts?.() ?? [whole];
    return { ...whole, parts: () => splitGoal(sides, parts(), situations) };
  });
}

/** The goals in each situation. */
function splitGoal(sides: Sides, whole: readonly Goal[], situations: readonly Situation[]): Goal[] {
  return situations.flatMap(({ guard }) =>
    whole.map(({ family, operation, property, conclusion: all, rows }) => {
      const conclusion = conclusionIn(guard, all);
      const hypotheses = (level: number) => sides.hypotheses.of(conclusion, level, rows);
      return { family, operation, property, conclusion, rows, hypotheses };
    }),
  );
}

function wholeGoals(sides: Sides): Goal[] {
  const { run, spec, result, start, uses } = sides;
  const goals = safetyGoals(sides, run);
  const { final } = run;
  if (final === undefined) return goals;
  const demands = spec.state.record.obligations.map(({ condition }) => condition);
  goals.push(goal(sides, "text", term.and(...demands)));
  if (run.result !== undefined) {
    goals.push(goal(sides, "result", term.equal(run.result, termOf(result!))));
  }
  const number = term.variable("skolem.number", 32);
  const same = sameEvent(final.outputs, spec.state.outputs, number);
  const count = term.equal(final.sequence, spec.state.sequence);
  const each = sameOneByOne(final.outputs, spec.state.outputs);
  const steps = each.length > 0 ? [...each, count] : undefined;
  goals.push(goal(sides, "events", term.and(same, count), [], steps));
  for (const column of changed(start, final, spec.state)) {
    if (roleOf(column) !== "state" && !sides.one.compares?.(column)) continue;
    const [mine, theirs] = [final.contents(column.name), spec.state.contents(column.name)];
    goals.push(columnGoal(sides, column, mine, theirs));
  }
  goals.push(...readGoals(sides), ...writeGoals(sides, final));
  const claims = sides.one.claims?.(start, final, run.result) ?? [];
  const own = claims.map(({ property, conclusion, rows, apart }) => {
    const whole = goal(sides, property, conclusion, rows, apart);
    return apart === undefined ? whole : { ...whole, isApart: true };
  });
  return [...goals, ...own, ...preservation(sides, final), ...blockGoals(sides, uses)];
}

/** The column holds the same on both sides. */
function columnGoal(sides: Sides, column: Column, mine: Cells, theirs: Cells): Goal {
  const index = rowVariable(column);
  const rows = [{ table: column.table, index }];
  const property = `column ${column.name}`;
  const whole = goal(sides, property, sameRow(mine, theirs, column), rows);
  if (whole.conclusion === term.TRUE) return whole;
  const alike = chosenAlike(readCells(mine, index), readCells(theirs, index));
  if (alike === undefined) return whole;
  const stronger = goal(sides, property, alike, rows, []);
  return alike === term.TRUE ? stronger : { ...whole, stronger };
}

/** Conditions that one query about safety takes. */
const LIMIT_CONDITIONS = 4;

/** No access outside of its column, no trap, no loop without an end; in small queries. */
function safetyGoals(sides: Sides, run: CodeRun): Goal[] {
  const all = [...new Set(run.obligations.map(({ condition }) => condition))];
  const open = all.filter((condition) => condition !== term.TRUE);
  const parts = Math.max(1, Math.ceil(open.length / LIMIT_CONDITIONS));
  return Array.from({ length: parts }, (_, at) => {
    const own = open.slice(at * LIMIT_CONDITIONS, (at + 1) * LIMIT_CONDITIONS);
    return goal(sides, at === 0 ? "safe" : `safe ${at + 1}`, term.and(...own));
  });
}

/** Nothing is looked at that the case does not name. */
function readGoals(sides: Sides): Goal[] {
  const { one, run, spec, start } = sides;
  const { reads } = one;
  if (reads === undefined) return [];
  const looked = [...run.accesses, ...spec.state.record.accesses].map(({ column }) => column);
  const others = [...new Set(looked)].filter((name) => {
    const column = start.space.columns.get(name);
    return column !== undefined && roleOf(column) !== "scratch" && !reads(column);
  });
  return [goal(sides, `reads no other column`, term.booleanConstant(others.length === 0))];
}

/** Nothing is changed that the case does not name. */
function writeGoals(sides: Sides, final: State): Goal[] {
  const { one, spec, start } = sides;
  const { writes } = one;
  if (writes === undefined) return [];
  const others = changed(start, final, spec.state).filter((column) => !writes(column, start));
  return [goal(sides, "changes no other column", term.booleanConstant(others.length === 0))];
}

/** Goals with more conjuncts than this are taken apart into groups of them. */
const LIMIT_PARTS = 128;
const GROUP = 32;

/** The conditions, each alone or a group at once. */
function inGroups(steps: readonly Term[]): readonly Term[] {
  if (steps.length <= LIMIT_PARTS) return steps;
  const groups = Array.from({ length: Math.ceil(steps.length / GROUP) }, (_, at) => at * GROUP);
  return groups.map((from) => term.and(...steps.slice(from, from + GROUP)));
}

/** A goal; `steps` are conditions that imply it together, if not its own conjuncts do. */
function goal(
  sides: Sides,
  property: string,
  conclusion: Term,
  own: readonly Seed[] = [],
  steps: readonly Term[] = term.conjuncts(conclusion),
): Goal {
  const { family, operation } = sides.one;
  const rows = [...own, ...sides.about];
  const single = (part: Term): Goal => {
    const hypotheses = (level: number) => sides.hypotheses.of(part, level, rows);
    return { family, operation, property, hypotheses, conclusion: part, rows };
  };
  const whole = blindly(sides.one, single(conclusion), single);
  const open = steps.filter((step) => step !== term.TRUE);
  if (steps.length < 2) return whole;
  return { ...whole, parts: () => inGroups(open).map(single) };
}

/** A goal that is shown first with any truth in the place of conditions that it may not need. */
function blindly({ blind }: Case, whole: Goal, single: (conclusion: Term) => Goal): Goal {
  if (blind === undefined) return whole;
  const conditions = term.postorder([whole.conclusion]).filter(blind);
  const any = conditions.map((one) => [one, term.variable(`any.${one.id}`, 0)] as const);
  const [conclusion] = term.substitute([whole.conclusion], new Map(any));
  return conclusion === whole.conclusion ? whole : { ...whole, stronger: single(conclusion!) };
}

/** Blocks of which this build has no function (it is part of its callers) are taken step by step. */
function contextOf(one: Case, code: Code): Context {
  const loops = new Set((one.repetitions ?? []).map(({ name }) => name));
  const there = (one.blocks ?? []).filter(
    ({ name }) => loops.has(name) || code.find(name) !== undefined,
  );
  const ofRounds = (one.rounds ?? []).map(({ block }) => block);
  const blocks = new Map([...there, ...ofRounds].map((block) => [block.name, block]));
  return { blocks, book: new ChoiceBook() };
}

/** A lemma as a case of its own. */
export function lemmaCase(lemma: Lemma, others: Partial<Case> = {}): Case {
  const [family, operation] = lemma.function.split("/") as [string, string];
  return {
    family,
    operation,
    function: lemma.function,
    args: lemma.args,
    given: (s) => lemma.given(s, lemma.args.map(wordOf)),
    steps: lemma.steps,
    invariants: lemma.invariants,
    ...(lemma.split === undefined ? {} : { split: lemma.split }),
    ...(lemma.unroll === undefined ? {} : { unroll: lemma.unroll }),
    ...(lemma.about === undefined ? {} : { about: lemma.about }),
    ...others,
  };
}

/** A copy with a record of its own. */
function begin(state: State): State {
  const copy = state.clone();
  copy.record = state.record.successor();
  return copy;
}

/** Columns that either side has changed. */
function changed(start: State, ...finals: readonly State[]): Column[] {
  return [...start.space.columns.values()].filter(({ name }) =>
    finals.some((final) => final.contents(name) !== start.contents(name)),
  );
}

function rowVariable(column: Column): Term {
  return term.variable(`skolem.${column.table}`, indexWidth(column));
}

/** Every invariant that reads a column which the code changed holds again. */
function preservation(sides: Sides, final: State): Goal[] {
  const { one, start } = sides;
  return one.invariants.flatMap((invariant) => {
    if (invariant.counted) return [];
    const rows = anyRows(invariant, start, "skolem");
    const [index, other] = rows.map((row) => row.index);
    const before = instance(invariant, index!, start, other);
    const after = instance(invariant, index!, final, other);
    if (before.holds === after.holds) return [];
    return [goal(sides, `keeps ${invariant.id}`, after.holds, rows)];
  });
}

/** Where both sides take a block, what it looks at is the same on both. */
function blockGoals(sides: Sides, uses: readonly BlockUse[]): Goal[] {
  const { start, spec } = sides;
  const conditions = new Map<string, Term[]>();
  for (const left of uses) {
    for (const right of spec.uses) {
      if (left.block !== right.block) continue;
      const both = term.and(left.guard, right.guard, term.equal(left.number, right.number));
      for (const column of start.space.columns.values()) {
        if (roleOf(column) === "scratch" || !left.block.reads(column)) continue;
        const one = left.before.get(column.name) ?? start.contents(column.name);
        const two = right.before.get(column.name) ?? start.contents(column.name);
        if (one === two) continue;
        const name = `at ${left.block.name}: ${column.name}`;
        const known = conditions.get(name) ?? [];
        conditions.set(name, [...known, term.implies(both, sameRow(one, two, column))]);
      }
    }
  }
  const goals = [...conditions].map(([name, all]) => goal(sides, name, term.and(...all)));
  const may = uses.flatMap((use) => mayBeTaken(sides, use));
  return [...goals, ...may, goal(sides, "blocks once", term.and(once(uses), once(spec.uses)))];
}

/** Where the code takes a block, the invariants hold that the block's own proof uses. */
function mayBeTaken(sides: Sides, { block, before, guard }: BlockUse): Goal[] {
  const { start } = sides;
  const relied = block.keepsInvariants ? sides.one.invariants : (block.relies ?? []);
  const here = start.clone();
  for (const [name, cells] of before) here.cells.set(name, cells);
  return relied.flatMap((invariant) => {
    const rows = anyRows(invariant, start, "skolem");
    const [index, other] = rows.map((row) => row.index);
    const initial = instance(invariant, index!, start, other);
    const now = instance(invariant, index!, here, other);
    if (initial.holds === now.holds) return [];
    const property = `${invariant.id} at ${block.name}`;
    const holds = invariant.counted ? term.FALSE : now.holds;
    return [goal(sides, property, term.implies(guard, holds), rows)];
  });
}

/** No run comes twice to a block that changes columns: what it leaves has one name. */
function once(uses: readonly BlockUse[]): Term {
  const changes = uses.filter(({ isChange }) => isChange);
  const pairs = changes.flatMap((one, at) =>
    changes
      .slice(at + 1)
      .filter(({ block }) => block === one.block)
      .map((two) => [one, two] as const),
  );
  return term.and(...pairs.map(([one, two]) => term.not(term.and(one.guard, two.guard))));
}

function sameRow(one: Cells, two: Cells, column: Column): Term {
  const row = rowVariable(column);
  return term.equal(readCells(one, row), readCells(two, row));
}
