// vCPUs, and the domains that they belong to.

import {
  DOMAINS,
  LABELS,
  PORTS,
  TIMER_GROUPS,
  VCPUS,
  VCPUS_PER_DOMAIN,
} from "../../tcb/core/limits.ts";
import { all, type Invariant } from "../lang/invariant.ts";
import {
  DOMAIN_DYING,
  DOMAIN_FREE,
  DOMAIN_RUNNING,
  VCPU_FREE,
  VCPU_HALTED,
  VCPU_RUNNABLE,
} from "../states.ts";

export const vcpuInvariants: readonly Invariant[] = [
  {
    id: "INV-DOMAIN-1",
    says: "A domain's state, labels, console port, reset position and XSAVE switch are in range.",
    table: "domain",
    holds: (s, domain) => {
      const row = s.row("domain", domain);
      return all(
        row.state.le(DOMAIN_DYING),
        row.label.lt(LABELS),
        row.selfLabel.lt(LABELS),
        row.consolePort.lt(PORTS),
        row.resetWord.lt(PORTS / 64),
        row.xsave.le(1),
      );
    },
  },
  {
    id: "INV-DOMAIN-2",
    says: "A running domain has a shared_info.",
    table: "domain",
    holds: (s, domain) => {
      const row = s.row("domain", domain);
      return row.state.eq(DOMAIN_RUNNING).implies(row.sharedInfo.ne(0));
    },
  },
  {
    id: "INV-VCPU-1",
    says: "A vCPU's domain, number, state and runstate are in range.",
    table: "vcpu",
    holds: (s, vcpu) => {
      const row = s.row("vcpu", vcpu);
      return all(
        row.domain.lt(DOMAINS),
        row.id.lt(VCPUS_PER_DOMAIN),
        row.state.le(VCPU_HALTED),
        row.runstate.lt(4),
      );
    },
  },
  {
    id: "INV-VCPU-2",
    says: "A vCPU in use is the one that its domain has under its number, and the domain exists.",
    table: "vcpu",
    holds: (s, vcpu) => {
      const row = s.row("vcpu", vcpu);
      const inRange = row.domain.lt(DOMAINS).and(row.id.lt(VCPUS_PER_DOMAIN));
      const domain = inRange.choose(row.domain, 0);
      const id = inRange.choose(row.id, 0);
      const named = s.row("domainVcpu", domain, id).row.eq(vcpu.add(1));
      const lives = s.row("domain", domain).state.ne(DOMAIN_FREE);
      return row.state.ne(VCPU_FREE).implies(all(inRange, named, lives));
    },
  },
  {
    id: "INV-VCPU-3",
    says: "What a domain has under a vCPU number is a vCPU in use, of that domain and number.",
    table: "domainVcpu",
    holds: (s, domain, id) => {
      const entry = s.row("domainVcpu", domain, id).row;
      const exists = entry.ne(0).and(entry.le(VCPUS));
      const row = s.row("vcpu", entry.sub(1).and(VCPUS - 1));
      const fits = all(exists, row.domain.eq(domain), row.id.eq(id), row.state.ne(VCPU_FREE));
      return entry.ne(0).implies(fits);
    },
  },
  {
    id: "INV-VCPU-4",
    says: "What a domain has under a vCPU number is a row of the table, whatever that holds.",
    table: "domainVcpu",
    holds: (s, domain, id) => s.row("domainVcpu", domain, id).row.le(VCPUS),
  },
  {
    id: "INV-VCPU-5",
    says: "A domain has vCPUs only under the numbers below their count, which is at most 32.",
    table: "domainVcpu",
    holds: (s, domain, id) => {
      const { vcpus } = s.row("domain", domain);
      const isEmpty = s.row("domainVcpu", domain, id).row.eq(0);
      return all(vcpus.le(VCPUS_PER_DOMAIN), id.lt(vcpus).or(isEmpty));
    },
  },
  {
    id: "INV-VCPU-6",
    says: "A free vCPU row is nobody's: it names domain 0, and pins no page.",
    table: "vcpu",
    holds: (s, vcpu) => {
      const row = s.row("vcpu", vcpu);
      return row.state.eq(VCPU_FREE).implies(row.domain.eq(0).and(row.infoRegistered.eq(0)));
    },
  },
  {
    id: "INV-TIMERS-1",
    says: "The next deadline of all is one of the groups'.",
    table: "timers",
    holds: (s) => s.row("timers").group.lt(TIMER_GROUPS),
  },
  {
    id: "INV-RUNNABLE-1",
    says: "A vCPU is in the choice exactly if it is runnable and its domain runs.",
    table: "vcpu",
    holds: (s, vcpu) => {
      const row = s.row("vcpu", vcpu);
      const chosen = s.row("runnable", vcpu.shr(6)).word.bit(vcpu.and(63).wide());
      const known = row.domain.lt(DOMAINS);
      const runs = s.row("domain", known.choose(row.domain, 0)).state.eq(DOMAIN_RUNNING);
      return chosen.same(all(row.state.eq(VCPU_RUNNABLE), known, runs));
    },
  },
];
