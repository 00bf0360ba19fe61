// The core's whole state: every table, once. The core (through the generated columns.ts), the
// specification, the proofs, the fuzzer and the audit read this file.
//
// A table is a set of columns with the same number of rows. Each column lies on its own (structure
// of arrays), except in `record` tables, whose rows are laid out by somebody else's manual (a
// VMCB). Red zones stand between columns: a byte of them is never read or written.

import * as limit from "./limits.ts";

/** Who writes a column: the core alone; the CPU at VM exit (and the core); the machine layer before
 *  boot. Memory shared with a guest is never a column: it is reached through machine.* imports. */
export type Writer = "core" | "cpu" | "machine";
export type Width = 1 | 2 | 4 | 8;

export interface Column {
  readonly table: string;
  /** Unique: table name and field name, as in `portState`. */
  readonly name: string;
  /** Linear offset of row 0. */
  readonly base: number;
  readonly stride: number;
  readonly width: Width;
  readonly rows: number;
  readonly writer: Writer;
}

type Field = { readonly width: Width; readonly writer: Writer; readonly offset: number };
const field =
  (width: Width) =>
  (writer: Writer = "core", offset = 0): Field => ({ width, writer, offset });
const u8 = field(1);
const u16 = field(2);
const u32 = field(4);
const u64 = field(8);
/** Fields of a record, at the offset that the manual gives. */
const at = (width: Width, offset: number, writer: Writer = "cpu"): Field => ({
  width,
  writer,
  offset,
});

const RED_ZONE_BYTES = 64;
/** Below lie a page that nobody uses, so that a null address reads no column, and the constants
 *  that AssemblyScript places (tables, texts), from 4096 on. */
const FIRST_COLUMN = 65536;

const list: Column[] = [];
let next = FIRST_COLUMN;

function place(bytes: number, align: number): number {
  const base = Math.ceil(next / align) * align;
  next = base + bytes + RED_ZONE_BYTES;
  return base;
}

const capital = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

function table(name: string, rows: number, fields: Record<string, Field>, align = 64): void {
  for (const [key, { width, writer }] of Object.entries(fields)) {
    const base = place(rows * width, align);
    list.push({ table: name, name: name + capital(key), base, stride: width, width, rows, writer });
  }
}

function record(name: string, rows: number, stride: number, fields: Record<string, Field>): void {
  const start = place(rows * stride, stride);
  for (const [key, { width, writer, offset }] of Object.entries(fields)) {
    const column = { table: name, name: name + capital(key), base: start + offset };
    list.push({ ...column, stride, width, rows, writer });
  }
}

// ---- what the machine layer found, written before boot ------------------------------------------

table("boot", 1, {
  packAddress: u64("machine"),
  packBytes: u64("machine"),
  tscKilohertz: u64("machine"),
  /** Seconds since 1970 when the machine started. */
  wallSeconds: u64("machine"),
  ranges: u32("machine"),
  /** Next command of the boot pack. */
  command: u32(),
  commands: u32(),
  /** Range of usable memory whose superframes join the pool, and the first that has not. */
  range: u32(),
  superframe: u32(),
  /** 0: nothing is done; 1: memory joins the pool; 2: the policy is loaded; 3: commands are carried
   *  out; 4: the pack's memory joins the pool. */
  finished: u8(),
});
table("range", limit.MEMORY_RANGES, { address: u64("machine"), bytes: u64("machine") });

// ---- physical CPUs and the clock ----------------------------------------------------------------

table("cpu", limit.CPUS, {
  /** vCPU row whose extended state is in the CPU, plus one. */
  stateOwner: u32(),
  /** vCPU row that was chosen last, plus one; 0 while idle. */
  current: u32(),
  /** System time (ns) when the current vCPU was entered, and when its slice ends. */
  enteredAt: u64(),
  sliceEnd: u64(),
  /** The CPU must forget every translation before it enters a guest. */
  flush: u8(),
  /** A better choice may exist than to go on with the current vCPU. */
  reschedule: u8(),
});
table("clock", 1, {
  /** Nanoseconds = ticks scaled by multiplier / 2^32 after the shift (pvclock). */
  multiplier: u32(),
  shift: u8(),
  /** 32.32 fixed point: the inverse of the multiplier. */
  ticksPerNanosecond: u64(),
  bootTicks: u64(),
  /** Time-stamp for which the machine's timer is armed: the least of all deadlines and the slice's
   *  end. 0: they must be looked at again; all ones: there is none. */
  armed: u64(),
});

// ---- domains ------------------------------------------------------------------------------------

table("domain", limit.DOMAINS, {
  state: u8(),
  reason: u8(),
  label: u8(),
  /** Label that stands as target when the domain acts on itself. */
  selfLabel: u8(),
  vcpus: u8(),
  /** vCPUs that are not halted for ever. */
  online: u8(),
  weight: u16(),
  /** 1: its vCPUs are told of XSAVE and AVX. */
  xsave: u8(),
  /** 1: a service, for whose sake alone the machine does not stay on. */
  background: u8(),
  /** Memory, in frames: in use, and the most that it may use. */
  frames: u32(),
  framesLimit: u32(),
  /** Machine frame of shared_info, plus one. */
  sharedInfo: u32(),
  callbackVector: u8(),
  consolePort: u16(),
  /** Machine frame of the console ring, plus one. */
  consoleFrame: u32(),
  grantFrames: u8(),
  /** Bitmaps of used last-level tables. */
  tables: u64(),
  /** Next word of ports of a reset that is under way. */
  resetWord: u8(),
  /** How far a teardown has come: the stage, and the row within it. */
  teardownStage: u8(),
  teardownRow: u32(),
  denials: u64(),
  lineLength: u16(),
});
/** The memory map that the domain was told: { address, bytes, type } (XENMEM_memory_map). */
table("region", limit.DOMAINS * limit.REGIONS, { address: u64(), bytes: u64(), type: u32() });
table("domainVcpu", limit.DOMAINS * limit.VCPUS_PER_DOMAIN, { row: u16() });
table("domainName", limit.DOMAINS * limit.DOMAIN_NAME_BYTES, { byte: u8() });
table("domainParameter", limit.DOMAINS * limit.HVM_PARAMETERS, { value: u64() });
table("domainExit", limit.DOMAINS * limit.EXIT_KINDS, { count: u64() });
table("domainLine", limit.DOMAINS * limit.LINE_BYTES, { byte: u8() });
/** Which superframes of a domain's reservation have free frames: 128 words, and two summaries. */
table("domainFree", limit.DOMAINS * limit.SUPERFRAME_WORDS, { word: u64() });
table("domainFreeSummary", limit.DOMAINS * limit.SUPERFRAME_SUMMARIES, { word: u64() });
table("domainFreeTop", limit.DOMAINS, { word: u64() });

// ---- vCPUs --------------------------------------------------------------------------------------

table("vcpu", limit.VCPUS, {
  domain: u8(),
  id: u8(),
  state: u8(),
  /** Machine address of its vcpu_info. */
  info: u64(),
  infoRegistered: u8(),
  /** Guest-physical address plus one of the registered areas; 0 none. */
  runstateArea: u64(),
  timeArea: u64(),
  runstate: u8(),
  runstateSince: u64(),
  /** System time in ns; 0 not armed. */
  deadline: u64(),
  period: u64(),
  periodicNext: u64(),
  pollPort: u16(),
  polling: u8(),
  /** Deadline of SCHEDOP_poll. */
  pollDeadline: u64(),
  nmi: u8(),
  /** There may be an NMI or an APIC interrupt to deliver. */
  attention: u8(),
  /** An INIT was received, a STARTUP may start it. */
  awaitsStartup: u8(),
});
table("vcpuTime", limit.VCPUS * 4, { spent: u64() });
table("vcpuVirq", limit.VCPUS * 32, { port: u16() });
table("apic", limit.VCPUS * limit.APIC_REGISTERS, { register: u32() });
table("apicRequest", limit.VCPUS * 4, { word: u64() });
table("apicService", limit.VCPUS * 4, { word: u64() });
table("runnable", limit.RUNNABLE_WORDS, { word: u64() });
table("timerGroup", limit.TIMER_GROUPS, { deadline: u64() });
/** The least of the groups' deadlines (0: none is armed), and its group. */
table("timers", 1, { deadline: u64(), group: u8() });
table("slot", limit.SCHEDULE_SLOTS, { domain: u8(), nanoseconds: u64() });
table("schedule", 1, {
  kind: u8(),
  slots: u8(),
  slot: u8(),
  slotEnd: u64(),
  /** vCPU row chosen last. */
  last: u16(),
  sliceNanoseconds: u64(),
});

// AMD64 Architecture Programmer's Manual, volume 2, appendix B.
record("vmcb", limit.VCPUS, 4096, {
  interceptCr: at(4, 0x000, "core"),
  interceptDr: at(4, 0x004, "core"),
  interceptException: at(4, 0x008, "core"),
  intercept1: at(4, 0x00c, "core"),
  intercept2: at(4, 0x010, "core"),
  iopmAddress: at(8, 0x040, "core"),
  msrpmAddress: at(8, 0x048, "core"),
  tscOffset: at(8, 0x050, "core"),
  asid: at(4, 0x058, "core"),
  tlbControl: at(1, 0x05c, "core"),
  interruptControl: at(8, 0x060),
  interruptState: at(8, 0x068),
  exitCode: at(8, 0x070),
  exitInfo1: at(8, 0x078),
  exitInfo2: at(8, 0x080),
  exitInterrupt: at(8, 0x088),
  nestedControl: at(8, 0x090, "core"),
  eventInjection: at(8, 0x0a8),
  nestedCr3: at(8, 0x0b0, "core"),
  ...segments(),
  cpl: at(1, 0x4cb),
  efer: at(8, 0x4d0),
  cr4: at(8, 0x548),
  cr3: at(8, 0x550),
  cr0: at(8, 0x558),
  dr7: at(8, 0x560),
  dr6: at(8, 0x568),
  rflags: at(8, 0x570),
  rip: at(8, 0x578),
  rsp: at(8, 0x5d8),
  rax: at(8, 0x5f8),
  cr2: at(8, 0x640),
  pat: at(8, 0x668),
});

function segments(): Record<string, Field> {
  const names = ["es", "cs", "ss", "ds", "fs", "gs", "gdtr", "ldtr", "idtr", "tr"];
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const offset = 0x400 + index * 16;
      return [
        [`${name}Selector`, at(2, offset)],
        [`${name}Attributes`, at(2, offset + 2)],
        [`${name}Limit`, at(4, offset + 4)],
        [`${name}Base`, at(8, offset + 8)],
      ];
    }),
  );
}

/** General registers by the hardware's numbers; 0 (RAX) and 4 (RSP) live in the VMCB. */
table("gpr", limit.VCPUS * 16, { value: u64("cpu") });
/** Extended state (machine.switchState): XSAVE image 0-831, DR0-DR3, TSC_AUX, XCR0. */
table("state", limit.VCPUS * 128, { word: u64("cpu") }, 4096);
/** I/O permission maps, one a domain: 1,536 of 2,048 words; a clear bit is a port that the domain
 *  uses without an exit. */
table("iopm", limit.DOMAINS * limit.PORT_MAP_WORDS, { word: u64() }, 4096);
/** The MSR permission map, shared by all vCPUs; constant after boot. */
table("msrpm", 1024, { word: u64() }, 4096);

// ---- machine memory -----------------------------------------------------------------------------

table("super", limit.SUPERFRAMES, {
  /** Owner's domain number plus one; 0 free, 255 not for guests. */
  owner: u8(),
  /** 1 while the superframe is one extent of its owner's memory, 0 while frames are separate. */
  whole: u8(),
  /** 2 MiB leaves that map it. */
  references: u16(),
  /** Sum of the references of its 512 frames. */
  uses: u32(),
  /** Words of free bitmap that are not zero. */
  freeSummary: u8(),
  /** Parts (of SCRUB_PARTS) that are zero while the superframe is in the pool. */
  scrubbed: u8(),
});
/** Frames of a split superframe that are in nobody's use, in its owner's reservation. */
table("superFree", limit.SUPERFRAMES * 8, { word: u64() });
table("frame", limit.FRAMES, {
  kind: u8(),
  /** 4 KiB leaves that map it, in any domain, and registrations that pin it. */
  references: u16(),
});
/** Free superframes, words of that which are not zero, and words of the summary that are not. */
table("pool", limit.SUPERFRAME_WORDS, { word: u64() });
table("poolSummary", limit.SUPERFRAME_SUMMARIES, { word: u64() });
table("poolTop", 1, { word: u64() });

// ---- guest-physical maps (nested page tables) ---------------------------------------------------

table("nestedRoot", limit.DOMAINS * 512, { entry: u64() }, 4096);
table("nestedPointer", limit.DOMAINS * 512, { entry: u64() }, 4096);
table("directory", limit.DOMAINS * limit.DIRECTORY_ENTRIES, { entry: u64() }, 4096);
table("leaf", limit.DOMAINS * limit.TABLES_PER_DOMAIN * 512, { entry: u64() }, 4096);
/** Directory index plus one that uses a last-level table; 0 free. */
table("tableOwner", limit.DOMAINS * limit.TABLES_PER_DOMAIN, { directory: u16() });

// ---- event channels -----------------------------------------------------------------------------

table("port", limit.DOMAINS * limit.PORTS, {
  state: u8(),
  /** The other end (interdomain), or who may bind (unbound). */
  peerDomain: u8(),
  peerPort: u16(),
  /** vCPU number (not row) that is notified. */
  vcpu: u8(),
  virq: u8(),
  label: u8(),
});
/** Ports in use, and words of it that are full. */
table("portUsed", limit.DOMAINS * 64, { word: u64() });
table("portFull", limit.DOMAINS, { word: u64() });

// ---- grants -------------------------------------------------------------------------------------

table("grantFrame", limit.DOMAINS * limit.GRANT_FRAMES, { frame: u32() });
table("grant", limit.DOMAINS * limit.GRANTS, {
  /** Machine frame that the entry named when it was pinned. */
  frame: u32(),
  readers: u16(),
  writers: u16(),
});
table("handle", limit.DOMAINS * limit.HANDLES, {
  /** Granting domain plus one; 0 free. */
  domain: u8(),
  writable: u8(),
  reference: u16(),
  gfn: u32(),
});
table("handleUsed", limit.DOMAINS * 16, { word: u64() });
table("handleFull", limit.DOMAINS, { word: u16() });

// ---- security policy ----------------------------------------------------------------------------

table("policy", 1, { loaded: u8(), labels: u8(), sequence: u32() });
table("policyCell", limit.LABELS * limit.LABELS * limit.CLASSES, {
  allowed: u32(),
  /** Refusals, and the permissions of which one was printed. */
  denied: u32(),
  seen: u32(),
});
table("policyInitial", 16, { label: u32() });
table("policySelf", limit.LABELS, { label: u8() });
table("policyChannel", limit.LABELS * limit.LABELS, { label: u8() });
/** A policy that is being loaded: where it comes from, its bytes (0: none is), the bytes that were
 *  copied and the labels that were checked; and the copy. */
table("stage", 1, { source: u64(), bytes: u32(), copied: u32(), checked: u32() });
table("staged", limit.POLICY_BYTES, { byte: u8() }, 4096);
table("policyName", limit.LABELS * limit.LABEL_NAME_BYTES, { byte: u8() });
table("denial", limit.DENIALS, { source: u8(), target: u8(), class: u8(), permission: u8() });
table("denialRing", 1, { next: u32() });

// ---- what a guest may know of the CPU -----------------------------------------------------------

table("cpuidRow", limit.CPUID_ROWS, { eax: u32(), ebx: u32(), ecx: u32(), edx: u32() });

// ---- buffers ------------------------------------------------------------------------------------

/** The argument structure of the hypercall that is being carried out: machine addresses of its
 *  first byte and of what lies on the second page, and how many bytes lie on the first. */
table("argument", 1, { first: u64(), second: u64(), boundary: u32() });
/** The privileged operation that is being carried out, copied from the boot pack or its caller. */
table("command", 1, {
  operation: u32(),
  domain: u32(),
  a: u64(),
  b: u64(),
  c: u64(),
  d: u64(),
  e: u64(),
  f: u64(),
  g: u64(),
});
/** Arguments of the hypercall that is being carried out; a resumed call leaves its progress
 *  here, and whether its next step may follow at once: the machine layer reads and clears that. */
table("call", 1, { first: u64(), second: u64(), third: u64(), short: u32() });
/** One frame of scratch: bytes on their way to the console. */
table("scratch", 4096, { byte: u8() }, 4096);

export const columns: readonly Column[] = list;
/** Bytes of linear memory, in whole superframes. */
export const linearBytes: number = Math.ceil(next / 0x200000) * 0x200000;
