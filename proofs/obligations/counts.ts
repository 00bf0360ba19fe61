// Reference counts are the number of what refers. A step adds to a count what it adds to the rows
// that refer: the sum, over the rows that the step writes (each once), of what each names after
// less what it named before. That no other row changes is the meaning of "the rows that the step
// writes". From this and a zero state, the induction on paper gives exact counts for ever.

import { DOMAINS, FRAMES, GRANTS, SUPERFRAMES } from "../../tcb/core/limits.ts";
import * as t from "../term/index.ts";
import { type Cells, readCells, type State } from "../wasm/index.ts";
import type { Claim } from "./case.ts";
import type { Seed } from "./instances.ts";

type Term = t.Term;

const WIDE = 32;
const FRAME_BITS = Math.log2(FRAMES);
const SUPER_BITS = Math.log2(SUPERFRAMES);
const DOMAIN_BITS = Math.log2(DOMAINS);
const ROWS_OF_SUPER = 512;

/** Rows side by side that a step has written under a condition. */
interface Side {
  readonly start: Term;
  readonly guard: Term;
}

/** Rows of a column that a step may have written, one by one and side by side. */
interface Written {
  readonly rows: readonly Term[];
  readonly sides: readonly Side[];
}

/** The contents that contents are made of, with the conditions under which they count. */
function parts(cells: Cells): (readonly [Cells, Term])[] {
  if (cells.kind === "write" || cells.kind === "range") return [[cells.older, t.TRUE]];
  if (cells.kind !== "merge") throw new Error(`nothing is known of ${cells.column.name} before`);
  const { condition, whenTrue, whenFalse } = cells;
  return [
    [whenTrue, condition],
    [whenFalse, t.not(condition)],
  ];
}

function writtenIn(before: State, after: State, column: string): Written {
  const first = before.contents(column);
  const order: Cells[] = [];
  const seen = new Set<Cells>([first]);
  const visit = (cells: Cells): void => {
    if (seen.has(cells)) return;
    seen.add(cells);
    for (const [part] of parts(cells)) visit(part);
    order.push(cells);
  };
  visit(after.contents(column));
  const guards = new Map<Cells, Term>([[after.contents(column), t.TRUE]]);
  const rows = new Set<Term>();
  const sides: Side[] = [];
  for (const cells of order.reverse()) {
    const guard = guards.get(cells)!;
    if (cells.kind === "write") rows.add(cells.index);
    if (cells.kind === "range") sides.push({ start: cells.range.start, guard });
    for (const [part, condition] of parts(cells)) {
      guards.set(part, t.or(guards.get(part) ?? t.FALSE, t.and(guard, condition)));
    }
  }
  return { rows: [...rows], sides };
}

const read = (state: State, column: string, row: Term): Term =>
  readCells(state.contents(column), row);
const wide = (term: Term): Term => t.zeroExtend(term, WIDE);
const number = (value: number): Term => t.constant(WIDE, value);
const oneIf = (condition: Term): Term => t.ite(condition, number(1), number(0));

/** What a row says in a state: 1 if it refers, else 0. */
type Refers = (state: State, row: Term) => Term;

/** What the rows, each once, refer to after less what they did before. */
function sumOver(rows: readonly Term[], before: State, after: State, refers: Refers): Term {
  return rows.reduce((sum, row, at) => {
    const isNew = t.and(...rows.slice(0, at).map((earlier) => t.not(t.equal(earlier, row))));
    const change = t.sub(refers(after, row), refers(before, row));
    return t.add(sum, t.ite(isNew, change, number(0)));
  }, number(0));
}

/** The count of a row changes by that sum. */
function counts(before: State, after: State, column: string, row: Term, sum: Term): Term {
  return t.equal(wide(read(after, column, row)), t.add(wide(read(before, column, row)), sum));
}

const rowsIn = (table: string, rows: readonly Term[]): Seed[] =>
  rows.map((index) => ({ table, index }));

/** The offset of a frame in its superframe, as a distance among rows of another table. */
const placed = (start: Term, frame: Term): Term =>
  t.add(start, t.zeroExtend(t.extract(frame, 8, 0), start.width));

/** Does a last-level entry show the frame? */
const shows = (entry: Term, frame: Term): Term =>
  t.and(
    t.equal(t.extract(entry, 0, 0), t.constant(1, 1)),
    t.equal(t.extract(entry, 51, 12), t.zeroExtend(frame, 40)),
  );

/** Leaves and pinned vcpu_infos that name a frame. */
function frameClaims(before: State, after: State): Claim[] {
  const frame = t.variable("skolem.frame", FRAME_BITS);
  const { rows, sides } = writtenIn(before, after, "leafEntry");
  const starts = sides.map(({ start }) => start);
  const leaf: Refers = (state, row) => oneIf(shows(read(state, "leafEntry", row), frame));
  const pin: Refers = (state, row) => {
    const registered = t.not(t.equal(read(state, "vcpuInfoRegistered", row), t.constant(8, 0)));
    const page = t.extract(read(state, "vcpuInfo", row), 51, 12);
    return oneIf(t.and(registered, t.equal(page, t.zeroExtend(frame, 40))));
  };
  const leaves = [...rows, ...starts.map((start) => placed(start, frame))];
  const pins = writtenIn(before, after, "vcpuInfoRegistered").rows;
  const sum = t.add(sumOver(leaves, before, after, leaf), sumOver(pins, before, after, pin));
  const seeds = [...rowsIn("frame", [frame]), ...rowsIn("leaf", leaves), ...rowsIn("vcpu", pins)];
  const exact = counts(before, after, "frameReferences", frame, sum);
  const own = { property: "counts of frames", conclusion: exact, rows: seeds };
  return [own, ...starts.map((start) => tableClaim(before, after, start, rows))];
}

/** Of the leaves that are written side by side, none but the frame's own comes to show a frame. */
function tableClaim(before: State, after: State, start: Term, others: readonly Term[]): Claim {
  const frame = t.variable("skolem.frame", FRAME_BITS);
  const distance = t.variable("skolem.distance", 9);
  const row = t.add(start, t.zeroExtend(distance, start.width));
  const own = t.equal(distance, t.extract(frame, 8, 0));
  const single = t.or(...others.map((one) => t.equal(one, row)));
  const after1 = shows(read(after, "leafEntry", row), frame);
  const before1 = shows(read(before, "leafEntry", row), frame);
  const conclusion = t.or(own, single, t.equal(after1, before1));
  return { property: "counts of frames, in a table", conclusion, rows: rowsIn("leaf", [row]) };
}

/** A superframe's uses are the sum of its frames' counts. */
function usesClaims(before: State, after: State): Claim[] {
  const superframe = t.variable("skolem.super", SUPER_BITS);
  const { rows, sides } = writtenIn(before, after, "frameReferences");
  const within = (row: Term) => t.equal(t.extract(row, FRAME_BITS - 1, 9), superframe);
  const inRange = (row: Term) =>
    t.or(
      ...sides.map(({ start, guard }) =>
        t.and(
          guard,
          t.equal(t.extract(row, FRAME_BITS - 1, 9), t.extract(start, FRAME_BITS - 1, 9)),
        ),
      ),
    );
  const single: Refers = (state, row) => {
    const counted = wide(read(state, "frameReferences", row));
    const once = state === after ? oneIf(inRange(row)) : number(0);
    return t.ite(within(row), t.sub(counted, once), number(0));
  };
  const ranges = sides
    .map(({ start, guard }) => t.ite(t.and(guard, within(start)), number(ROWS_OF_SUPER), number(0)))
    .reduce((sum, one) => t.add(sum, one), number(0));
  const sum = t.add(sumOver(rows, before, after, single), ranges);
  const seeds = [...rowsIn("super", [superframe]), ...rowsIn("frame", rows)];
  const exact = counts(before, after, "superUses", superframe, sum);
  return [{ property: "counts of superframes' frames", conclusion: exact, rows: seeds }];
}

/** Leaves of 2 MiB that map a superframe. */
function leafClaims(before: State, after: State): Claim[] {
  const superframe = t.variable("skolem.super", SUPER_BITS);
  const { rows } = writtenIn(before, after, "directoryEntry");
  const maps: Refers = (state, row) => {
    const entry = read(state, "directoryEntry", row);
    const large = t.equal(t.extract(entry, 7, 7), t.constant(1, 1));
    return oneIf(t.and(large, t.equal(t.extract(entry, 20 + SUPER_BITS, 21), superframe)));
  };
  const sum = sumOver(rows, before, after, maps);
  const seeds = [...rowsIn("super", [superframe]), ...rowsIn("directory", rows)];
  const exact = counts(before, after, "superReferences", superframe, sum);
  return [{ property: "counts of superframes", conclusion: exact, rows: seeds }];
}

/** Handles that stand for a grant, and those of them that can write. */
function grantClaims(before: State, after: State): Claim[] {
  const grant = t.variable("skolem.grant", DOMAIN_BITS + Math.log2(GRANTS));
  const columns = ["handleDomain", "handleWritable", "handleReference"];
  const rows = [...new Set(columns.flatMap((one) => writtenIn(before, after, one).rows))];
  const stands = (state: State, row: Term) => {
    const domain = read(state, "handleDomain", row);
    const reference = read(state, "handleReference", row);
    const named = t.concat(
      t.truncate(t.sub(domain, t.constant(domain.width, 1)), DOMAIN_BITS),
      t.extract(reference, 13, 0),
    );
    return t.and(t.not(t.equal(domain, t.constant(domain.width, 0))), t.equal(named, grant));
  };
  const writes = (state: State, row: Term) =>
    t.not(t.equal(read(state, "handleWritable", row), t.constant(8, 0)));
  const readers = sumOver(rows, before, after, (state, row) => oneIf(stands(state, row)));
  const writers = sumOver(rows, before, after, (state, row) =>
    oneIf(t.and(stands(state, row), writes(state, row))),
  );
  const seeds = [...rowsIn("grant", [grant]), ...rowsIn("handle", rows)];
  return [["grantReaders", readers] as const, ["grantWriters", writers] as const].map(
    ([column, sum]) => ({
      property: `counts of ${column}`,
      conclusion: counts(before, after, column, grant, sum),
      rows: seeds,
    }),
  );
}

const groups = [
  { columns: ["leafEntry", "frameReferences", "vcpuInfoRegistered"], claims: frameClaims },
  { columns: ["frameReferences", "superUses"], claims: usesClaims },
  { columns: ["directoryEntry", "superReferences"], claims: leafClaims },
  { columns: ["handleDomain", "grantReaders", "grantWriters"], claims: grantClaims },
];

/** The goals that keep reference counts exact, for a step that changes any of them. */
export function countClaims(before: State, after: State): Claim[] {
  const isChanged = (name: string) => before.contents(name) !== after.contents(name);
  return groups.flatMap(({ columns, claims }) =>
    columns.some(isChanged) ? claims(before, after) : [],
  );
}
