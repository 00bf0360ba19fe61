// The machine layer of the fuzzing copy, as WebAssembly text: guests' memory is part of the same
// linear memory, each primitive leaves an event, and each store leaves what it replaced. Nothing
// here calls out to JavaScript.

import { type PrimitiveName, primitives } from "../../spec/lang/machine.ts";
import {
  COUNTERS_MAX,
  ENDLESS,
  EVENT_BYTES,
  EVENTS_MAX,
  LOG_ENTRIES_MAX,
  LOG_ENTRY_BYTES,
  place,
  RAM_BASE,
  RAM_BYTES,
  refusal,
  variable,
} from "./places.ts";

/** Numbers of the primitives in events: their order in the specification's list. */
export const primitiveNumber = Object.fromEntries(
  Object.keys(primitives).map((name, index) => [name, index]),
) as Readonly<Record<PrimitiveName, number>>;

const NOBODY = 0xffffffff;
export const VCPUS = 256;
export const LINEAR_BASE = 0x1200000;

const instruments = `
(global $fuzz/target (mut i32) (i32.const 0))
(global $fuzz/source (mut i32) (i32.const 0))
(func $fuzz/refuse (param $why i32) (param $address i64)
  (i32.store (i32.const ${variable.refused}) (local.get $why))
  (i64.store (i32.const ${variable.refusedAddress}) (local.get $address))
  (unreachable))
(func $fuzz/log (param $address i32) (local $entry i32)
  (local.set $entry (i32.load (i32.const ${variable.logEnd})))
  (if (i32.ge_u (local.get $entry) (i32.const ${place.log + LOG_ENTRIES_MAX * LOG_ENTRY_BYTES}))
    (then (call $fuzz/refuse (i32.const ${refusal.logFull}) (i64.const 0))))
  (i32.store (local.get $entry) (local.get $address))
  (i64.store offset=8 (local.get $entry) (i64.load (local.get $address)))
  (i32.store (i32.const ${variable.logEnd})
    (i32.add (local.get $entry) (i32.const ${LOG_ENTRY_BYTES}))))
(func $fuzz/store (param $address i32) (param $offset i32) (result i32)
  (call $fuzz/log (i32.add (local.get $address) (local.get $offset)))
  (local.get $address))
(func $fuzz/remember (param $address i32) (result i32)
  (global.set $fuzz/target (local.get $address))
  (local.get $address))
(func $fuzz/range (param $bytes i32) (result i32) (local $at i32)
  (loop $next
    (if (i32.lt_u (local.get $at) (local.get $bytes)) (then
      (call $fuzz/log (i32.add (global.get $fuzz/target) (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br $next))))
  (local.get $bytes))
(func $fuzz/rememberSource (param $address i32) (result i32)
  (global.set $fuzz/source (local.get $address))
  (local.get $address))
(func $fuzz/copied (param $bytes i32) (result i32) (local $at i32)
  (loop $next
    (if (i32.lt_u (local.get $at) (local.get $bytes)) (then
      (if (i64.ne
          (i64.load (i32.add (global.get $fuzz/target) (local.get $at)))
          (i64.load (i32.add (global.get $fuzz/source) (local.get $at))))
        (then (call $fuzz/log (i32.add (global.get $fuzz/target) (local.get $at)))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br $next))))
  (local.get $bytes))
(func $fuzz/undo (param $from i32) (local $entry i32)
  (local.set $entry (i32.load (i32.const ${variable.logEnd})))
  (loop $next
    (if (i32.gt_u (local.get $entry) (local.get $from)) (then
      (local.set $entry (i32.sub (local.get $entry) (i32.const ${LOG_ENTRY_BYTES})))
      (i64.store (i32.load (local.get $entry)) (i64.load offset=8 (local.get $entry)))
      (br $next))))
  (i32.store (i32.const ${variable.logEnd}) (local.get $from)))
(func $fuzz/forget (local $at i32)
  (local.set $at (i32.const ${place.touched}))
  (loop $next
    (if (i32.lt_u (local.get $at) (i32.load (i32.const ${variable.touchedEnd}))) (then
      (i32.store offset=${place.counters}
        (i32.shl (i32.load (local.get $at)) (i32.const 2)) (i32.const 0))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br $next))))
  (i32.store (i32.const ${variable.touchedEnd}) (i32.const ${place.touched}))
  (local.set $at (i32.const ${place.comparisons}))
  (loop $more
    (if (i32.lt_u (local.get $at) (i32.load (i32.const ${variable.comparedEnd}))) (then
      (i32.store8 offset=${place.compared} (i32.load (local.get $at)) (i32.const 0))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br $more))))
  (i32.store (i32.const ${variable.comparedEnd}) (i32.const ${place.comparisons})))
(export "undo" (func $fuzz/undo))
(export "forget" (func $fuzz/forget))`;

/** A block of the core begins: count it and its instructions. What is rare is apart: a counter's
 *  first hit, and each 65,536th, when it is time to ask whether the step comes to an end. */
const hit = (name: string): string => `
(func $fuzz/milestone (param $counter i32) (param $count i32)
  (if (i32.gt_u (i32.load (i32.const ${variable.steps})) (i32.const ${ENDLESS}))
    (then (call $fuzz/refuse (i32.const ${refusal.endless}) (i64.const 0))))
  (if (i32.eqz (local.get $count)) (then
    (i32.store (i32.load (i32.const ${variable.touchedEnd})) (local.get $counter))
    (i32.store (i32.const ${variable.touchedEnd})
      (i32.add (i32.load (i32.const ${variable.touchedEnd})) (i32.const 4))))))
(func ${name} (param $counter i32) (local $at i32) (local $count i32)
  (i32.store (i32.const ${variable.steps})
    (i32.add (i32.load (i32.const ${variable.steps}))
      (i32.load16_u offset=${place.weights} (i32.shl (local.get $counter) (i32.const 1)))))
  (local.set $at (i32.shl (local.get $counter) (i32.const 2)))
  (local.set $count (i32.load offset=${place.counters} (local.get $at)))
  (if (i32.eqz (i32.and (local.get $count) (i32.const 65535)))
    (then (call $fuzz/milestone (local.get $counter) (local.get $count))))
  (i32.store offset=${place.counters} (local.get $at)
    (i32.add (local.get $count) (i32.const 1))))`;

const different = (left: string, right: string): string =>
  `(i32.popcnt (i32.xor (local.get ${left}) (local.get ${right})))`;

/** Two numbers are compared: note in how many bits they differ, by the order of that number. */
const compare = (name: string): string => `
(func ${name} (param $counter i32) (param $a i32) (param $b i32) (param $c i32) (param $d i32)
  (local $old i32)
  (local.set $old (i32.load8_u offset=${place.compared} (local.get $counter)))
  (if (i32.eqz (local.get $old)) (then
    (i32.store (i32.load (i32.const ${variable.comparedEnd})) (local.get $counter))
    (i32.store (i32.const ${variable.comparedEnd})
      (i32.add (i32.load (i32.const ${variable.comparedEnd})) (i32.const 4)))))
  (i32.store8 offset=${place.compared} (local.get $counter)
    (i32.or (local.get $old) (i32.shl (i32.const 1)
      (i32.sub (i32.const 32) (i32.clz
        (i32.add ${different("$a", "$c")} ${different("$b", "$d")})))))))`;

const events = `
(func $fuzz/event (param $id i32) (param $a i64) (param $b i64) (param $c i64) (local $at i32)
  (local.set $at (i32.load (i32.const ${variable.eventEnd})))
  (if (i32.eq (local.get $at) (i32.load (i32.const ${variable.raceAt}))) (then
    (call $fuzz/log (i32.load (i32.const ${variable.raceAddress})))
    (i32.store (i32.load (i32.const ${variable.raceAddress}))
      (i32.load (i32.const ${variable.raceValue})))))
  (if (i32.ge_u (local.get $at) (i32.const ${place.events + (EVENTS_MAX - 1) * EVENT_BYTES}))
    (then (call $fuzz/refuse (i32.const ${refusal.eventsFull}) (i64.const 0))))
  (i32.store (local.get $at) (local.get $id))
  (i64.store offset=8 (local.get $at) (local.get $a))
  (i64.store offset=16 (local.get $at) (local.get $b))
  (i64.store offset=24 (local.get $at) (local.get $c))
  (i64.store offset=32 (local.get $at) (i64.const 0))
  (i32.store (i32.const ${variable.eventEnd})
    (i32.add (local.get $at) (i32.const ${EVENT_BYTES}))))
(func $fuzz/result (param $value i64) (result i64)
  (i64.store
    (i32.sub (i32.load (i32.const ${variable.eventEnd})) (i32.const ${EVENT_BYTES - 32}))
    (local.get $value))
  (local.get $value))
(func $fuzz/place (param $address i64) (param $bytes i32) (result i32)
  (if (i64.gt_u
      (i64.sub (local.get $address) (i64.const ${RAM_BASE}))
      (i64.sub (i64.const ${RAM_BYTES}) (i64.extend_i32_u (local.get $bytes))))
    (then (call $fuzz/refuse (i32.const ${refusal.memory}) (local.get $address))))
  (i32.add (i32.wrap_i64 (i64.sub (local.get $address) (i64.const ${RAM_BASE})))
    (i32.const ${place.ram})))`;

const wide = (value: string): string => `(i64.extend_i32_u ${value})`;

/** An event with these parameters (each an i64). */
function event(name: PrimitiveName, ...parameters: readonly string[]): string {
  const [a, b, c] = [0, 1, 2].map((index) => parameters[index] ?? "(i64.const 0)");
  return `(call $fuzz/event (i32.const ${primitiveNumber[name]}) ${a} ${b} ${c})`;
}

const address = "(local.get $address)";
const value = "(local.get $value)";
const changed = (bytes: number): string => `
  (local.set $at (call $fuzz/place ${address} (i32.const ${bytes})))
  (call $fuzz/log (local.get $at))`;
const told = (result: string): string => `(i32.wrap_i64 (call $fuzz/result ${wide(result)}))`;

/** A copy of bytes between what the globals name. */
const copied = `(memory.copy (global.get $fuzz/target) (global.get $fuzz/source)
    (call $fuzz/copied (local.get $bytes)))`;

/** A word behind $at that is to be 0. */
const clear = (offset: number): string => `
  (call $fuzz/log (i32.add (local.get $at) (i32.const ${offset})))
  (i64.store offset=${offset} (local.get $at) (i64.const 0))`;

/** Signature and body of each import of the core, but for those that JavaScript carries out. */
const bodies: Readonly<Record<string, string>> = {
  load8: `(param $address i64) (result i32) ${event("load8", address)}
  ${told(`(i32.load8_u (call $fuzz/place ${address} (i32.const 1)))`)}`,
  load16: `(param $address i64) (result i32) ${event("load16", address)}
  ${told(`(i32.load16_u (call $fuzz/place ${address} (i32.const 2)))`)}`,
  load32: `(param $address i64) (result i32) ${event("load32", address)}
  ${told(`(i32.load (call $fuzz/place ${address} (i32.const 4)))`)}`,
  load64: `(param $address i64) (result i64) ${event("load64", address)}
  (call $fuzz/result (i64.load (call $fuzz/place ${address} (i32.const 8))))`,
  store8: `(param $address i64) (param $value i32) (local $at i32)
  ${event("store8", address, wide(value))} ${changed(1)}
  (i32.store8 (local.get $at) ${value})`,
  store32: `(param $address i64) (param $value i32) (local $at i32)
  ${event("store32", address, wide(value))} ${changed(4)}
  (i32.store (local.get $at) ${value})`,
  store64: `(param $address i64) (param $value i64) (local $at i32)
  ${event("store64", address, value)} ${changed(8)}
  (i64.store (local.get $at) ${value})`,
  or64: `(param $address i64) (param $value i64) (result i64) (local $at i32) (local $old i64)
  ${event("or64", address, value)} ${changed(8)}
  (local.set $old (i64.load (local.get $at)))
  (i64.store (local.get $at) (i64.or (local.get $old) ${value}))
  (call $fuzz/result (local.get $old))`,
  and64: `(param $address i64) (param $value i64) (result i64) (local $at i32) (local $old i64)
  ${event("and64", address, value)} ${changed(8)}
  (local.set $old (i64.load (local.get $at)))
  (i64.store (local.get $at) (i64.and (local.get $old) ${value}))
  (call $fuzz/result (local.get $old))`,
  exchange8: `(param $address i64) (param $value i32) (result i32) (local $at i32) (local $old i32)
  ${event("exchange8", address, wide(value))} ${changed(1)}
  (local.set $old (i32.load8_u (local.get $at)))
  (i32.store8 (local.get $at) ${value})
  ${told("(local.get $old)")}`,
  compareExchange16: `(param $address i64) (param $expected i32) (param $value i32) (result i32)
  (local $at i32) (local $old i32)
  ${event("compareExchange16", address, wide("(local.get $expected)"), wide(value))} ${changed(2)}
  (local.set $old (i32.load16_u (local.get $at)))
  (if (i32.eq (local.get $old) (i32.and (local.get $expected) (i32.const 65535)))
    (then (i32.store16 (local.get $at) ${value})))
  ${told("(local.get $old)")}`,
  copy: `(param $address i64) (param $source i64) (param $bytes i32)
  ${event("copy", address, "(local.get $source)", wide("(local.get $bytes)"))}
  (global.set $fuzz/target (call $fuzz/place ${address} (local.get $bytes)))
  (global.set $fuzz/source (call $fuzz/place (local.get $source) (local.get $bytes)))
  ${copied}`,
  zero: `(param $address i64) (param $bytes i32) (local $at i32) (local $left i32)
  ${event("zero", address, wide("(local.get $bytes)"))}
  (local.set $at (call $fuzz/place ${address} (local.get $bytes)))
  (local.set $left (local.get $bytes))
  (loop $next
    (if (i32.gt_s (local.get $left) (i32.const 0)) (then
      (if (v128.any_true (v128.or
          (v128.load (local.get $at)) (v128.load offset=16 (local.get $at))))
        (then ${[0, 8, 16, 24].map(clear).join("")}))
      (local.set $at (i32.add (local.get $at) (i32.const 32)))
      (local.set $left (i32.sub (local.get $left) (i32.const 32)))
      (br $next))))`,
  copyIn: `(param $linear i32) (param $source i64) (param $bytes i32)
  (global.set $fuzz/target (local.get $linear))
  (global.set $fuzz/source (call $fuzz/place (local.get $source) (local.get $bytes)))
  ${copied}`,
  linearBase: `(result i64) (i64.const ${LINEAR_BASE})`,
  timestamp: `(result i64) ${event("timestamp")}
  (i64.store (i32.const ${variable.ticks})
    (i64.add (i64.load (i32.const ${variable.ticks})) (i64.const 1)))
  (call $fuzz/result (i64.load (i32.const ${variable.ticks})))`,
  setTimer: `(param $value i64) ${event("setTimer", value)}
  (i64.store (i32.const ${variable.timer}) ${value})`,
  switchState: `(param $from i32) (param $to i32)
  ${event("switchState", wide("(local.get $from)"), wide("(local.get $to)"))}
  (if (i32.or
      (i32.ge_u (local.get $to) (i32.const ${VCPUS}))
      (i32.and (i32.ge_u (local.get $from) (i32.const ${VCPUS}))
        (i32.ne (local.get $from) (i32.const ${NOBODY}))))
    (then (call $fuzz/refuse (i32.const ${refusal.vcpu}) ${wide("(local.get $to)")})))`,
  predictorBarrier: event("predictorBarrier"),
  halt: `(param $code i32) ${event("halt", wide("(local.get $code)"))}
  (i32.store (i32.const ${variable.halted}) (i32.add (local.get $code) (i32.const 1)))
  (unreachable)`,
};

/** Imports that stay imports: nothing that happens often. */
export const OUTSIDE: ReadonlySet<string> = new Set(["write", "cpuid"]);

/**
 * The functions that an instrumented core is linked with.
 * @param names the name that each import of the core has in its text, by module and field
 * @throws Error when the core imports what no world has
 */
export function machineText(names: ReadonlyMap<string, string>): string {
  const parts = [instruments, events];
  for (const [field, name] of names) {
    if (OUTSIDE.has(field)) continue;
    if (field === "hit") parts.push(hit(name));
    else if (field === "compare") parts.push(compare(name));
    else {
      const body = bodies[field];
      if (body === undefined) throw new Error(`no machine has what the core imports: ${field}`);
      parts.push(`(func ${name} ${body})`);
    }
  }
  return parts.join("\n");
}

/** More counters than fit are a mistake of this folder. */
export function checkCounters(counters: number): void {
  if (counters > COUNTERS_MAX) throw new Error(`${counters} counters, room for ${COUNTERS_MAX}`);
}
