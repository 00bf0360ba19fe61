// The functions that an instrumented core calls; they call the two imports.

import binaryen from "binaryen";

/** Names of the helpers, which no function of a core has. */
export const HELPER = {
  hit: "coverage/hit",
  compare: "coverage/compare",
  branch: "coverage/branch",
  case: "coverage/case",
  left: { 32: "coverage/left32", 64: "coverage/left64" },
  right: { 32: "coverage/right32", 64: "coverage/right64" },
  zero: { 32: "coverage/zero32", 64: "coverage/zero64" },
} as const;

/** Module name of the imports. */
export const COVERAGE_MODULE = "coverage";

/** A 64-bit constant; the package takes one bigint where its types say two numbers. */
function long(module: binaryen.Module, value: bigint): number {
  return (module.i64.const as unknown as (value: bigint) => number)(value);
}

function addBranch(module: binaryen.Module): void {
  const condition = module.local.get(0, binaryen.i32);
  const taken = module.i32.ne(condition, module.i32.const(0));
  const counter = module.i32.add(module.local.get(1, binaryen.i32), taken);
  const hit = module.call(HELPER.hit, [counter], binaryen.none);
  const body = module.block(null, [hit, module.local.get(0, binaryen.i32)], binaryen.i32);
  const types = binaryen.createType([binaryen.i32, binaryen.i32]);
  module.addFunction(HELPER.branch, types, binaryen.i32, [], body);
}

function addCase(module: binaryen.Module): void {
  const get = (index: number) => module.local.get(index, binaryen.i32);
  const outcome = module.select(module.i32.lt_u(get(0), get(2)), get(0), get(2));
  const hit = module.call(HELPER.hit, [module.i32.add(get(1), outcome)], binaryen.none);
  const body = module.block(null, [hit, get(0)], binaryen.i32);
  const types = binaryen.createType([binaryen.i32, binaryen.i32, binaryen.i32]);
  module.addFunction(HELPER.case, types, binaryen.i32, [], body);
}

/** `left` remembers the first operand in a global, `right` and `zero` tell both. */
function addCompare(module: binaryen.Module, width: 32 | 64): void {
  const type = width === 32 ? binaryen.i32 : binaryen.i64;
  const remembered = `coverage/left${width}`;
  const zero = width === 32 ? module.i32.const(0) : long(module, 0n);
  module.addGlobal(remembered, type, true, zero);
  const value = () => module.local.get(0, type);
  const low = (v: number) => (width === 32 ? v : module.i32.wrap(v));
  const high = (v: number) =>
    width === 32 ? module.i32.const(0) : module.i32.wrap(module.i64.shr_u(v, long(module, 32n)));
  const tell = (other: () => number) =>
    module.call(
      HELPER.compare,
      [module.local.get(1, binaryen.i32), low(other()), high(other()), low(value()), high(value())],
      binaryen.none,
    );
  const types = binaryen.createType([type, binaryen.i32]);
  const add = (name: string, first: number) =>
    module.addFunction(name, types, type, [], module.block(null, [first, value()], type));
  add(HELPER.left[width], module.global.set(remembered, value()));
  add(
    HELPER.right[width],
    tell(() => module.global.get(remembered, type)),
  );
  add(
    HELPER.zero[width],
    tell(() => (width === 32 ? module.i32.const(0) : long(module, 0n))),
  );
}

/** Adds the imports and helpers. */
export function addHelpers(module: binaryen.Module, comparisons: boolean): void {
  const { i32, none } = binaryen;
  module.addFunctionImport(HELPER.hit, COVERAGE_MODULE, "hit", i32, none);
  addBranch(module);
  addCase(module);
  if (!comparisons) return;
  const five = binaryen.createType([i32, i32, i32, i32, i32]);
  module.addFunctionImport(HELPER.compare, COVERAGE_MODULE, "compare", five, none);
  addCompare(module, 32);
  addCompare(module, 64);
}
