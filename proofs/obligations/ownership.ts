// Whose rows are whose, and for whom a step acts.

import { EVTCHNSTAT_interdomain, EVTCHNSTAT_unbound } from "../../spec/abi.ts";
import { type TableName, tables } from "../../spec/tables.ts";
import { DOMAINS, VCPUS } from "../../tcb/core/limits.ts";
import {
  and,
  constant,
  equal,
  extract,
  not,
  or,
  sub,
  type Term,
  truncate,
  variable,
  zeroExtend,
} from "../term/index.ts";
import { type Column, indexWidth, type State } from "../wasm/index.ts";
import type { Case } from "./case.ts";
import { vcpuNumber } from "./entered.ts";

const DOMAIN_BITS = Math.log2(DOMAINS);

/** Tables whose first key is a domain, but for the text of its console line. */
export const ofDomains: ReadonlySet<string> = new Set<TableName>([
  "domain",
  "region",
  "domainVcpu",
  "domainName",
  "domainParameter",
  "domainExit",
  "domainFree",
  "domainFreeSummary",
  "domainFreeTop",
  "nestedRoot",
  "nestedPointer",
  "directory",
  "leaf",
  "tableOwner",
  "iopm",
  "port",
  "portUsed",
  "portFull",
  "grantFrame",
  "grant",
  "handle",
  "handleUsed",
  "handleFull",
]);

/** Tables whose first key is a vCPU. */
export const ofVcpus: ReadonlySet<string> = new Set<TableName>([
  "vcpu",
  "vcpuTime",
  "vcpuVirq",
  "apic",
  "apicRequest",
  "apicService",
  "vmcb",
  "gpr",
  "state",
]);

/** The domain number in a row number of a table whose first key is the domain. */
export function domainIn(table: TableName, index: Term): Term {
  const low = tables[table].keys.slice(1).reduce((bits, count) => bits + Math.log2(count), 0);
  return extract(index, low + DOMAIN_BITS - 1, low);
}

/** The vCPU row in a row number of a table whose first key is the vCPU. */
export function vcpuIn(table: TableName, index: Term): Term {
  const low = tables[table].keys.slice(1).reduce((bits, count) => bits + Math.log2(count), 0);
  return extract(index, low + Math.log2(VCPUS) - 1, low);
}

/** A domain's number, cut to its table. */
export const narrow = (word: Term): Term => truncate(word, DOMAIN_BITS);
const is = (word: Term, value: number): Term => equal(word, constant(word.width, value));

/** The port row names the domain as its other end, by a channel or as one that an offer is for. */
export function names(before: State, port: Term, domain: Term): Term {
  const state = before.read("portState", port);
  const isOpen = or(is(state, EVTCHNSTAT_unbound), is(state, EVTCHNSTAT_interdomain));
  return and(isOpen, equal(narrow(before.read("portPeerDomain", port)), domain));
}

/** Tables of machine memory, and how many low bits of a row's number are a frame in its superframe
 *  (or a word of 64). */
const ofSuperframes: ReadonlyMap<string, number> = new Map<TableName, number>([
  ["super", 0],
  ["superFree", 3],
  ["frame", 9],
]);

/** The domain that a row belongs to. */
export interface Owner {
  readonly domain: Term;
  /** Nobody has it: a free vCPU row, memory that is in no domain's hands. */
  readonly isNobody: Term;
}

const NOBODY = 0;

/** Are the table's rows divided among domains? */
export const isDivided = (table: string): boolean =>
  ofDomains.has(table) || ofVcpus.has(table) || ofSuperframes.has(table);

/** Who owns a row in a state; nothing if its table is not divided among domains. */
export function ownerOf(column: Column, row: Term, state: State): Owner | undefined {
  const table = column.table as TableName;
  if (ofDomains.has(table)) {
    const domain = domainIn(table, row);
    return { domain, isNobody: equal(domain, constant(domain.width, NOBODY)) };
  }
  if (ofVcpus.has(table)) {
    const domain = narrow(state.read("vcpuDomain", vcpuIn(table, row)));
    return { domain, isNobody: equal(domain, constant(domain.width, NOBODY)) };
  }
  const low = ofSuperframes.get(table);
  if (low === undefined) return undefined;
  const width = indexWidth(state.column("superOwner"));
  const owner = state.read("superOwner", extract(row, low + width - 1, low));
  const domain = narrow(sub(owner, constant(owner.width, 1)));
  // Stored is the domain's number plus one; what is no domain's is in nobody's hands.
  const isStored = equal(zeroExtend(domain, owner.width), sub(owner, constant(owner.width, 1)));
  return { domain, isNobody: not(isStored) };
}

const ZERO_ROW = constant(1, 0);

/** For whom a case acts: the caller's domain, the one that a command is about, the one that is
 *  taken down; nothing if it is no domain's step. */
export function actorOf(one: Case, state: State): Term | undefined {
  switch (one.function) {
    case "hypercall/dispatch":
    case "handleExit":
      return narrow(state.read("vcpuDomain", vcpuNumber));
    case "control_op/perform":
      return narrow(state.read("commandDomain", ZERO_ROW));
    case "teardown/teardownStep":
      return narrow(one.args[0]!);
    default:
      return undefined;
  }
}

/** Whom a case tells something: the caller's domain, or the one whose memory is looked up; nothing
 *  if it is no domain's step, or a command, which tells what the policy lets it be asked. */
export function viewerOf(one: Case, state: State): Term | undefined {
  switch (one.function) {
    case "hypercall/dispatch":
    case "handleExit":
      return one.commands ? undefined : actorOf(one, state);
    case "guest/openArgument":
    case "guest/locate":
    case "guest/walk":
    case "local_apic/command":
      return narrow(state.read("vcpuDomain", truncate(one.args[0]!, Math.log2(VCPUS))));
    case "p2m/translate":
      return narrow(one.args[0]!);
    case "clock/systemTime":
      return variable("any.domain", DOMAIN_BITS);
    default:
      return undefined;
  }
}

/** A row of a column's table that stands for any. */
export const anyRow = (column: Column): Term =>
  variable(`skolem.${column.table}`, indexWidth(column));

/** Is the row another domain's? */
export const isForeign = ({ domain, isNobody }: Owner, actor: Term): Term =>
  and(not(isNobody), not(equal(domain, actor)));
