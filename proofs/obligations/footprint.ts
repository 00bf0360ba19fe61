// Noninterference, integrity: which rows of other domains a step may change, from what the
// specification's steps write. Refinement carries it over to the code. And where links between
// domains come from: none without the policy.

import { EVTCHNSTAT_interdomain, EVTCHNSTAT_unbound } from "../../spec/abi.ts";
import { DOMAIN_FREE } from "../../spec/states.ts";
import { type TableName, tables, textColumns } from "../../spec/tables.ts";
import {
  and,
  constant,
  equal,
  implies,
  ite,
  not,
  or,
  sub,
  type Term,
  truncate,
} from "../term/index.ts";
import { type Column, readCells, type State } from "../wasm/index.ts";
import type { BlockUse } from "./block.ts";
import type { Case } from "./case.ts";
import { vcpuNumber } from "./entered.ts";
import {
  allowsNothing,
  flows,
  isHandleOf,
  LABEL_BITS,
  mayMap,
  mayOpen,
  permittedBy,
} from "./flows.ts";
import type { Goal } from "./goal.ts";
import type { Hypotheses } from "./hypotheses.ts";
import type { Seed } from "./instances.ts";
import { actorOf, anyRow, domainIn, isDivided, isForeign, narrow, ownerOf } from "./ownership.ts";

const COMMAND = "control_op/perform";

const isState = (state: State, domain: Term, value: number): Term =>
  equal(state.read("domainState", domain), constant(8, value));

/** The specification's steps of a case, executed. */
interface Executed {
  readonly one: Case;
  readonly start: State;
  readonly spec: { readonly state: State; readonly uses: readonly BlockUse[] };
  readonly hypotheses: Hypotheses;
}

/** A case's steps, and for whom they act. */
interface Step {
  readonly one: Case;
  readonly before: State;
  readonly after: State;
  readonly actor: Term;
  readonly hypotheses: Hypotheses;
}

/** What holds of any row of a column. */
interface Part {
  readonly column: Column;
  readonly holds: Term;
}

/** Columns of a table that the steps changed, and that mean something to the specification. */
function changedColumns({ before, after }: Step): Column[] {
  return [...before.space.columns.values()].filter(
    ({ name, table }) =>
      after.contents(name) !== before.contents(name) &&
      tables[table as TableName].role === "state" &&
      !textColumns.includes(name),
  );
}

/** Rows of the state that a goal about any row of a table needs facts of. */
const vcpuRow: Seed = {
  table: "vcpu",
  index: vcpuNumber,
};

function goalOf(step: Step, property: string, conclusion: Term, rows: readonly Seed[]): Goal {
  const { family, operation } = step.one;
  const hypotheses = (level: number) => step.hypotheses.of(conclusion, level, rows);
  return { family, operation, property, hypotheses, conclusion, rows };
}

/** The steps leave the row's column as it was. */
const isSame = ({ before, after }: Step, { name }: Column, row: Term): Term =>
  equal(readCells(before.contents(name), row), readCells(after.contents(name), row));

/** A row of another domain stays as it is, but for the flows. */
function stays(step: Step, column: Column): Term | undefined {
  const { before, after, actor } = step;
  const row = anyRow(column);
  const owner = ownerOf(column, row, before);
  if (owner === undefined) return undefined;
  const { name, table } = column;
  const change = { before, after, actor, table, column: name, row, owner: owner.domain };
  return or(isSame(step, column, row), not(isForeign(owner, actor)), permittedBy(change));
}

const among = (word: Term, ...values: readonly number[]): Term =>
  or(...values.map((value) => equal(word, constant(word.width, value))));

/** The port is open towards that domain: an offer to it, or a channel. */
function isLink(state: State, port: Term, domain: Term): Term {
  const open = among(state.read("portState", port), EVTCHNSTAT_unbound, EVTCHNSTAT_interdomain);
  return and(open, equal(narrow(state.read("portPeerDomain", port)), domain));
}

/** A port that becomes open towards a domain does so by the policy, or the two were linked. */
function channelsByPolicy(step: Step): Goal {
  const { before, after, actor } = step;
  const port = anyRow(before.column("portState"));
  const owner = domainIn("port", port);
  const peer = narrow(after.read("portPeerDomain", port));
  const isNew = and(isLink(after, port, peer), not(isLink(before, port, peer)));
  const allowed = or(mayOpen(before, owner, peer), mayOpen(before, peer, owner));
  const conclusion = implies(and(isNew, not(equal(owner, peer)), equal(owner, actor)), allowed);
  const rows = [{ table: "port", index: port }, vcpuRow];
  return goalOf(step, "channels by policy alone", conclusion, rows);
}

/** A handle that comes to stand for another's memory does so by the policy. */
function mappingsByPolicy(step: Step): Goal {
  const { before, after } = step;
  const handle = anyRow(before.column("handleDomain"));
  const owner = domainIn("handle", handle);
  const stored = after.read("handleDomain", handle);
  // Stored is the granter's number plus one.
  const granter = narrow(sub(stored, constant(stored.width, 1)));
  const isNew = and(isHandleOf(after, handle, granter), not(isHandleOf(before, handle, granter)));
  const allowed = mayMap(before, owner, granter);
  const conclusion = implies(and(isNew, not(equal(owner, granter))), allowed);
  const rows = [{ table: "handle", index: handle }, vcpuRow];
  return goalOf(step, "mappings by policy alone", conclusion, rows);
}

/** Tables that flows reach: their conditions are larger, and each is shown by itself. */
const reached: ReadonlySet<string> = new Set(
  flows.flatMap((flow) => flow.tables).filter((table) => table !== "domain"),
);

/** Goals about columns as few goals, each of which can be shown part by part. */
function together(step: Step, property: (group: string) => string, parts: readonly Part[]): Goal[] {
  const groups = new Map<string, Part[]>();
  for (const part of parts) {
    const { table } = part.column;
    const group = reached.has(table) ? table : "their rows";
    groups.set(group, [...(groups.get(group) ?? []), part]);
  }
  return [...groups].map(([group, list]) => {
    const rows = list.map(({ column }) => ({ table: column.table, index: anyRow(column) }));
    const about = [...rows, vcpuRow];
    const whole = goalOf(step, property(group), and(...list.map(({ holds }) => holds)), about);
    const single = ({ column, holds }: Part) => goalOf(step, column.name, holds, about);
    return { ...whole, parts: () => list.map(single) };
  });
}

/** The rows of others stay. */
function othersKeep(step: Step, columns: readonly Column[]): Goal[] {
  const parts = columns.flatMap((column) => {
    const holds = stays(step, column);
    return holds === undefined ? [] : [{ column, holds }];
  });
  return together(step, (group) => `others keep ${group}`, parts);
}

/** What a command changes of a domain, the policy has let its caller do. */
function governsByPolicy(step: Step, columns: readonly Column[]): Goal[] {
  const { before, actor, one } = step;
  const [caller] = one.args;
  const made = truncate(before.read("commandA", constant(1, 0)), LABEL_BITS);
  const given = truncate(before.read("domainLabel", actor), LABEL_BITS);
  const label = ite(isState(before, actor, DOMAIN_FREE), made, given);
  const allowed = not(allowsNothing(before, truncate(caller!, LABEL_BITS), label));
  const parts = columns.flatMap((column) => {
    const row = anyRow(column);
    const owner = ownerOf(column, row, before);
    // A refusal may be of a domain that commands itself: then it counts its own.
    if (owner === undefined || column.name === "domainDenials") return [];
    const isTheirs = and(not(owner.isNobody), equal(owner.domain, actor));
    return [{ column, holds: or(isSame(step, column, row), not(isTheirs), allowed) }];
  });
  return together(step, (group) => `governs ${group} by policy alone`, parts);
}

/** The goals about a case's effect on other domains; none if it is no domain's step, or takes steps
 *  whole that change rows of domains (other cases say what such steps do). */
export function footprint({ one, start, spec, hypotheses }: Executed): Goal[] {
  const actor = actorOf(one, start);
  const divided = [...start.space.columns.values()].filter(({ table }) => isDivided(table));
  const isWhole = spec.uses.some(({ block }) => divided.some(block.writes));
  if (actor === undefined || isWhole) return [];
  const step = { one, before: start, after: spec.state, actor, hypotheses };
  const columns = changedColumns(step);
  const changed = new Set(columns.map(({ table }) => table));
  const goals = othersKeep(step, columns);
  if (one.function === COMMAND) goals.push(...governsByPolicy(step, columns));
  if (changed.has("port")) goals.push(channelsByPolicy(step));
  if (changed.has("handle")) goals.push(mappingsByPolicy(step));
  return goals;
}
