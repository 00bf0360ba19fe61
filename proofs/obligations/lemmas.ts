// The functions of the code that many operations share.

import { raise } from "../../spec/event.ts";
import { closePort, lowestOpen } from "../../spec/event_channel.ts";
import { eventChannelInvariants } from "../../spec/invariants/event_channel.ts";
import { vcpuInvariants } from "../../spec/invariants/vcpu.ts";
import { firstClosed } from "../../spec/port.ts";
import { DOMAIN_DYING, DOMAIN_FREE } from "../../spec/states.ts";
import { recordDenial } from "../../spec/xsm.ts";
import { CLASSES, DOMAINS, LABELS, PORTS, VCPUS } from "../../tcb/core/limits.ts";
import { variable } from "../term/index.ts";
import type { Lemma } from "./lemma.ts";
import { conditionOf } from "./values.ts";
import { vcpuLemmas } from "./vcpu-lemmas.ts";

const LABEL_BITS = Math.log2(LABELS);
const CLASS_BITS = Math.log2(CLASSES);

const unknown = (name: string, bits = 32) => variable(`argument.${name}`, bits);

/** xsm/recordDenial(row, source, target, class, missing). */
export const denial: Lemma = {
  function: "xsm/recordDenial",
  args: ["row", "source", "target", "class", "missing"].map((name) => unknown(name)),
  given: (s, [row, source, target, group, missing]) => {
    const cell = source!.shl(LABEL_BITS).or(target!).shl(CLASS_BITS).or(group!);
    return [
      row!.eq(cell),
      source!.lt(LABELS),
      target!.lt(LABELS),
      group!.lt(CLASSES),
      missing!.ne(0),
      s.row("cpu", 0).current.le(VCPUS),
    ].map(conditionOf);
  },
  steps: (s, [, source, target, group, missing]) => {
    recordDenial(s, source!, target!, group!, missing!);
    return undefined;
  },
  invariants: vcpuInvariants.filter(({ id }) => id === "INV-VCPU-1"),
};

/** event_channel/firstPort(domain): 0xffffffff if all ports are open. */
const firstPort: Lemma = {
  function: "event_channel/firstPort",
  args: [unknown("domain")],
  given: (s, [domain]) => [
    conditionOf(domain!.lt(DOMAINS)),
    conditionOf(s.row("domain", domain!).state.ne(DOMAIN_FREE)),
  ],
  steps: (s, [domain]) => {
    const port = firstClosed(s, domain!);
    return port.exists.choose(port.index, 0xffffffff);
  },
  invariants: eventChannelInvariants.filter(({ id }) => ["INV-PORT-7", "INV-PORT-8"].includes(id)),
};

/** event/raise(domain, port). */
const raisePort: Lemma = {
  function: "event/raise",
  args: [unknown("domain"), unknown("port")],
  given: (_, [domain, port]) => [conditionOf(domain!.lt(DOMAINS)), conditionOf(port!.lt(PORTS))],
  steps: (s, [domain, port]) => {
    raise(s, domain!, port!);
    return undefined;
  },
  split: ["SCHED-WAKE-1"],
  invariants: vcpuInvariants.filter(({ id }) => ["INV-VCPU-1", "INV-VCPU-3"].includes(id)),
};

/** event_channel/lowestOpen(domain, word, kept), as a reset asks: `kept` is the console's port. */
const openPort: Lemma = {
  function: "event_channel/lowestOpen",
  args: [unknown("domain"), unknown("word"), unknown("kept")],
  given: (s, [domain, word, kept]) => {
    const row = s.row("domain", domain!);
    return [
      domain!.lt(DOMAINS),
      word!.lt(PORTS / 64),
      row.state.isAmong(DOMAIN_FREE, DOMAIN_DYING).not(),
      kept!.eq(row.consolePort),
    ].map(conditionOf);
  },
  steps: (s, [domain, word]) => {
    const port = lowestOpen(s, domain!, word!);
    return port.exists.choose(word!.shl(6).or(port.index), 0xffffffff);
  },
  invariants: [...vcpuInvariants, ...eventChannelInvariants].filter(({ id }) =>
    ["INV-DOMAIN-1", "INV-PORT-4", "INV-PORT-7", "INV-PORT-9"].includes(id),
  ),
};

/** event_channel/closePort(domain, port). */
const closing: Lemma = {
  function: "event_channel/closePort",
  args: [unknown("domain"), unknown("port")],
  given: (_, [domain, port]) => [conditionOf(domain!.lt(DOMAINS)), conditionOf(port!.lt(PORTS))],
  steps: (s, [domain, port]) => s.attempt(() => closePort(s, domain!, port!)),
  invariants: [...vcpuInvariants, ...eventChannelInvariants],
};

export const lemmas: readonly Lemma[] = [denial, firstPort, raisePort, openPort, ...vcpuLemmas];
export { closing };
