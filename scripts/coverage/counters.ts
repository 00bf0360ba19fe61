// The other side of an instrumented core's imports: a small WebAssembly module that counts in a
// memory of its own. A call from one module to another costs a third of a call to JavaScript.

import binaryen from "binaryen";

const PAGE_BYTES = 65536;
const COUNTER_BYTES = 4;
const OPERANDS_BYTES = 16;

/** Where the counter module keeps what: counters first, then the operands of comparisons. */
export interface CounterLayout {
  /** One u32 for each counter, from byte 0; wraps. */
  readonly counters: number;
  /** Byte offset of the operands: for each counter four u32, low and high of left and right, as the
   *  comparison saw them last. */
  readonly operands: number;
  readonly pages: number;
}

/** The layout for `counters` counters. */
export function counterLayout(counters: number): CounterLayout {
  const operands = Math.ceil((counters * COUNTER_BYTES) / OPERANDS_BYTES) * OPERANDS_BYTES;
  const pages = Math.ceil((operands + counters * OPERANDS_BYTES) / PAGE_BYTES);
  return { counters, operands, pages };
}

function addHit(module: binaryen.Module): void {
  const { i32, none } = binaryen;
  const slot = () => module.i32.shl(module.local.get(0, i32), module.i32.const(2));
  const next = module.i32.add(module.i32.load(0, 4, slot()), module.i32.const(1));
  module.addFunction("hit", i32, none, [], module.i32.store(0, 4, slot(), next));
  module.addFunctionExport("hit", "hit");
}

function addCompare(module: binaryen.Module, operands: number): void {
  const { i32, none } = binaryen;
  const row = () => module.i32.shl(module.local.get(0, i32), module.i32.const(4));
  const stores = [0, 1, 2, 3].map((word) =>
    module.i32.store(operands + word * 4, 4, row(), module.local.get(word + 1, i32)),
  );
  const hit = module.call("hit", [module.local.get(0, i32)], none);
  const parameters = binaryen.createType([i32, i32, i32, i32, i32]);
  module.addFunction("compare", parameters, none, [], module.block(null, [hit, ...stores], none));
  module.addFunctionExport("compare", "compare");
}

/** The bytes of a module that exports `memory`, `hit` and `compare` for `counters` counters. */
export function counterModule(counters: number): Uint8Array {
  const { operands, pages } = counterLayout(counters);
  const module = new binaryen.Module();
  try {
    module.setMemory(pages, pages, "memory");
    addHit(module);
    addCompare(module, operands);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
