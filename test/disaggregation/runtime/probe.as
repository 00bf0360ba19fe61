// AssemblyScript: a service that does what it may ("work"), or one thing that ends it.
// world.test.ts compiles it from a folder of the same depth.

import { behindText } from "../../../disaggregation/runtime/decimal";
import { mapGrant, unmapGrant } from "../../../disaggregation/runtime/grants";
import {
  copyAdd,
  copyBegin,
  copyRun,
  copyStatus,
  OWN,
  pageFrame,
} from "../../../disaggregation/runtime/hypercall";
import { PAGE_OWN } from "../../../disaggregation/runtime/places";
import {
  config,
  log,
  nextEvent,
  now,
  pageCopyIn,
  pageCopyOut,
  pageLoad8,
  pageLoad16,
  pageLoad32,
  pageStore8,
  pageStore32,
} from "../../../disaggregation/runtime/world";

const TEXT: u32 = memory.data(64) as u32;
const WORD: u32 = memory.data(64, 8) as u32;
const GUEST: u32 = 2;
const REFERENCE: u32 = 8;

let bytes: u32 = 0;

function asked(name: string): bool {
  return behindText(TEXT, bytes, name) != 0;
}

function say(value: u32): void {
  store<u32>(WORD, 48 + value);
  log(WORD, 1);
}

/** What ends a service wherever it runs. */
function err(): void {
  if (asked("handle")) pageLoad32(1024, 0);
  else if (asked("unmapped")) pageLoad32(900, 0);
  else if (asked("border")) pageCopyIn(PAGE_OWN, 4090, WORD, 8);
  else if (asked("huge")) pageCopyIn(PAGE_OWN, 8, WORD, 0xfffffff8);
  else if (asked("crooked")) pageLoad32(PAGE_OWN, 2);
  else if (asked("linear")) pageCopyOut(PAGE_OWN, 0, 0xfffff000, 64);
}

/** Reads, writes, maps and copies what it may. */
function work(): void {
  pageStore32(PAGE_OWN, 0, 0x44332211);
  say(pageLoad8(PAGE_OWN, 1) == 0x22 && pageLoad16(PAGE_OWN, 2) == 0x4433 ? 1 : 0);
  pageCopyIn(PAGE_OWN, 4096, WORD, 0);
  const handle = mapGrant(GUEST, REFERENCE, false);
  say(handle >= 0 && pageLoad32(handle as u32, 4) == 77 ? 1 : 0);
  unmapGrant(handle as u32);
  say(mapGrant(GUEST, REFERENCE + 1, true) < 0 ? 1 : 0);
  copyBegin();
  copyAdd(GUEST, true, REFERENCE, 4, OWN, false, pageFrame(PAGE_OWN + 1), 8, 4);
  copyAdd(GUEST, true, REFERENCE + 1, 0, OWN, false, pageFrame(PAGE_OWN + 1), 0, 4);
  say(copyRun() && copyStatus(0) == 0 && copyStatus(1) < 0 ? 1 : 0);
  say(pageLoad32(PAGE_OWN + 1, 8) == 77 ? 1 : 0);
}

export function start(): void {
  bytes = config(TEXT, 64);
}

export function turn(): u64 {
  while (nextEvent() >= 0);
  if (asked("write")) {
    const handle = mapGrant(GUEST, REFERENCE, false);
    pageStore8(handle as u32, 0, 1);
  }
  err();
  if (asked("work")) work();
  return asked("timer") ? now() + 1000 : 0xffffffffffffffff;
}
