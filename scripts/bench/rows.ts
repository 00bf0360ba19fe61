// The rows of the table: what each is measured by, and what its ratio means.

import type { WorkloadName } from "./workloads.ts";

/** Where a row's figures come from. */
export type Source =
  /** The figure that guests of a workload print, divided. */
  | { readonly workload: WorkloadName; readonly figure: string; readonly divisor?: number }
  | { readonly kind: "boot" | "wall" | "image" | "text" | "memory" | "core" | "machine" };

export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly source: Source;
  /** Letters of the notes that belong beside its ratio. */
  readonly notes: string;
}

/** What the letters stand for. Every ratio has at least one. */
export const notes: ReadonlyMap<string, string> = new Map([
  [
    "a",
    "Instructions executed by QEMU's TCG (-icount), the guest's own few included: not cycles on " +
      "silicon. Least of 64 batches of 32 calls, an empty loop subtracted. Xenolith with 16 " +
      "domains, Xen with one beside its Dom0.",
  ],
  [
    "b",
    "Debian builds Xen without XSM: it checks no policy; Xenolith looks each call up in its " +
      "policy table. Xen also keeps virtual timers, an emulated APIC and platform devices for " +
      "each guest, takes locks for many CPUs, and carries defences against speculation.",
  ],
  [
    "c",
    "QEMU 7.2 does not report the next instruction: Xen decodes the one that trapped, and walks " +
      "the guest's page tables to fetch it (a guest without paging, rows *_32, spares it the " +
      "walk). Xenolith takes the length from the manual. Hardware reports it: Xen is spared both.",
  ],
  [
    "d",
    "Median of 64 batches, because the neighbour must be there: one yield is two switches. Xen's " +
      "credit2 weighs credits, caps and affinity; Xenolith is weighted round robin on one CPU.",
  ],
  [
    "e",
    "Half a yield with a neighbour, both using SSE: a switch saves and loads that state as well.",
  ],
  [
    "f",
    "Map and unmap of one page of another domain, one operation a call. Xen's path also serves " +
      "grants of version 2, of parts of pages, and devices behind an IOMMU.",
  ],
  [
    "g",
    "From power-on. Xenolith: until the second of two guests; Xen: until the first, after it " +
      "booted a Dom0 (cut down to xl and its daemons) that builds guests at run time. Xenolith's " +
      "guests are laid out when its image is built. Xen's guest reads the TSC untrapped " +
      "(tsc_mode native).",
  ],
  ["h", "Virtual time, idle included; under -icount a `rep` counts once an element."],
  ["i", "Wall time on this machine, median of interleaved runs: varies with its load."],
  [
    "j",
    "Xen's image serves PV, HVM and many machines; beside it a Dom0 kernel and tools are needed " +
      "before any guest runs. Xenolith runs PVH guests alone.",
  ],
  [
    "k",
    "Xenolith: its whole image with all tables, sized for 16 GiB. Xen: what xl info has neither " +
      "free nor as Dom0's on this machine of 2 GiB, in MiB steps. No Dom0 memory is counted.",
  ],
  ["l", "cloc `code` lines."],
  ["m", "To a port that is pending already, as nobody takes the events."],
  ["n", "To a port of a vCPU with nothing pending: cleared before each call by the guest."],
]);

const trap = (figure: string, more = ""): Row => ({
  name: figure,
  unit: "instructions",
  source: { workload: "alone", figure },
  notes: `abc${more}`,
});

const trap32 = (figure: string, more = ""): Row => ({
  name: `${figure}_32`,
  unit: "instructions",
  source: { workload: "alone32", figure },
  notes: `abc${more}`,
});

/** Every row, in the order of the table. */
export const rows: readonly Row[] = [
  trap("hypercall_null"),
  trap("hypercall_unknown"),
  trap("cpuid_exit"),
  trap("event_send", "m"),
  trap("event_send_fresh", "n"),
  trap("event_alloc_close"),
  trap("yield_alone"),
  trap32("hypercall_null"),
  trap32("cpuid_exit"),
  trap32("event_send", "m"),
  {
    name: "yield_two",
    unit: "instructions",
    source: { workload: "two", figure: "yield_two" },
    notes: "abcd",
  },
  {
    name: "vcpu_switch",
    unit: "instructions",
    source: { workload: "two_sse", figure: "yield_two_sse", divisor: 2 },
    notes: "abcde",
  },
  {
    name: "grant_map_unmap",
    unit: "instructions",
    source: { workload: "grant", figure: "grant_map_unmap" },
    notes: "abcf",
  },
  { name: "boot_to_userspace", unit: "virtual ns", source: { kind: "boot" }, notes: "gh" },
  { name: "boot_wall", unit: "ms", source: { kind: "wall" }, notes: "gi" },
  { name: "image_bytes", unit: "bytes", source: { kind: "image" }, notes: "j" },
  { name: "native_text_bytes", unit: "bytes", source: { kind: "text" }, notes: "j" },
  { name: "hypervisor_memory_bytes", unit: "bytes", source: { kind: "memory" }, notes: "k" },
  { name: "core_code_lines", unit: "lines", source: { kind: "core" }, notes: "l" },
  { name: "machine_code_lines", unit: "lines", source: { kind: "machine" }, notes: "l" },
];

/** The workloads that rows are measured by. */
export function workloadsFor(wanted: readonly Row[]): Set<WorkloadName> {
  const names = wanted.map(({ source }): WorkloadName | undefined => {
    if ("workload" in source) return source.workload;
    return source.kind === "boot" ? "boot" : undefined;
  });
  return new Set(names.filter((name) => name !== undefined));
}
