// The fuzzing copy of a core: counters by scripts/coverage's pass, a note before each store, and
// the machine layer inside, so that a step calls nothing in JavaScript.

import binaryen from "binaryen";
import { childrenOf, expressions, kindOf } from "../../scripts/coverage/expressions.ts";
import { instrument, type Site } from "../../scripts/coverage/instrument.ts";
import { kept } from "../kept.ts";
import { checkCounters, machineText, OUTSIDE } from "./machine.ts";
import { memoryPages } from "./places.ts";

/** Instruments of this size, in Binaryen's measure, are put into the code that calls them: a call
 *  for each block and each store costs a third of the speed. */
const INLINED_SIZE = 40;

/** The package's types lack what this needs. */
const features = binaryen.Features as unknown as Record<string, number>;
const NEEDED = ["BulkMemory", "BulkMemoryOpt", "MutableGlobals", "SignExt", "SIMD128"] as const;
const allNeeded = NEEDED.reduce((sum, name) => sum | features[name]!, 0);

export interface FuzzingCopy {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly counters: number;
  readonly sites: readonly Site[];
}

/** Wraps a child of an expression into a call of one of the instruments. */
function through(
  module: binaryen.Module,
  at: { readonly expression: number; readonly kind: "Store" | "MemoryFill" | "MemoryCopy" },
  child: string,
  helper: string,
  ...more: readonly number[]
): void {
  const old = expressions.get(at.kind, child, at.expression);
  const constants = more.map((one) => module.i32.const(one));
  const call = module.call(helper, [old, ...constants], binaryen.i32);
  expressions.set(at.kind, child, at.expression, call);
}

/** Puts a note before each store below an expression. */
function noteStores(module: binaryen.Module, expression: number): void {
  const kind = kindOf(expression);
  for (const child of childrenOf(expression, kind)) noteStores(module, child);
  if (kind === "Store") {
    const { offset } = binaryen.getExpressionInfo(expression) as binaryen.StoreInfo;
    through(module, { expression, kind }, "Ptr", "fuzz/store", offset);
  }
  if (kind === "MemoryFill" || kind === "MemoryCopy") {
    const isCopy = kind === "MemoryCopy";
    through(module, { expression, kind }, "Dest", "fuzz/remember");
    if (isCopy) through(module, { expression, kind }, "Source", "fuzz/rememberSource");
    through(module, { expression, kind }, "Size", isCopy ? "fuzz/copied" : "fuzz/range");
  }
}

/** The copy's text with the machine in the place of its imports, and with a larger memory that is
 *  handed to it, so that one copy can take another's place. */
function linkText(text: string): string {
  const names = new Map<string, string>();
  const withoutImports = text.replace(
    /^ \(import "\w+" "(\w+)" \(func ([^\s)]+)[^\n]*\n/gm,
    (line, field: string, name: string) => {
      names.set(field, name);
      return OUTSIDE.has(field) ? line : "";
    },
  );
  const memory = `(import "fuzz" "memory" (memory $0 ${memoryPages} ${memoryPages}))`;
  const handed = withoutImports
    .replace(/^ \(memory \$0 \d+ \d+\)\n/m, "")
    .replace(/^\(module[^\n]*\n/, (line) => `${line} ${memory}\n`);
  return `${handed.trimEnd().slice(0, -1)}${machineText(names)}\n)`;
}

function functionsOf(module: binaryen.Module): readonly binaryen.FunctionInfo[] {
  return Array.from({ length: module.getNumFunctions() }, (_, index) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(index)),
  );
}

/** Inlines the instruments; the core's own functions stay what they are, and have their names in a
 *  trap's stack. */
function inlineInstruments(module: binaryen.Module): void {
  binaryen.setPassArgument("no-inline", "tcb/*");
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  binaryen.setAlwaysInlineMaxSize(INLINED_SIZE);
  binaryen.setFlexibleInlineMaxSize(INLINED_SIZE);
  binaryen.setOneCallerInlineMaxSize(0);
  binaryen.setAllowInliningFunctionsWithLoops(false);
  module.runPasses(["no-inline", "inlining"]);
}

/** What the copy is made of, beside the core: the instruments, and the pass that counts. */
const MADE_OF = ["fuzz/instrument", "scripts/coverage", "tcb/subset/binary", "tcb/core"];

/** The copy as `linkFuzzingCopy` makes it, or as it was made before: a process that works for some
 *  seconds has not two of them to spare. Throws Error as that does. */
export function keptFuzzingCopy(core: Uint8Array, comparisons: boolean): FuzzingCopy {
  const kind = comparisons ? "copies-comparing" : "copies";
  const text = kept(kind, MADE_OF, core, () => {
    const { wasm, ...rest } = linkFuzzingCopy(core, comparisons);
    return JSON.stringify({ ...rest, wasm: Buffer.from(wasm).toString("base64") });
  });
  const copy = JSON.parse(text) as Omit<FuzzingCopy, "wasm"> & { readonly wasm: string };
  return { ...copy, wasm: new Uint8Array(Buffer.from(copy.wasm, "base64")) };
}

/**
 * Makes the copy that a fuzzer runs. Its code is the core's, with counters and notes.
 * @param comparisons whether it counts comparisons as well
 * @throws Error when the core is not one that the instruments understand
 */
export function linkFuzzingCopy(core: Uint8Array, comparisons = false): FuzzingCopy {
  const { wasm, counters, sites } = instrument(core, { edges: true, comparisons });
  checkCounters(counters);
  const counted = binaryen.readBinary(wasm);
  const text = linkText(counted.emitText());
  const own = new Set(functionsOf(counted).map(({ name }) => name));
  counted.dispose();
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(module.getFeatures() | allNeeded);
    for (const { name, body } of functionsOf(module)) {
      if (own.has(name) && /^tcb\//.test(name) && body !== 0) noteStores(module, body);
    }
    inlineInstruments(module);
    if (module.validate() === 0) throw new Error("the fuzzing copy of the core is not valid");
    return { wasm: new Uint8Array(module.emitBinary()), counters, sites };
  } finally {
    module.dispose();
  }
}
