// The counters of an instrumented core: catches a copy that computes something else, a counter that
// counts the wrong outcome, and a copy whose code is not the original's.

import { describe, expect, it } from "vitest";
import { align } from "../../../scripts/coverage/align.ts";
import { counterLayout, counterModule } from "../../../scripts/coverage/counters.ts";
import { type Branch, instrument, type Site } from "../../../scripts/coverage/instrument.ts";
import { binary, type Exports, instantiate, TEXT } from "./programs.ts";

interface Counter {
  readonly memory: { readonly buffer: ArrayBuffer };
}

/** The instrumented program, and what its counters say. */
async function counted(comparisons = false) {
  const original = await binary();
  const { wasm, counters, sites } = instrument(original, { edges: true, comparisons });
  const counter = instantiate<Counter>(counterModule(counters));
  const words = new Uint32Array(counter.memory.buffer);
  const run = instantiate<Exports>(wasm, { coverage: counter });
  return { plain: instantiate<Exports>(original), run, sites, words, counters };
}

function branches(sites: readonly Site[], name: string): Branch[] {
  const own = sites.filter((site): site is Branch => site.kind === "branch");
  return own.filter((site) => site.function === name).sort((a, b) => a.offset - b.offset);
}

const INPUTS = [0, 1, 2, 3, 5, 10, 11, 200];

describe("an instrumented core", () => {
  it("computes what the original computes", async () => {
    const { plain, run } = await counted(true);
    for (const name of ["if", "loop", "case", "select"]) {
      for (const input of INPUTS.filter((value) => name !== "loop" || value > 0)) {
        expect([name, input, run[name]!(input)]).toEqual([name, input, plain[name]!(input)]);
      }
    }
    expect(run.compare!(0n)).toBe(plain.compare!(0n));
  });

  it("counts both ways of if, br_if and select", async () => {
    const { run, sites, words } = await counted();
    for (const input of INPUTS) run.if!(input);
    for (const input of INPUTS) run.select!(input);
    run.loop!(5);
    const outcomes = (name: string) =>
      branches(sites, name).map(({ counters }) => counters.map((counter) => words[counter]));
    expect(outcomes("if")).toEqual([
      [6, 2],
      [5, 1],
    ]);
    expect(outcomes("select")).toEqual([[1, 7]]);
    expect(outcomes("loop")).toEqual([[1, 4]]);
  });

  it("counts each case of a br_table, the last for all that are beyond it", async () => {
    const { run, sites, words } = await counted();
    for (const input of INPUTS) run.case!(input);
    const [table] = branches(sites, "case");
    expect(table!.counters.map((counter) => words[counter])).toEqual([1, 1, 6]);
  });

  it("counts the code behind a return apart from the code before it", async () => {
    const { run, sites, words } = await counted();
    for (const input of [11, 12]) run.if!(input);
    const blocks = sites.filter((site) => site.kind === "block" && site.function === "if");
    const counts = blocks.map((site) => site.kind === "block" && words[site.counter]);
    expect(counts.filter((count) => count === 2)).toHaveLength(2);
    expect(counts.filter((count) => count !== 2 && count !== 0)).toEqual([]);
  });

  it("tells the operands of a comparison", async () => {
    const { run, sites, words, counters } = await counted(true);
    run.compare!(0x1122334455667700n);
    const site = sites.find(
      (one) => one.kind === "comparison" && one.function === "compare" && one.opcode === "i64.eq",
    );
    const counter = site?.kind === "comparison" ? site.counter : -1;
    const at = counterLayout(counters).operands / 4 + counter * 4;
    const seen = [...words.subarray(at, at + 4)];
    expect(seen).toEqual([0x55667700, 0x11223344, 0x55667788, 0x11223344]);
  });

  it("has every instruction of the original in exactly one block", async () => {
    const { sites } = await counted();
    const offsets = sites.flatMap((site) => (site.kind === "block" ? site.offsets : []));
    expect(new Set(offsets).size).toBe(offsets.length);
  });

  it("is refused when it is a copy of another program", async () => {
    const other = await binary(TEXT.replace("i32.gt_u", "i32.lt_u"));
    const { wasm } = instrument(other, { edges: true });
    const original = await binary();
    expect(() => align(original, wasm)).toThrow(/another program.*in if/);
  });
});
