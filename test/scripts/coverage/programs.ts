// A small core for the tests of the counters: one function for each kind of branch.

import wabt from "wabt";

export const TEXT = `(module
  (func $if (export "if") (param i32) (result i32)
    (if (i32.gt_u (local.get 0) (i32.const 10)) (then (return (i32.const 1))))
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 2)) (else (i32.const 3))))
  (func $loop (export "loop") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func $case (export "case") (param i32) (result i32)
    (block $c (block $b (block $a (br_table $a $b $c (local.get 0)))
      (return (i32.const 100))) (return (i32.const 200)))
    (i32.const 300))
  (func $select (export "select") (param i32) (result i32)
    (select (i32.const 7) (i32.const 8) (local.get 0)))
  (func $compare (export "compare") (param i64) (result i32)
    (i32.and (i64.eq (local.get 0) (i64.const 0x1122334455667788)) (i64.eqz (local.get 0)))))`;

/** The same with the doors of a core, by which the collector knows one. */
const DOORS = ["boot", "selectVcpu", "handleExit"].map((n) => `(func $${n} (export "${n}"))`);
export const CORE_TEXT = TEXT.replace(/\)$/, () => `${DOORS.join(" ")})`);

/** The bytes of a module in text form, with its names. */
export async function binary(text: string = TEXT): Promise<Uint8Array> {
  const { parseWat } = await wabt();
  const module = parseWat("test.wat", text);
  const { buffer } = module.toBinary({ write_debug_names: true });
  module.destroy();
  return buffer;
}

export type Exports = Record<string, (value: number | bigint) => number>;
interface Engine {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: object };
}
const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;

/** What a module exports, instantiated with `imports`. */
export function instantiate<T>(bytes: Uint8Array, imports: object = {}): T {
  return new engine.Instance(new engine.Module(bytes), imports).exports as T;
}
