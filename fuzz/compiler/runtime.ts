// What generated code stands on: the tables as typed arrays, the events of the core's step, and
// arithmetic of 64 bits in halves.

import { primitives } from "../../spec/lang/machine.ts";
import { EVENT_BYTES } from "../instrument/places.ts";

const EVENT_WORDS = EVENT_BYTES / 4;

/** `event2(number, a, a's high half, b, b's high half)`: the core's next event is this one. */
function eventFunction(parameters: number): string {
  const names = Array.from({ length: parameters }, (_, index) => [`a${index}`, `b${index}`]).flat();
  const conditions = names.map((name, index) => `EVENTS[at + ${index + 2}] !== ${name}`);
  return `function event${parameters}(${["id", ...names].join(", ")}) {
const at = next;
if (${["at >= last", "EVENTS[at] !== id", ...conditions].join(" || ")}) throw DISAGREES;
next = at + ${EVENT_WORDS};
H1 = EVENTS[at + 9];
return EVENTS[at + 8];
}`;
}

const counts = new Set(Object.values(primitives).map(({ parameters }) => parameters.length));

/** The beginning of the module: a function of its environment. */
export const prelude = `"use strict";
const { U8, U16, I32, W, EVENTS, CLAUSES, READS, BAD, DISAGREES, HALTED, COPY } = environment;
let H1 = 0, H2 = 0, H3 = 0, H4 = 0, H5 = 0, H6 = 0, H7 = 0;
let RL = 0, RH = 0, REFUSED = 0, wn = 0, next = 0, last = 0, reads = 0, sum = 0;
${[...counts].map(eventFunction).join("\n")}
function multiply(a, b, c, d) {
const a0 = a & 65535, a1 = a >>> 16, c0 = c & 65535, c1 = c >>> 16;
const low = a0 * c0, middle = a1 * c0 + (low >>> 16), more = a0 * c1 + (middle & 65535);
const high = a1 * c1 + Math.floor(middle / 65536) + Math.floor(more / 65536);
H1 = (high + Math.imul(a, d) + Math.imul(b, c)) | 0;
return Math.imul(a, c);
}
function shiftUp(low, high, amount) {
const by = amount & 63;
if (by === 0) { H1 = high; return low; }
if (by >= 32) { H1 = low << (by - 32); return 0; }
H1 = (high << by) | (low >>> (32 - by));
return low << by;
}
function shiftDown(low, high, amount) {
const by = amount & 63;
if (by === 0) { H1 = high; return low; }
if (by >= 32) { H1 = 0; return (high >>> (by - 32)) | 0; }
H1 = (high >>> by) | 0;
return (low >>> by) | (high << (32 - by));
}
function lowest32(low) { return low === 0 ? 32 : 31 - Math.clz32(low & -low); }
function lowest64(low, high) { return low !== 0 ? lowest32(low) : 32 + lowest32(high); }
function leading32(low) { return Math.clz32(low); }
function leading64(low, high) {
return high !== 0 ? Math.clz32(high) : 32 + Math.clz32(low);
}`;
