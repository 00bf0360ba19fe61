// A small world, planted in the tables: three domains that run, their memory mapped one to one.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LoggingMachine, type Pair } from "../../fuzz/oracle/replay.ts";
import type { Columns } from "../../tcb/machine/sim/columns.ts";

export const corePath = fileURLToPath(new URL("../../build/core.wasm", import.meta.url));

const RAM_BASE = 0x8000000n;
const SUPERFRAME_BYTES = 0x200000n;
const LABELS = 4;
/** Where calls put their argument structures, in each domain's own memory. */
export const ARGUMENT = 0x1000n;
export const DOMAINS = [1, 2, 3];
export const VCPUS_EACH = 2;

/** The vCPU row of a domain's vCPU. */
export const vcpuRow = (domain: number, id: number): number => (domain - 1) * VCPUS_EACH + id;

/** Machine address of a domain's memory. */
export const memoryOf = (domain: number): bigint =>
  RAM_BASE + BigInt(domain - 1) * SUPERFRAME_BYTES;
const frameOf = (address: bigint): bigint => address >> 12n;
/** Superframe of a domain's special frames; the first is its shared_info. */
const SPECIAL_FRAMES = 66;
const FRAME_SPECIAL = 2;

/** Machine address of a domain's shared_info. */
export const sharedInfoOf = (domain: number): bigint =>
  BigInt(SPECIAL_FRAMES + domain) * SUPERFRAME_BYTES;

function plantSharedInfo(columns: Columns, domain: number): void {
  const superframe = SPECIAL_FRAMES + domain;
  columns.write("superOwner", superframe, domain + 1);
  columns.write("frameKind", superframe * 512, FRAME_SPECIAL);
  columns.write("domainSharedInfo", domain, superframe * 512 + 1);
}

/** Every label may do everything, but for what `refusals` say. */
function plantPolicy(columns: Columns): void {
  columns.write("policyLoaded", 0, 1);
  columns.write("policyLabels", 0, LABELS);
  for (let source = 0; source < LABELS; source++) {
    for (let target = 0; target < LABELS; target++) {
      columns.write("policyChannelLabel", source * 128 + target, target);
      for (let group = 0; group < 16; group++) {
        const cell = (source * 128 + target) * 16 + group;
        columns.write("policyCellAllowed", cell, 0xffffffff);
      }
    }
  }
  columns.write("policyInitialLabel", 2, 0);
}

function plantVcpu(columns: Columns, domain: number, id: number): void {
  const row = vcpuRow(domain, id);
  columns.write("vcpuDomain", row, domain);
  columns.write("vcpuId", row, id);
  columns.write("vcpuState", row, 2);
  columns.write("vcpuInfo", row, memoryOf(domain) + 0x3000n + BigInt(id) * 64n);
  columns.write("domainVcpuRow", domain * 32 + id, row + 1);
  const runnable = columns.read("runnableWord", 0);
  columns.write("runnableWord", 0, runnable | (1n << BigInt(row)));
  columns.write("vmcbCr0", row, 0x11);
  columns.write("vmcbExitCode", row, 0x81);
}

function plantDomain(columns: Columns, domain: number): void {
  columns.write("domainState", domain, 2);
  columns.write("domainLabel", domain, domain);
  columns.write("domainSelfLabel", domain, domain);
  columns.write("domainVcpus", domain, VCPUS_EACH);
  plantSharedInfo(columns, domain);
  columns.write("portUsedWord", domain * 64, 1);
  // One 2 MiB leaf, present, writable, user, accessed, dirty.
  columns.write("directoryEntry", domain * 8192, memoryOf(domain) | 0xe7n);
  for (let id = 0; id < VCPUS_EACH; id++) plantVcpu(columns, domain, id);
}

/** The console's port and ring of a domain. */
function plantConsole(columns: Columns, domain: number): void {
  const port = 1;
  columns.write("portState", domain * 4096 + port, 6);
  columns.write("portLabel", domain * 4096 + port, domain);
  columns.write("portUsedWord", domain * 64, 3);
  columns.write("domainConsolePort", domain, port);
  columns.write("domainConsoleFrame", domain, frameOf(memoryOf(domain) + 0x4000n) + 1n);
}

/** A machine with that world; one of the built core if none is given. */
export function plantWorld(
  machine = new LoggingMachine({ core: new Uint8Array(readFileSync(corePath)) }),
): LoggingMachine {
  const { columns } = machine;
  plantPolicy(columns);
  columns.write("clockMultiplier", 0, 0x80000000);
  columns.write("clockShift", 0, 1);
  for (const domain of DOMAINS) plantDomain(columns, domain);
  plantConsole(columns, 1);
  return machine;
}

function bytesOf(words: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [at, word] of words.entries()) bytes.writeUInt32LE(word >>> 0, at * 4);
  return bytes;
}

/** Puts words into a domain's memory, at a guest-physical address. */
export function putWords(
  machine: LoggingMachine,
  domain: number,
  address: bigint,
  words: readonly number[],
): void {
  machine.memory.write(memoryOf(domain) + address, bytesOf(words));
}

/** Puts words into a domain's shared_info, at an offset. */
export function putShared(
  machine: LoggingMachine,
  domain: number,
  offset: number,
  words: readonly number[],
): void {
  machine.memory.write(sharedInfoOf(domain) + BigInt(offset), bytesOf(words));
}

/** Sets a vCPU up as one that has just made a hypercall of 32-bit code, at ring 0. */
export function prepareHypercall(
  pair: Pair,
  vcpu: number,
  number: number,
  registers: readonly [number, bigint, bigint],
): void {
  pair.write("cpuCurrent", 0, vcpu + 1);
  pair.write("vmcbRax", vcpu, number);
  for (const [at, register] of [3, 1, 2].entries()) {
    pair.write("gprValue", vcpu * 16 + register, registers[at]!);
  }
}
