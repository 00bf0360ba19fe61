// What one domain may do to another: the flows that are meant, each in words and as a condition.
// Whatever is not listed here is shown not to happen (footprint.ts).

import { EVTCHNSTAT_interdomain } from "../../spec/abi.ts";
import { GRANT_COPY } from "../../spec/grant_copy.ts";
import { GRANT_MAP_READ } from "../../spec/grant_map.ts";
import { type Question, vectorOf } from "../../spec/lang/question.ts";
import { EVENT_BIND, EVENT_CREATE, XENOLITH } from "../../spec/xsm.ts";
import { FRAMES, LABELS, SUPERFRAMES, VCPUS } from "../../tcb/core/limits.ts";
import {
  add,
  and,
  bitAnd,
  concat,
  constant,
  equal,
  extract,
  FALSE,
  not,
  or,
  sub,
  type Term,
  truncate,
  zeroExtend,
} from "../term/index.ts";
import type { State } from "../wasm/index.ts";
import { domainIn, names, narrow } from "./ownership.ts";

/** A step of one domain, and a row of another that it changes. */
export interface Change {
  readonly before: State;
  readonly after: State;
  /** For whom the step acts. */
  readonly actor: Term;
  readonly table: string;
  readonly column: string;
  readonly row: Term;
  /** The domain that the row belongs to. */
  readonly owner: Term;
}

/** A way in which a domain's step may change rows of another. */
export interface Flow {
  readonly id: string;
  readonly says: string;
  /** Tables of which rows may change. */
  readonly tables: readonly string[];
  readonly permits: (change: Change) => Term;
}

export const LABEL_BITS = Math.log2(LABELS);
const CLASS_BITS = 4;
const is = (word: Term, value: number): Term => equal(word, constant(word.width, value));

/** The label that a domain has. */
const labelOf = (state: State, domain: Term): Term =>
  truncate(state.read("domainLabel", domain), LABEL_BITS);

/** Does the policy allow what is asked? */
export function allows(state: State, source: Term, target: Term, question: Question): Term {
  const cell = concat(concat(source, target), constant(CLASS_BITS, question.class));
  const vector = constant(32, vectorOf(question));
  return equal(bitAnd(state.read("policyCellAllowed", cell), vector), vector);
}

/** The policy gives `source` no permission of Xenolith's own class on `target`. */
export function allowsNothing(state: State, source: Term, target: Term): Term {
  const cell = concat(concat(source, target), constant(CLASS_BITS, XENOLITH));
  return is(state.read("policyCellAllowed", cell), 0);
}

/** The policy lets `from` open channels towards `to`, and `to` be bound to them. */
export function mayOpen(state: State, from: Term, to: Term): Term {
  const [source, target] = [labelOf(state, from), labelOf(state, to)];
  const stored = state.read("policyChannelLabel", concat(source, target));
  const channel = truncate(stored, LABEL_BITS);
  return and(
    allows(state, source, channel, EVENT_CREATE),
    allows(state, channel, target, EVENT_BIND),
  );
}

/** The policy lets `from` map memory that `to` grants. */
export const mayMap = (state: State, from: Term, to: Term): Term =>
  allows(state, labelOf(state, from), labelOf(state, to), GRANT_MAP_READ);

/** The policy lets bytes be copied between the domain's memory and that of one with the label. */
export function mayCopy(state: State, domain: Term, label: Term): Term {
  const own = labelOf(state, domain);
  return or(
    allows(state, own, label, GRANT_COPY),
    allows(state, label, own, GRANT_COPY),
    allows(state, label, truncate(state.read("domainSelfLabel", domain), LABEL_BITS), GRANT_COPY),
  );
}

/** Rows of a column that the step looked at. */
export const touched = (after: State, column: string): readonly Term[] => [
  ...new Set(
    after.record.accesses.filter((one) => one.column === column).map(({ index }) => index),
  ),
];

/** One of the ports that the step looked at is the actor's end of a channel to the domain. */
const isConnected = ({ before, after, actor, owner }: Change): Term =>
  or(
    ...touched(after, "portState").map((port) =>
      and(
        equal(domainIn("port", port), actor),
        is(before.read("portState", port), EVTCHNSTAT_interdomain),
        equal(narrow(before.read("portPeerDomain", port)), owner),
      ),
    ),
  );

/** The handle stands for a mapping of the domain's memory: it holds its number plus one. */
export function isHandleOf(state: State, handle: Term, domain: Term): Term {
  const stored = state.read("handleDomain", handle);
  return equal(stored, add(zeroExtend(domain, stored.width), constant(stored.width, 1)));
}

/** One of the handles that the step looked at is the actor's, for the domain's memory. */
const isMapped = ({ before, after, actor, owner }: Change): Term =>
  or(
    ...touched(after, "handleDomain").map((handle) =>
      and(equal(domainIn("handle", handle), actor), isHandleOf(before, handle, owner)),
    ),
  );

/** The step looked at the domain's end of a channel to another, or at a mapping of another's. */
export function isElsewhere(before: State, after: State, domain: Term): Term {
  const ports = touched(after, "portState").map((port) => {
    const peer = narrow(before.read("portPeerDomain", port));
    const isChannel = is(before.read("portState", port), EVTCHNSTAT_interdomain);
    return and(equal(domainIn("port", port), domain), isChannel, not(equal(peer, domain)));
  });
  const handles = touched(after, "handleDomain").map((handle) => {
    const isUsed = not(is(before.read("handleDomain", handle), 0));
    const isOwn = isHandleOf(before, handle, domain);
    return and(equal(domainIn("handle", handle), domain), isUsed, not(isOwn));
  });
  return or(...ports, ...handles);
}

/** Where the number of a frame lies in an entry of a map, and that of its superframe. */
const FRAME_BITS = [11 + Math.log2(FRAMES), 12] as const;
const SUPERFRAME_BITS = [20 + Math.log2(SUPERFRAMES), 21] as const;

/** An entry of the actor's own map shows the frame (or one of the superframe), before or after. */
function isShown({ before, after, actor, table, row }: Change): Term {
  const [high, low] = table === "frame" ? FRAME_BITS : SUPERFRAME_BITS;
  const shows = (own: "leaf" | "directory") =>
    touched(after, `${own}Entry`).flatMap((index) =>
      [before, after].map((state) => {
        const frame = extract(state.read(`${own}Entry`, index), high, low);
        return and(equal(domainIn(own, index), actor), equal(frame, row));
      }),
    );
  return or(...shows("leaf"), ...shows("directory"));
}

/** It is the domain whose vCPU has the CPU, and the count of its refusals. */
function isRefused({ before, column, owner }: Change): Term {
  if (column !== "domainDenials") return FALSE;
  const current = before.read("cpuCurrent", constant(3, 0));
  const vcpu = truncate(sub(current, constant(32, 1)), Math.log2(VCPUS));
  return equal(narrow(before.read("vcpuDomain", vcpu)), owner);
}

export const flows: readonly Flow[] = [
  {
    id: "FLOW-DENIAL",
    says: "refusals: a command that is refused is counted for the domain whose vCPU asks",
    tables: ["domain"],
    permits: isRefused,
  },
  {
    id: "FLOW-CHANNEL",
    says:
      "event channels: an offer that a domain has made to the caller becomes a channel (bind); " +
      "the other end of the caller's channel becomes an offer again (close, reset, teardown)",
    tables: ["port"],
    permits: ({ before, row, actor }) => names(before, row, actor),
  },
  {
    id: "FLOW-EVENT",
    says: "event channels: a vCPU of the domain at the other end is woken (send)",
    tables: ["vcpu", "vcpuTime"],
    permits: isConnected,
  },
  {
    id: "FLOW-GRANT",
    says:
      "grants: that a grant is mapped, and how often, is counted for its granter, by whom the " +
      "policy lets map; and discounted when the mapping ends",
    tables: ["grant"],
    permits: (change) => or(mayMap(change.before, change.actor, change.owner), isMapped(change)),
  },
  {
    id: "FLOW-FRAME",
    says:
      "machine memory: how many maps show a frame is counted with the frame, whoever owns it, when " +
      "the caller's own map comes to show it or no longer does",
    tables: ["frame", "super"],
    permits: isShown,
  },
];

/** All flows in words, for reports: to other domains' rows, and through what belongs to none. */
export const declaredFlows: readonly string[] = [
  ...flows.map(({ says }) => says),
  "policies: who may load one decides what every domain may do from then on, and how each is " +
    "labelled as its own target",
  "denials: every refusal goes into one ring and the policy's cells, which no guest reads",
  "the scheduler: who can run is a bit in words that all domains share, and timers are one list",
  "guest memory: its events are part of refinement; that their addresses are the caller's own or " +
    "granted to it follows from the invariants of maps, and is not a goal of its own",
];

/** The condition under which some flow lets the row change. */
export const permittedBy = (change: Change): Term =>
  or(
    ...flows
      .filter(({ tables }) => tables.includes(change.table))
      .map(({ permits }) => permits(change)),
    FALSE,
  );
