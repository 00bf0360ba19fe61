// The small world with memory that is accounted for: each domain has its own superframe, a
// reservation with few free frames, and a grant table; some superframes are in the pool.

import type { LoggingMachine } from "../../fuzz/oracle/replay.ts";
import type { Columns } from "../../tcb/machine/sim/columns.ts";
import { type Rows, range } from "./program.ts";
import { DOMAINS, plantWorld, vcpuRow } from "./world.ts";

/** Superframe that a domain's memory is, by number. */
export const ownSuperframe = (domain: number): number => 63 + domain;
/** Superframe that a domain's free and special frames are in. */
export const reservedSuperframe = (domain: number): number => 66 + domain;
export const POOL = [70, 71, 72];
/** Superframes that anything is known of. */
export const SUPERFRAMES_SEEN = { first: 64, count: 9 };
/** Free frames that each domain has. */
export const FREE_FRAMES = 6;
const SPECIAL = 2;
/** Offset of the grant table in the reserved superframe, which begins with the shared_info. */
const GRANT_TABLE = 1;
/** Guest frame of a domain that is pinned. */
const PINNED = 0x13;

export const frameNumber = (superframe: number, offset: number): number =>
  superframe * 512 + offset;

/** Machine address of a domain's grant entry in the first frame of its table. */
export const grantEntry = (domain: number, reference: number): bigint =>
  BigInt(frameNumber(reservedSuperframe(domain), GRANT_TABLE)) * 4096n + BigInt(reference * 8);

function plantReservation(columns: Columns, domain: number): void {
  const superframe = reservedSuperframe(domain);
  columns.write("superOwner", superframe, domain + 1);
  for (let offset = 0; offset < 512; offset++) {
    columns.write("frameKind", frameNumber(superframe, offset), SPECIAL);
  }
  // Free frames on both sides of a word's end.
  let free = 0n;
  for (let count = 0; count < FREE_FRAMES; count++) {
    const offset = 61 + count;
    columns.write("frameKind", frameNumber(superframe, offset), 0);
    free |= 1n << BigInt(offset);
  }
  columns.write("superFreeWord", superframe * 8, free & 0xffffffffffffffffn);
  columns.write("superFreeWord", superframe * 8 + 1, free >> 64n);
  columns.write("superFreeSummary", superframe, 3);
  columns.write("domainFreeWord", domain * 128 + (superframe >> 6), 1n << BigInt(superframe & 63));
  columns.write("domainFreeSummaryWord", domain * 2, 1n << BigInt(superframe >> 6));
  columns.write("domainFreeTopWord", domain, 1n);
  columns.write("grantFrameFrame", domain * 32, frameNumber(superframe, GRANT_TABLE) + 1);
  columns.write("domainGrantFrames", domain, 1);
}

function plantMemory(columns: Columns, domain: number): void {
  const superframe = ownSuperframe(domain);
  columns.write("superOwner", superframe, domain + 1);
  columns.write("superWhole", superframe, 1);
  columns.write("superReferences", superframe, 1);
  columns.write("domainFrames", domain, 1024 - FREE_FRAMES);
  columns.write("domainFramesLimit", domain, 1024 - FREE_FRAMES + (domain === 1 ? 64 : 2));
}

function plantPool(columns: Columns): void {
  for (const superframe of POOL) {
    const word = superframe >> 6;
    const bits = columns.read("poolWord", word) | (1n << BigInt(superframe & 63));
    columns.write("poolWord", word, bits);
    columns.write("poolSummaryWord", 0, columns.read("poolSummaryWord", 0) | (1n << BigInt(word)));
    columns.write("poolTopWord", 0, 1n);
  }
}

/** Each domain's second vCPU has moved its vcpu_info into memory of the domain, which that pins. */
function plantPin(columns: Columns, domain: number): void {
  const superframe = ownSuperframe(domain);
  const frame = frameNumber(superframe, PINNED);
  const vcpu = vcpuRow(domain, 1);
  columns.write("vcpuInfo", vcpu, BigInt(frame) * 4096n);
  columns.write("vcpuInfoRegistered", vcpu, 1);
  columns.write("frameReferences", frame, 1);
  columns.write("superUses", superframe, 1);
}

/** A machine with that world; domain 1 has a memory map of two regions. */
export function plantMemoryWorld(): LoggingMachine {
  const machine = plantWorld();
  const { columns } = machine;
  for (const domain of DOMAINS) {
    plantReservation(columns, domain);
    plantMemory(columns, domain);
    plantPin(columns, domain);
  }
  plantPool(columns);
  for (const [at, bytes] of [0x100000, 0x200000].entries()) {
    columns.write("regionAddress", 16 + at, at * 0x100000);
    columns.write("regionBytes", 16 + at, bytes);
    columns.write("regionType", 16 + at, at + 1);
  }
  return machine;
}

const domains = [1, 2, 3, 4, 5, 0];
const superframes = range(SUPERFRAMES_SEEN.first, SUPERFRAMES_SEEN.count);
const offsets = [0, 1, 2, 16, 17, 18, 19, ...range(60, 9), 511];

/** Rows of that world at which invariants are looked at. */
export const rowsSeen: Rows = {
  super: [superframes],
  superFree: [superframes, range(0, 8)],
  frame: [superframes.flatMap((one) => offsets.map((offset) => frameNumber(one, offset)))],
  pool: [range(0, 4)],
  poolSummary: [range(0, 2)],
  poolTop: [[0]],
  domainFree: [domains, range(0, 4)],
  domainFreeSummary: [domains, range(0, 2)],
  domainFreeTop: [domains],
  directory: [domains, [...range(0, 4), ...superframes, 8191]],
  tableOwner: [domains, range(0, 4)],
  leaf: [domains, range(0, 3), [...range(0, 4), ...range(16, 4), 511]],
  grant: [domains, range(0, 4)],
  handle: [domains, range(0, 6)],
  grantFrame: [domains, range(0, 3)],
  domain: [domains],
  vcpu: [range(0, 10)],
  domainVcpu: [domains, range(0, 3)],
};
