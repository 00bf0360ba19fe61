// Who may change what: a row of another domain stays as it is, but for what that domain has opened
// to the caller itself. The flows that are meant stand here by name.

import { EVTCHNSTAT_interdomain, EVTCHNSTAT_unbound } from "../../spec/abi.ts";
import { type TableName, tables, textColumns } from "../../spec/tables.ts";
import { DOMAINS, VCPUS } from "../../tcb/core/limits.ts";
import {
  and,
  constant,
  equal,
  extract,
  or,
  type Term,
  truncate,
  variable,
  zeroExtend,
} from "../term/index.ts";
import { type Column, indexWidth, readCells, type State } from "../wasm/index.ts";
import { vcpuArgument } from "./entered.ts";
import type { Claim } from "./refine.ts";

/** What one domain may do to rows of another, in words; reports list them. */
export const declaredFlows: readonly string[] = [
  "denials: every refusal goes into one ring and the policy's cells, which no guest reads",
  "the scheduler: who can run is a bit in words that all domains share",
  "event channels: an offer that a domain has made to the caller becomes a channel (bind)",
  "event channels: the other end of the caller's channel becomes an offer again (close, reset)",
  "event channels: a vCPU of the domain at the other end is woken (send)",
];

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
  "nestedRoot",
  "nestedPointer",
  "directory",
  "leaf",
  "tableOwner",
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

/** One of the ports that the step looked at is the caller's end of a channel to the domain. */
function connected(before: State, after: State, caller: Term, domain: Term): Term {
  const ports = after.record.accesses.filter(({ column }) => column === "portState");
  return or(
    ...ports.map(({ index }) =>
      and(
        equal(domainIn("port", index), caller),
        is(before.read("portState", index), EVTCHNSTAT_interdomain),
        equal(narrow(before.read("portPeerDomain", index)), domain),
      ),
    ),
  );
}

/** The condition under which a row may change, or nothing if the table is not a domain's. */
function permitted(column: Column, row: Term, before: State, after: State): Term | undefined {
  const caller = narrow(before.read("vcpuDomain", truncate(vcpuArgument, 8)));
  const table = column.table as TableName;
  if (ofDomains.has(table)) {
    const own = equal(domainIn(table, row), caller);
    return table === "port" ? or(own, names(before, row, caller)) : own;
  }
  if (!ofVcpus.has(table)) return undefined;
  const owner = narrow(before.read("vcpuDomain", vcpuIn(table, row)));
  const own = equal(owner, caller);
  const woken = table === "vcpu" || table === "vcpuTime";
  return woken ? or(own, connected(before, after, caller, owner)) : own;
}

/** Rows of others stay as they are, column by column. */
export function integrityClaims(before: State, after: State): Claim[] {
  const columns = [...before.space.columns.values()];
  return columns.flatMap((column) => {
    const { name, table } = column;
    if (after.contents(name) === before.contents(name) || textColumns.includes(name)) return [];
    const row = variable(`skolem.${table}`, indexWidth(column));
    const may = permitted(column, row, before, after);
    if (may === undefined) return [];
    const old = readCells(before.contents(name), row);
    const now = readCells(after.contents(name), row);
    const conclusion = or(equal(old, now), may);
    const vcpu = { table: "vcpu", index: zeroExtend(truncate(vcpuArgument, 8), 8) };
    return [{ property: `others keep ${name}`, conclusion, rows: [{ table, index: row }, vcpu] }];
  });
}
