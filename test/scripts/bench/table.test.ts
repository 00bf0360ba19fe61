// The table and its rows. Catches a ratio that stands without its explanation, and a name that
// others rely on and that is gone.

import { describe, expect, it } from "vitest";
import { notes, rows, workloadsFor } from "../../../scripts/bench/rows.ts";
import { tableText } from "../../../scripts/bench/table.ts";

const promised = [
  ...["hypercall_null", "cpuid_exit", "event_send", "event_alloc_close", "yield_alone"],
  ...["yield_two", "grant_map_unmap", "vcpu_switch", "boot_to_userspace", "image_bytes"],
  ...["native_text_bytes", "hypervisor_memory_bytes", "core_code_lines", "machine_code_lines"],
];
const row = (name: string) => rows.find((candidate) => candidate.name === name)!;

describe("rows", () => {
  it.each(promised)("have %s", (name) => {
    expect(row(name)).toBeDefined();
  });

  it.each(rows)("explain $name", ({ notes: letters }) => {
    expect(letters.length).toBeGreaterThan(0);
    for (const letter of letters) expect(notes.has(letter)).toBe(true);
  });

  it("name no workload for what is counted on files", () => {
    expect(workloadsFor([row("image_bytes"), row("core_code_lines")]).size).toBe(0);
    expect([...workloadsFor([row("vcpu_switch")])]).toEqual(["two_sse"]);
  });
});

describe("table", () => {
  it("has both figures, their ratio, and the notes that are used", () => {
    const wanted = [row("hypercall_null"), row("core_code_lines")];
    const figures = new Map([
      ["hypercall_null", { xenolith: 200, xen: 5000 }],
      ["core_code_lines", { xenolith: 4000, xen: null }],
    ]);
    const text = tableText(wanted, figures);
    expect(text).toMatch(/hypercall_null +instructions +200 +5,000 +25\.0 +abc\n/);
    expect(text).toMatch(/core_code_lines +lines +4,000 +- +- +l\n/);
    expect(text).toMatch(/^a {2}Instructions/m);
    expect(text).not.toMatch(/^j {2}/m);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });
});
