// What a domain may know: its own rows, and what is disclosed to it of others and of the machine.
// Each disclosure stands here in words and as a condition; whatever is not listed has no effect on
// what a step tells its caller (confidentiality.ts).

import type { TableName } from "../../spec/tables.ts";
import { and, equal, FALSE, not, or, type Term, TRUE } from "../term/index.ts";
import type { Column, State } from "../wasm/index.ts";
import { mayCopy, mayMap } from "./flows.ts";
import { domainIn, names, narrow, ofDomains, ofVcpus, ownerOf, vcpuIn } from "./ownership.ts";

/** Who looks. */
export interface View {
  readonly viewer: Term;
  /** Labels of domains that bytes might be copied to or from. */
  readonly labels: readonly Term[];
}

/** A row of a column that a domain might look at. */
export interface Look extends View {
  readonly state: State;
  readonly column: Column;
  readonly row: Term;
}

/** Rows that a domain may know besides its own. */
export interface Disclosure {
  readonly id: string;
  readonly says: string;
  readonly shows: (look: Look) => Term;
}

const toAll = (...names: readonly string[]) => {
  const all: ReadonlySet<string> = new Set(names);
  return ({ column }: Look): Term => (all.has(column.name) ? TRUE : FALSE);
};

/** Columns that say where a domain's granted frames lie. */
const whereFramesLie: ReadonlySet<string> = new Set([
  "domainGrantFrames",
  "grantFrameFrame",
  "directoryEntry",
  "leafEntry",
]);
/** How often a grant is mapped. */
const howOftenMapped: ReadonlySet<string> = new Set(["grantFrame", "grantReaders", "grantWriters"]);
/** Columns of machine memory: what a frame is, and how often it is mapped. */
const ofMemory: ReadonlySet<string> = new Set([
  "superOwner",
  "superWhole",
  "superReferences",
  "frameKind",
  "frameReferences",
]);

/** The row is about the memory of a domain of which the viewer may know that. */
function isAbout({ state, column, row }: Look, mayKnow: (domain: Term) => Term): Term {
  const { name, table } = column;
  if (ofMemory.has(name)) {
    const owner = ownerOf(column, row, state)!;
    return and(not(owner.isNobody), mayKnow(owner.domain));
  }
  const isGranters = whereFramesLie.has(name) || howOftenMapped.has(name);
  return isGranters ? mayKnow(domainIn(table as TableName, row)) : FALSE;
}

export const disclosures: readonly Disclosure[] = [
  {
    id: "SHOWN-POLICY",
    says: "the policy in force: what it permits, how it labels, and its sequence number",
    shows: toAll(
      "policyLoaded",
      "policyLabels",
      "policySequence",
      "policyCellAllowed",
      "policyInitialLabel",
      "policySelfLabel",
      "policyChannelLabel",
    ),
  },
  {
    id: "SHOWN-MACHINE",
    says: "the machine: its clock's rate and start, and the features of its CPUs",
    shows: toAll(
      "clockMultiplier",
      "clockShift",
      "clockTicksPerNanosecond",
      "clockBootTicks",
      "bootTscKilohertz",
      "bootWallSeconds",
      "cpuidRowEax",
      "cpuidRowEbx",
      "cpuidRowEcx",
      "cpuidRowEdx",
    ),
  },
  {
    id: "SHOWN-CURRENT",
    says: "that it is running",
    shows: toAll("cpuCurrent"),
  },
  {
    id: "SHOWN-DOMAIN",
    says: "domains: which there are, their states and labels",
    shows: toAll("domainState", "domainLabel", "domainSelfLabel"),
  },
  {
    id: "SHOWN-CHANNEL",
    says: "event channels: ends of others that name it (offers to it, other ends of its channels)",
    shows: ({ state, column, row, viewer }) =>
      column.table === "port" ? names(state, row, viewer) : FALSE,
  },
  {
    id: "SHOWN-GRANT",
    says:
      "grants: of a domain whose memory the policy lets it map, where frames lie, what they are, " +
      "and how often they are mapped",
    shows: (look) => isAbout(look, (granter) => mayMap(look.state, look.viewer, granter)),
  },
  {
    id: "SHOWN-COPY",
    says:
      "copies: the same of a domain from whose memory, or to it, the policy lets bytes be copied; " +
      "the entries of its grant table say by whom",
    shows: (look) =>
      isAbout(look, (domain) =>
        or(...look.labels.map((label) => mayCopy(look.state, domain, label))),
      ),
  },
];

/** The row is the viewer's own. */
function isOwn({ state, column, row, viewer }: Look): Term {
  const table = column.table as TableName;
  if (ofDomains.has(table)) return equal(domainIn(table, row), viewer);
  if (ofVcpus.has(table)) {
    return equal(narrow(state.read("vcpuDomain", vcpuIn(table, row))), viewer);
  }
  const owner = ownerOf(column, row, state);
  return owner === undefined ? FALSE : and(not(owner.isNobody), equal(owner.domain, viewer));
}

/** The viewer may know what the row holds. */
export const isShown = (look: Look): Term =>
  or(isOwn(look), ...disclosures.map(({ shows }) => shows(look)));

/** What a domain may know, in words, for reports. */
export const declaredDisclosures: readonly string[] = [
  ...disclosures.map(({ says }) => `a domain may know besides its own rows: ${says}`),
  "commands: who gives one is told what it says of the domain that it names; the policy has to let " +
    "it command that domain",
  "wake-ups: what is done in the memory of the domain that is woken is not compared; whatever it is, " +
    "the caller gets the same",
];
