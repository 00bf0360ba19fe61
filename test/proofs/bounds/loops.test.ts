import { beforeAll, expect, test } from "vitest";
import { Analysis, UnboundedError } from "../../../proofs/bounds/analyse.ts";
import { countingCopy, Meter } from "../../../proofs/bounds/count.ts";
import { selectionOf } from "../../../proofs/bounds/operation.ts";
import { decodeModule, type WasmModule } from "../../../proofs/wasm/index.ts";
import { engine } from "../../../tcb/machine/sim/engine.ts";
import { compile } from "../compile.ts";

/** Functions and, for each, an argument with which it does its most. */
const costliest: Readonly<Record<string, number>> = {
  counted: 9,
  stepped: 9,
  limited: 1000,
  untilFound: 0,
  fromAnywhere: 0,
  nested: 9,
  inCalls: 3,
  downTo: 0,
  filled: 4000,
  chosen: 2,
};

const source = `
export function counted(x: u32): u32 {
  for (let i: u32 = 0; i < 10; i++) x += load<u8>(i);
  return x;
}
export function stepped(x: u32): u32 {
  for (let i: u64 = 3; i < 40; i += 8) x ^= load<u8>(i as u32);
  return x;
}
export function limited(x: u32): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < min<u32>(x, 64); i++) sum += load<u32>(i << 2);
  return sum;
}
export function untilFound(x: u32): u32 {
  let i: u32 = 0;
  while (i < 16 && load<u8>(i + 64) == 0) i++;
  return i;
}
export function fromAnywhere(x: u32): u32 {
  let i = x;
  while (i < 32 && load<u8>(i) == 0) i++;
  return i;
}
export function nested(x: u32): u32 {
  for (let i: u32 = 0; i < 5; i++) for (let j: u32 = 0; j < 7; j++) x += load<u8>(i * 8 + j);
  return x;
}
function inner(n: u32): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < min<u32>(n, 12); i++) sum += load<u16>(i << 1);
  return sum;
}
export function inCalls(x: u32): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < 4; i++) sum ^= inner(12);
  return sum + x;
}
export function downTo(x: u32): u32 {
  let i: u32 = 0;
  do { i += 3; x += load<u8>(i); } while (i < 30);
  return x;
}
export function filled(x: u32): u32 { memory.fill(1024, 0, min<u32>(x, 4000)); return x; }
export function chosen(x: u32): u32 {
  if (x == 1) return 7;
  if (x == 2) { for (let i: u32 = 0; i < 20; i++) x += load<u8>(i); return x; }
  return x * 3;
}
export function endless(x: u32): u32 { let i: u32 = 0; while (i != x) i += 2; return i; }
export function byMemory(x: u32): u32 { let i: u32 = 0; while (i < load<u32>(16)) i++; return i; }
`;

type Functions = Readonly<Record<string, (argument: number) => number>>;

/** For each build of the text: what the functions cost at most, and what they do. */
interface Build {
  readonly module: WasmModule;
  readonly functions: Functions;
  readonly meter: Meter;
}

const builds = new Map<string, Build>();

beforeAll(async () => {
  for (const level of ["-O1", "-O3", "-Oz"]) {
    const bytes = await compile(source, [level]);
    const meter = new Meter();
    const copy = new engine.Module(countingCopy(bytes));
    const { exports } = new engine.Instance(copy, meter.imports({ machine: {} }));
    meter.attach(exports);
    builds.set(level, { module: decodeModule(bytes), functions: exports as Functions, meter });
  }
});

const boundOf = (module: WasmModule, name: string) =>
  new Analysis(module, selectionOf(`door ${name}`), []).bound().instructions;

for (const level of ["-O1", "-O3", "-Oz"]) {
  test(`at ${level} the bound is what the costliest run executes: one round too few would be a promise that breaks`, () => {
    const { module, functions, meter } = builds.get(level)!;
    for (const [name, argument] of Object.entries(costliest)) {
      const bound = boundOf(module, name);
      const start = meter.total;
      functions[name]!(argument);
      const spent = meter.total - start;
      expect(spent, `${name}: ${spent} of ${bound}`).toBeLessThanOrEqual(bound);
      // Two ways of one round cannot always be told apart: a few instructions a loop.
      expect(Number(bound), name).toBeLessThanOrEqual(Number(spent) * 1.1 + 4);
    }
  });

  test(`at ${level} a loop that nothing bounds has no bound, and one that a word of memory bounds has that word's: a small number for it would be made up`, () => {
    const { module } = builds.get(level)!;
    expect(() => boundOf(module, "endless")).toThrow(UnboundedError);
    expect(() => boundOf(module, "endless")).toThrow("endless");
    expect(boundOf(module, "byMemory")).toBeGreaterThan(1n << 32n);
  });
}
