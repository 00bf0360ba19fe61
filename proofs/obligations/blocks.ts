// The functions of the code that proofs take as one step (each is proved by a case of its own).

import { RESUME } from "../../spec/abi.ts";
import { TIMER_GROUPS } from "../../tcb/core/limits.ts";
import {
  and,
  bitAnd,
  booleanConstant,
  constant,
  equal,
  FALSE,
  ite,
  not,
  sub,
  type Term,
  truncate,
  ult,
} from "../term/index.ts";
import type { Column, State } from "../wasm/index.ts";
import type { Block } from "./block.ts";
import { entered } from "./entered.ts";
import type { Repetition } from "./repetition.ts";
import { emptyContext, SymbolicTransaction } from "./symbolic.ts";

/** What translates a guest's addresses. */
const translates = (column: Column): boolean =>
  ["vmcbCr0", "vmcbCr3", "vmcbEfer", "vcpuDomain"].includes(column.name) ||
  ["directory", "leaf"].includes(column.table);

const NOWHERE = constant(64, -1);
const ROW = constant(1, 0);

/** guest/openArgument: finds an argument structure; the code keeps where it lies in scratch
 *  columns. */
export const openArgument: Block = {
  name: "guest/openArgument",
  outputs: [64, 64],
  reads: translates,
  writes: () => false,
  finish: (state: State, inputs: readonly Term[], outputs: readonly Term[]) => {
    const [, linear, bytes] = inputs as [Term, Term, Term];
    const [first, second] = outputs as [Term, Term];
    const inPage = bitAnd(truncate(linear, 32), constant(32, 0xfff));
    const boundary = sub(constant(32, 0x1000), inPage);
    const started = not(equal(first, NOWHERE));
    const ended = not(equal(second, NOWHERE));
    state.write("argumentFirst", ROW, first, started);
    state.write("argumentBoundary", ROW, boundary, started);
    state.write("argumentSecond", ROW, second, and(started, ended, ult(boundary, bytes)));
    return ite(and(started, ended), constant(32, 1), constant(32, 0));
  },
};

/** guest/locate: machine address of the byte at a linear address. */
export const locate: Block = {
  name: "guest/locate",
  outputs: [64],
  reads: translates,
  writes: () => false,
};

/** guest/walk(vcpu, its domain, linear, write): guest-physical address of a linear address. */
export const walk: Block = {
  name: "guest/walk",
  outputs: [64],
  reads: translates,
  writes: () => false,
};

/** p2m/translate(domain, address, write): machine address of a guest-physical address. */
export const translation: Block = {
  name: "p2m/translate",
  outputs: [64],
  reads: (column) => ["directory", "leaf"].includes(column.table),
  writes: () => false,
};

/** clock/systemTime: nanoseconds since boot. */
export const systemTime: Block = {
  name: "clock/systemTime",
  outputs: [64],
  reads: (column) => column.table === "clock",
  writes: () => false,
};

const deadlines: ReadonlySet<string> = new Set([
  "vcpuDeadline",
  "vcpuPeriodicNext",
  "vcpuPollDeadline",
]);
const earliest: ReadonlySet<string> = new Set([
  "timerGroupDeadline",
  "timersDeadline",
  "timersGroup",
]);

/** timer/updateGroup(vcpu): what the earliest deadlines are. */
export const regrouped: Block = {
  name: "timer/updateGroup",
  outputs: [],
  reads: ({ name }) => deadlines.has(name) || earliest.has(name) || name === "clockArmed",
  writes: ({ name }) => earliest.has(name),
  leaves: (state) => state.write("clockArmed", ROW, constant(64, 0)),
  promises: [
    {
      says: "names one of the groups",
      table: "timers",
      holds: (_, after) => after.row("timers").group.lt(TIMER_GROUPS),
    },
  ],
};

/** The rounds in which a console ring is taken: the spec's block and the code's loop. */
export const drainRounds: Block = {
  name: "console ring",
  outputs: [],
  reads: () => false,
  writes: () => false,
};

/** Each round reads a byte of the ring's page and changes the text of the line alone. */
export const drainLoop: Repetition = {
  name: "console ring",
  calls: "console/putByte",
  writes: ["domainLineByte", "domainLineLength", "scratchByte"],
  allows: ({ name }) => booleanConstant(name === "load8"),
};

/** The arguments of a call for the rest. */
const leftOver: ReadonlySet<string> = new Set(["callFirst", "callSecond", "callThird"]);

/** hypercall/dispatch: any hypercall; the cases of the families say what each is. */
export const dispatched: Block = {
  name: "hypercall/dispatch",
  outputs: [64],
  reads: () => true,
  writes: () => true,
  given: (state, [vcpu]) => {
    const copy = state.clone();
    copy.record = state.record.successor();
    return entered(new SymbolicTransaction(copy, emptyContext()), vcpu!);
  },
  keepsInvariants: true,
  gives: ({ name }, [result]) =>
    leftOver.has(name) ? equal(result!, constant(64, RESUME)) : FALSE,
};
