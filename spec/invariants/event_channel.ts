// Ports, and what names them.

import { DOMAINS, LABELS, PORTS, VCPUS, VCPUS_PER_DOMAIN } from "../../tcb/core/limits.ts";
import * as abi from "../abi.ts";
import { all, type Invariant } from "../lang/invariant.ts";
import type { Transaction } from "../lang/transaction.ts";
import type { Bool, Word } from "../lang/word.ts";
import { DOMAIN_DYING, DOMAIN_FREE, VCPU_FREE } from "../states.ts";

/** The word if the condition holds; else 0, which names a row whatever the word is. */
const orZero = (condition: Bool, word: Word): Word => condition.choose(word, 0);

/** The vCPU whose table of virtual interrupts names a port. */
function holder(virq: Word, vcpu: Word): Word {
  return virq.gt(abi.VIRQ_DEBUG).choose(virq.sized(0), vcpu);
}

/** The row of the vCPU that a domain has under a number in range; 0 if there is none. */
function rowOf(s: Transaction, domain: Word, id: Word): { exists: Bool; row: Word } {
  const entry = s.row("domainVcpu", domain, id).row;
  const exists = entry.ne(0).and(entry.le(VCPUS));
  return { exists, row: entry.sub(1).and(VCPUS - 1) };
}

export const eventChannelInvariants: readonly Invariant[] = [
  {
    id: "INV-PORT-1",
    says: "A port's state, vCPU number and label are in range.",
    table: "port",
    holds: (s, domain, port) => {
      const row = s.row("port", domain, port);
      const known = row.state.isAmong(
        abi.EVTCHNSTAT_closed,
        abi.EVTCHNSTAT_unbound,
        abi.EVTCHNSTAT_interdomain,
        abi.EVTCHNSTAT_virq,
        abi.EVTCHNSTAT_ipi,
        abi.PORT_console,
      );
      return all(known, row.vcpu.lt(VCPUS_PER_DOMAIN), row.label.lt(LABELS));
    },
  },
  {
    id: "INV-PORT-2",
    says: "Nothing remains of a closed port.",
    table: "port",
    holds: (s, domain, port) => {
      const row = s.row("port", domain, port);
      const rest = [row.peerDomain, row.peerPort, row.vcpu, row.virq, row.label];
      const empty = rest.map((word) => word.eq(0)).reduce((sum, one) => sum.and(one));
      return row.state.eq(abi.EVTCHNSTAT_closed).implies(empty);
    },
  },
  {
    id: "INV-PORT-3",
    says: "The two ends of a channel name each other.",
    table: "port",
    holds: (s, domain, port) => {
      const row = s.row("port", domain, port);
      const inRange = row.peerDomain.lt(DOMAINS).and(row.peerPort.lt(PORTS));
      const other = s.row("port", orZero(inRange, row.peerDomain), orZero(inRange, row.peerPort));
      const answers = all(
        inRange,
        other.state.eq(abi.EVTCHNSTAT_interdomain),
        other.peerDomain.eq(domain),
        other.peerPort.eq(port),
      );
      return row.state.eq(abi.EVTCHNSTAT_interdomain).implies(answers);
    },
  },
  {
    id: "INV-PORT-4",
    says: "An offer is for a domain, and the console's port is the one that its domain names.",
    table: "port",
    holds: (s, domain, port) => {
      const row = s.row("port", domain, port);
      const offer = row.state.eq(abi.EVTCHNSTAT_unbound).implies(row.peerDomain.lt(DOMAINS));
      const console = s.row("domain", domain).consolePort.eq(port).and(port.ne(0));
      return offer.and(row.state.eq(abi.PORT_console).implies(console));
    },
  },
  {
    id: "INV-PORT-5",
    says: "A virtual interrupt's port is the one that its vCPU names for it.",
    table: "port",
    holds: (s, domain, port) => {
      const row = s.row("port", domain, port);
      const inRange = row.virq.lt(abi.VIRQS).and(row.vcpu.lt(VCPUS_PER_DOMAIN));
      const vcpu = rowOf(s, domain, orZero(inRange, holder(row.virq, row.vcpu)));
      const binding = s.row("vcpuVirq", vcpu.row, orZero(inRange, row.virq));
      const named = all(inRange, vcpu.exists, binding.port.eq(port));
      return row.state.eq(abi.EVTCHNSTAT_virq).implies(named);
    },
  },
  {
    id: "INV-PORT-6",
    says: "The port that a vCPU names for a virtual interrupt is bound to that interrupt.",
    table: "vcpuVirq",
    holds: (s, vcpu, virq) => {
      const port = s.row("vcpuVirq", vcpu, virq).port;
      const row = s.row("vcpu", vcpu);
      const inRange = all(port.lt(PORTS), row.domain.lt(DOMAINS), virq.lt(abi.VIRQS));
      const bound = s.row("port", orZero(inRange, row.domain), orZero(inRange, port));
      const fits = all(
        inRange,
        row.state.ne(VCPU_FREE),
        bound.state.eq(abi.EVTCHNSTAT_virq),
        bound.virq.eq(virq),
        holder(virq, bound.vcpu).eq(row.id),
      );
      return port.ne(0).implies(fits);
    },
  },
  {
    id: "INV-PORT-7",
    says: "A port is marked as in use exactly if it is open; port 0 is, in every domain that exists.",
    table: "port",
    holds: (s, domain, port) => {
      const used = s.row("portUsed", domain, port.shr(6)).word.bit(port.and(63).wide());
      const open = s.row("port", domain, port).state.ne(abi.EVTCHNSTAT_closed);
      const lives = s.row("domain", domain).state.ne(DOMAIN_FREE);
      const first = port.eq(0);
      return all(
        first.implies(open.not()),
        first.implies(used.same(lives)),
        first.not().implies(used.same(open)),
      );
    },
  },
  {
    id: "INV-PORT-8",
    says: "64 ports are marked as full exactly if all of them are in use.",
    table: "portUsed",
    holds: (s, domain, word) => {
      const full = s.row("portFull", domain).word.bit(word.wide());
      return full.same(s.row("portUsed", domain, word).word.eq(-1));
    },
  },
  {
    id: "INV-PORT-9",
    says: "The port that a living domain names as its console's is that.",
    table: "domain",
    holds: (s, domain) => {
      const row = s.row("domain", domain);
      const lives = row.state.isAmong(DOMAIN_FREE, DOMAIN_DYING).not();
      const inRange = row.consolePort.lt(PORTS);
      const port = s.row("port", domain, orZero(inRange, row.consolePort));
      const named = lives.and(row.consolePort.ne(0));
      return named.implies(inRange.and(port.state.eq(abi.PORT_console)));
    },
  },
];
