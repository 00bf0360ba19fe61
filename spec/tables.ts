// The abstract state: every table of layout.ts with its keys. A row is named by its keys; the
// meaning of a column stands in tcb/core/layout.ts. A test holds this list against layout.ts.

import * as limit from "../tcb/core/limits.ts";

/**
 * What a column is to the specification:
 * `state` is described by every operation; `derived` is a function of other columns, which the
 * invariants say exactly (bitmaps of what is free), and no operation mentions it; `text` is what
 * people will read on the console, whose wording is described for tests but not proved; `scratch`
 * is written before it is read within one step and means nothing between two.
 */
export type Role = "state" | "derived" | "text" | "scratch";

export interface Table<Name extends string = string> {
  /** The number of values of each key, the most significant first. */
  readonly keys: readonly number[];
  readonly columns: readonly Name[];
  readonly role: Role;
}

const table = <Name extends string>(keys: readonly number[], ...columns: Name[]): Table<Name> => ({
  keys,
  columns,
  role: "state",
});
const derived = <Name extends string>(of: Table<Name>): Table<Name> => ({ ...of, role: "derived" });
const text = <Name extends string>(of: Table<Name>): Table<Name> => ({ ...of, role: "text" });
const scratch = <Name extends string>(of: Table<Name>): Table<Name> => ({ ...of, role: "scratch" });

const segment = <Name extends string>(name: Name) =>
  [`${name}Selector`, `${name}Attributes`, `${name}Limit`, `${name}Base`] as const;

export const tables = {
  boot: table(
    [1],
    "packAddress",
    "packBytes",
    "tscKilohertz",
    "wallSeconds",
    "ranges",
    "command",
    "commands",
    "range",
    "superframe",
    "finished",
  ),
  range: table([limit.MEMORY_RANGES], "address", "bytes"),
  cpu: table([limit.CPUS], "stateOwner", "current", "enteredAt", "sliceEnd", "flush", "reschedule"),
  clock: table([1], "multiplier", "shift", "ticksPerNanosecond", "bootTicks", "armed"),

  domain: table(
    [limit.DOMAINS],
    "state",
    "reason",
    "label",
    "selfLabel",
    "vcpus",
    "online",
    "weight",
    "xsave",
    "background",
    "frames",
    "framesLimit",
    "sharedInfo",
    "callbackVector",
    "consolePort",
    "consoleFrame",
    "grantFrames",
    "tables",
    "teardownStage",
    "teardownRow",
    "denials",
    "lineLength",
    "resetWord",
  ),
  region: table([limit.DOMAINS, limit.REGIONS], "address", "bytes", "type"),
  /** vCPU number of a domain -> row of the vcpu table, plus one. */
  domainVcpu: table([limit.DOMAINS, limit.VCPUS_PER_DOMAIN], "row"),
  domainName: table([limit.DOMAINS, limit.DOMAIN_NAME_BYTES], "byte"),
  domainParameter: table([limit.DOMAINS, limit.HVM_PARAMETERS], "value"),
  domainExit: table([limit.DOMAINS, limit.EXIT_KINDS], "count"),
  domainLine: text(table([limit.DOMAINS, limit.LINE_BYTES], "byte")),
  domainFree: derived(table([limit.DOMAINS, limit.SUPERFRAME_WORDS], "word")),
  domainFreeSummary: derived(table([limit.DOMAINS, limit.SUPERFRAME_SUMMARIES], "word")),
  domainFreeTop: derived(table([limit.DOMAINS], "word")),

  vcpu: table(
    [limit.VCPUS],
    "domain",
    "id",
    "state",
    "info",
    "infoRegistered",
    "runstateArea",
    "timeArea",
    "runstate",
    "runstateSince",
    "deadline",
    "period",
    "periodicNext",
    "pollPort",
    "polling",
    "pollDeadline",
    "nmi",
    "attention",
    "awaitsStartup",
  ),
  /** Time that a vCPU spent in each runstate. */
  vcpuTime: table([limit.VCPUS, 4], "spent"),
  vcpuVirq: table([limit.VCPUS, 32], "port"),
  apic: table([limit.VCPUS, limit.APIC_REGISTERS], "register"),
  apicRequest: table([limit.VCPUS, 4], "word"),
  apicService: table([limit.VCPUS, 4], "word"),
  /** vCPUs in the choice, a bit for each row. */
  runnable: table([limit.RUNNABLE_WORDS], "word"),
  timerGroup: table([limit.TIMER_GROUPS], "deadline"),
  timers: table([1], "deadline", "group"),
  slot: table([limit.SCHEDULE_SLOTS], "domain", "nanoseconds"),
  schedule: table([1], "kind", "slots", "slot", "slotEnd", "last", "sliceNanoseconds"),

  vmcb: table(
    [limit.VCPUS],
    "interceptCr",
    "interceptDr",
    "interceptException",
    "intercept1",
    "intercept2",
    "iopmAddress",
    "msrpmAddress",
    "tscOffset",
    "asid",
    "tlbControl",
    "interruptControl",
    "interruptState",
    "exitCode",
    "exitInfo1",
    "exitInfo2",
    "exitInterrupt",
    "nestedControl",
    "eventInjection",
    "nestedCr3",
    ...segment("es"),
    ...segment("cs"),
    ...segment("ss"),
    ...segment("ds"),
    ...segment("fs"),
    ...segment("gs"),
    ...segment("gdtr"),
    ...segment("ldtr"),
    ...segment("idtr"),
    ...segment("tr"),
    "cpl",
    "efer",
    "cr4",
    "cr3",
    "cr0",
    "dr7",
    "dr6",
    "rflags",
    "rip",
    "rsp",
    "rax",
    "cr2",
    "pat",
  ),
  gpr: table([limit.VCPUS, 16], "value"),
  state: table([limit.VCPUS, 128], "word"),
  iopm: table([limit.DOMAINS, limit.PORT_MAP_WORDS], "word"),
  msrpm: table([1024], "word"),

  super: table(
    [limit.SUPERFRAMES],
    "owner",
    "whole",
    "references",
    "uses",
    "freeSummary",
    "scrubbed",
  ),
  superFree: table([limit.SUPERFRAMES, 8], "word"),
  frame: table([limit.FRAMES], "kind", "references"),
  /** Superframes that nobody owns, a bit for each. */
  pool: table([limit.SUPERFRAME_WORDS], "word"),
  poolSummary: derived(table([limit.SUPERFRAME_SUMMARIES], "word")),
  poolTop: derived(table([1], "word")),

  nestedRoot: table([limit.DOMAINS, 512], "entry"),
  nestedPointer: table([limit.DOMAINS, 512], "entry"),
  directory: table([limit.DOMAINS, limit.DIRECTORY_ENTRIES], "entry"),
  leaf: table([limit.DOMAINS, limit.TABLES_PER_DOMAIN, 512], "entry"),
  tableOwner: table([limit.DOMAINS, limit.TABLES_PER_DOMAIN], "directory"),

  port: table(
    [limit.DOMAINS, limit.PORTS],
    "state",
    "peerDomain",
    "peerPort",
    "vcpu",
    "virq",
    "label",
  ),
  portUsed: derived(table([limit.DOMAINS, 64], "word")),
  portFull: derived(table([limit.DOMAINS], "word")),

  grantFrame: table([limit.DOMAINS, limit.GRANT_FRAMES], "frame"),
  grant: table([limit.DOMAINS, limit.GRANTS], "frame", "readers", "writers"),
  handle: table([limit.DOMAINS, limit.HANDLES], "domain", "writable", "reference", "gfn"),
  handleUsed: table([limit.DOMAINS, 16], "word"),
  handleFull: table([limit.DOMAINS], "word"),

  policy: table([1], "loaded", "labels", "sequence"),
  /** Source label, target label, class. */
  policyCell: table([limit.LABELS, limit.LABELS, limit.CLASSES], "allowed", "denied", "seen"),
  policyInitial: table([16], "label"),
  policySelf: table([limit.LABELS], "label"),
  policyChannel: table([limit.LABELS, limit.LABELS], "label"),
  /** A policy that is being loaded. */
  stage: table([1], "source", "bytes", "copied", "checked"),
  staged: table([limit.POLICY_BYTES], "byte"),
  policyName: table([limit.LABELS, limit.LABEL_NAME_BYTES], "byte"),
  denial: table([limit.DENIALS], "source", "target", "class", "permission"),
  denialRing: table([1], "next"),

  cpuidRow: table([limit.CPUID_ROWS], "eax", "ebx", "ecx", "edx"),

  argument: scratch(table([1], "first", "second", "boundary")),
  command: table([1], "operation", "domain", "a", "b", "c", "d", "e", "f", "g"),
  /** What is left of a call that is resumed. */
  call: table([1], "first", "second", "third", "short"),
  scratch: scratch(table([4096], "byte")),
} as const;

/** Columns whose role is not their table's. */
export const textColumns: readonly string[] = ["domainLineLength"];

export type TableName = keyof typeof tables;
export type ColumnName<T extends TableName> = (typeof tables)[T]["columns"][number];
