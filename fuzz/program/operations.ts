// The operations of programs: every call of the interface by its name, with the layout of what it
// reads from guest memory, and what else can happen to a guest. Layouts: xen/include/public; the
// control operations are tcb/core/control_op.ts.

import { type RoleName, roles } from "./roles.ts";

export interface Field {
  readonly name: string;
  readonly role: RoleName;
  /** Offset and bytes in the structure of a 32-bit caller, and of a 64-bit one. */
  readonly at: number;
  readonly bytes: number;
  readonly longAt: number;
  readonly longBytes: number;
}

/** A register of a call: a constant, the structure's address, or an argument (by its index). */
export type Register =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "structure" }
  | { readonly kind: "argument"; readonly index: number };

export interface Operation {
  readonly name: string;
  readonly kind: "call" | "exit" | "turn" | "poke" | "offer" | "race";
  /** Hypercall number, or exit code. */
  readonly number: number;
  readonly registers: readonly Register[];
  /** Does a register hold the structure's address? */
  readonly hasStructure: boolean;
  /** Is it long by nature: a reset of all ports, a destruction, memory that is zeroed first? */
  readonly isLong: boolean;
  readonly parameters: readonly { readonly name: string; readonly role: RoleName }[];
  /** Where in `parameters` the structure's fields begin; its place is the one before. */
  readonly firstField: number;
  readonly fields: readonly Field[];
  /** Constants in the structure: offset and value. */
  readonly constants: readonly (readonly [number, number])[];
  /** A list behind the structure whose address the last field but one holds. */
  readonly list: "none" | "narrow" | "wide";
  readonly elementBytes: number;
  readonly reply: { readonly role: RoleName; readonly at: number } | undefined;
}

const LONG_CALLS: ReadonlySet<string> = new Set([
  "control_create",
  "evtchn_reset",
  "control_destroy",
  "control_populate_superframe",
  "control_reserve",
  "control_load_policy",
]);

/** Offset of a list from its structure. */
export const LIST_OFFSET = 0x100;

/** `name:role@offset.bytes`, and for 64-bit callers `/offset.bytes`. */
function field(text: string): Field {
  const match = /^(\w+):(\w+)@(\d+)\.(\d)(?:\/(\d+)\.(\d))?$/.exec(text);
  if (match === null || !(match[2]! in roles)) throw new Error(`not a field: ${text}`);
  const [, name, role, at, bytes, longAt, longBytes] = match;
  return {
    name: name!,
    role: role as RoleName,
    at: Number(at),
    bytes: Number(bytes),
    longAt: Number(longAt ?? at),
    longBytes: Number(longBytes ?? bytes),
  };
}

interface Shape {
  readonly structure?: string;
  readonly reply?: readonly [RoleName, number];
  readonly constants?: readonly (readonly [number, number])[];
  readonly list?: "narrow" | "wide";
  /** Bytes of an element, for calls that take several. */
  readonly elementBytes?: number;
  readonly kind?: Operation["kind"];
}

/** Registers: a number, `&` for the structure's address, or `name:role`. */
function operation(
  name: string,
  number: number,
  registers: readonly (number | string)[],
  shape: Shape = {},
): Operation {
  const parameters: { name: string; role: RoleName }[] = [];
  const made = registers.map((register): Register => {
    if (typeof register === "number") return { kind: "constant", value: register };
    if (register === "&") return { kind: "structure" };
    const [argument, role] = register.split(":");
    parameters.push({ name: argument!, role: role as RoleName });
    return { kind: "argument", index: parameters.length - 1 };
  });
  const fields = (shape.structure ?? "")
    .split(" ")
    .filter((text) => text !== "")
    .map(field);
  if (registers.includes("&")) parameters.push({ name: "at", role: "where" });
  const firstField = parameters.length;
  parameters.push(...fields.map(({ name: of, role }) => ({ name: of, role })));
  return {
    name,
    kind: shape.kind ?? "call",
    number,
    registers: made,
    hasStructure: registers.includes("&"),
    isLong: LONG_CALLS.has(name),
    parameters,
    firstField,
    fields,
    constants: shape.constants ?? [],
    list: shape.list ?? "none",
    elementBytes: shape.elementBytes ?? 0,
    reply: shape.reply && { role: shape.reply[0], at: shape.reply[1] },
  };
}

const eventChannel = (name: string, sub: number, structure: string, reply?: [RoleName, number]) =>
  operation(`evtchn_${name}`, 32, [sub, "&"], { structure, ...(reply && { reply }) });
const vcpu = (name: string, sub: number, structure: string) =>
  operation(`vcpu_${name}`, 24, [sub, "id:vcpuId", "&"], { structure });
const memory = (name: string, sub: number, structure: string, list?: "wide") =>
  operation(`memory_${name}`, 12, [sub, "&"], { structure, ...(list && { list }) });
const control = (name: string, sub: number, structure: string) =>
  operation(`control_${name}`, 60, ["&"], { structure, constants: [[0, sub]] });
const exit = (name: string, code: number, parameters: readonly string[]) =>
  operation(`exit_${name}`, code, parameters, { kind: "exit" });

const RESERVATION =
  "list:gfn@0.4/0.8 extents:count@4.4/8.8 order:order@8.4/16.4 flags:order@12.4/20.4 " +
  "domain:domain@16.2/24.2";
const target = "domain:newDomain@4.4";

export const operations: readonly Operation[] = [
  eventChannel("alloc_unbound", 6, "domain:domain@0.2 remote:domain@2.2", ["port", 4]),
  eventChannel("bind_interdomain", 0, "remote:domain@0.2 port:port@4.4", ["port", 8]),
  eventChannel("bind_virq", 1, "virq:virq@0.4 vcpu:vcpuId@4.4", ["port", 8]),
  eventChannel("bind_ipi", 7, "vcpu:vcpuId@0.4", ["port", 4]),
  eventChannel("close", 3, "port:port@0.4"),
  eventChannel("send", 4, "port:port@0.4"),
  eventChannel("status", 5, "domain:domain@0.2 port:port@4.4"),
  eventChannel("bind_vcpu", 8, "port:port@0.4 vcpu:vcpuId@4.4"),
  eventChannel("unmask", 9, "port:port@0.4"),
  eventChannel("reset", 10, "domain:domain@0.2"),
  operation("evtchn_other", 32, ["operation:subOperation", "&"], { structure: "port:port@0.4" }),
  operation("sched_yield", 29, [0, 0]),
  operation("sched_block", 29, [1, 0]),
  operation("sched_shutdown", 29, [2, "&"], { structure: "reason:reason@0.4" }),
  operation("sched_poll", 29, [3, "&"], {
    structure: "ports:port@0.8 count:pollCount@8.4 deadline:time@16.8",
    list: "narrow",
  }),
  operation("sched_other", 29, ["operation:subOperation", "&"], { structure: "word:word@0.4" }),
  vcpu("is_up", 3, ""),
  vcpu("register_runstate", 5, "area:guestAddress@0.8"),
  vcpu("set_periodic", 6, "period:time@0.8"),
  vcpu("stop_periodic", 7, ""),
  vcpu("set_single", 8, "deadline:time@0.8 flags:timeFlags@8.4"),
  vcpu("stop_single", 9, ""),
  vcpu("register_info", 10, "gfn:gfn@0.8 offset:offset@8.4"),
  vcpu("register_time", 13, "area:guestAddress@0.8"),
  operation("vcpu_other", 24, ["operation:subOperation", "id:vcpuId", "&"], {
    structure: "word:word@0.8",
  }),
  operation("set_timer", 15, ["deadline:time"]),
  operation("xen_version", 17, ["operation:version", "&"], { structure: "word:word@0.4" }),
  operation("console_io", 18, ["operation:order", "count:bytes", "&"], {
    structure: "text:word@0.8 more:word@8.8",
  }),
  memory("decrease", 1, RESERVATION, "wide"),
  memory("current", 3, "domain:domain@0.2"),
  memory("maximum", 4, "domain:domain@0.2"),
  memory("populate", 6, RESERVATION, "wide"),
  memory("add", 7, "domain:domain@0.2 space:space@4.4 index:frameIndex@8.4/8.8 gfn:gfn@12.4/16.8"),
  memory("map", 9, "capacity:count@0.4 buffer:guestAddress@4.4/8.8"),
  memory("remove", 15, "domain:domain@0.2 gfn:gfn@4.4/8.8"),
  operation("memory_other", 12, ["operation:subOperation", "&"], { structure: "word:word@0.4" }),
  operation("hvm_set", 34, [0, "&"], {
    structure: "domain:domain@0.2 index:parameter@4.4 value:parameterValue@8.8",
  }),
  operation("hvm_get", 34, [1, "&"], { structure: "domain:domain@0.2 index:parameter@4.4" }),
  operation("hvm_other", 34, ["operation:subOperation", "&"], { structure: "word:word@0.4" }),
  operation("grant_map", 20, [0, "&", "count:count"], {
    structure: "page:page@0.8 flags:mapFlags@8.4 reference:reference@12.4 domain:domain@16.2",
    reply: ["handle", 20],
    elementBytes: 32,
  }),
  operation("grant_unmap", 20, [1, "&", "count:count"], {
    structure: "page:page@0.8 bus:word@8.8 handle:handle@16.4",
    elementBytes: 24,
  }),
  operation("grant_copy", 20, [5, "&", "count:count"], {
    structure:
      "source:reference@0.8 from:domain@8.2 from_offset:offset@10.2 target:reference@16.8 " +
      "to:domain@24.2 to_offset:offset@26.2 bytes:length@32.2 flags:copyFlags@34.2",
    elementBytes: 40,
  }),
  operation("grant_query", 20, [6, "&", 1], { structure: "domain:domain@0.2" }),
  operation("grant_set_version", 20, [8, "&", 1], { structure: "version:count@0.4" }),
  operation("grant_get_version", 20, [10, "&", 1], { structure: "domain:domain@0.2" }),
  operation("grant_other", 20, ["operation:subOperation", "&", "count:count"], {
    structure: "word:word@0.8 other:word@8.8",
  }),
  operation("physdev", 33, ["operation:subOperation", "&"], { structure: "word:word@0.4" }),
  operation("unknown", 0, ["number:hypercall", "a:word", "b:word"]),
  control(
    "create",
    1,
    `${target} label:label@8.8 vcpus:vcpus@16.8 frames:frames@24.8 \
weight:weight@32.8`,
  ),
  control("populate_superframe", 2, `${target} gfn:superGfn@8.8`),
  control("reserve", 3, target),
  control("populate", 4, `${target} gfn:gfn@8.8`),
  control("copy_in", 5, `${target} address:page@8.8 source:guestAddress@16.8 bytes:copyBytes@24.8`),
  control("parameter", 6, `${target} index:parameter@8.8 value:parameterValue@16.8`),
  control("console", 7, `${target} gfn:gfn@8.8`),
  control("context", 8, `${target} id:vcpuId@8.8 entry:guestAddress@16.8 info:guestAddress@24.8`),
  control("unpause", 9, target),
  control("schedule", 10, `${target} kind:schedule@8.8 slice:slice@16.8`),
  control("slot", 11, `${target} slot:slot@8.8 nanoseconds:slice@16.8`),
  control(
    "region",
    12,
    `${target} index:region@8.8 address:page@16.8 bytes:bytes@24.8 \
type:count@32.8`,
  ),
  control("pause", 13, target),
  control("resume", 14, target),
  control("destroy", 15, target),
  control("xsave", 16, target),
  control("load_policy", 17, "source:policy@16.8 bytes:policyBytes@24.8"),
  control("channel", 18, `${target} remote:peer@8.8 parameter:parameter@16.8`),
  control("grant", 19, `${target} reference:reference@8.8 gfn:gfn@16.8 remote:peer@24.8`),
  control("ports", 20, `${target} first:ioPort@8.8 last:ioPort@16.8`),
  control("background", 21, target),
  control("info", 22, target),
  control("vcpu_info", 23, `${target} id:vcpuId@8.8`),
  operation("control_other", 60, ["&"], { structure: `operation:subOperation@0.4 ${target}` }),
  exit("hlt", 0x78, ["flags:flags"]),
  exit("cpuid", 0x72, ["flags:flags", "rax:cpuidLeaf", "rcx:word"]),
  exit("rdmsr", 0x7c, ["flags:flags", "info1:timeFlags", "rcx:msr"]),
  exit("wrmsr", 0x7c, ["flags:flags", "info1:pollCount", "rcx:msr", "rax:msrValue", "rdx:word"]),
  exit("io", 0x7b, ["flags:flags", "info1:ioInfo", "rcx:bytes", "rsi:guestAddress", "rax:word"]),
  exit("interrupt", 0x60, ["flags:flags", "shadow:timeFlags"]),
  exit("window", 0x64, ["flags:flags", "shadow:timeFlags"]),
  exit("other", 0, ["flags:flags", "code:exitCode", "info1:word", "interrupted:interrupted"]),
  operation("turn", 0, ["ticks:ticks"], { kind: "turn" }),
  operation("poke", 0, ["cell:cell", "value:word"], { kind: "poke" }),
  operation("offer", 0, ["reference:reference", "flags:entryFlags", "domain:peer", "gfn:gfn"], {
    kind: "offer",
  }),
  operation("race", 0, ["event:eventIndex", "cell:cell", "value:word"], { kind: "race" }),
];

const byName = new Map(operations.map((one) => [one.name, one]));

/** The operation of that name, if there is one. */
export function operationNamed(name: string): Operation | undefined {
  return byName.get(name);
}
