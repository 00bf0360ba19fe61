// The local APIC, as x2APIC MSRs 0x800-0x83f only: enough for a guest's processors to start each
// other and to interrupt each other. Timers are events, not APIC timers: the timer registers keep
// what is written and never fire. AMD APM volume 2, chapter 16.

import * as column from "./columns";
import { vcpuRow } from "./event";
import { VCPUS_PER_DOMAIN } from "./limits";
import { resume, stop, wake } from "./scheduler";
import { NONE, VCPU_HALTED, VCPU_OFFLINE, VCPU_RUNNABLE } from "./states";
import { startReal } from "./vcpu";

const ID: u32 = 0x02;
const VERSION: u32 = 0x03;
const TASK_PRIORITY: u32 = 0x08;
const PROCESSOR_PRIORITY: u32 = 0x0a;
const END_OF_INTERRUPT: u32 = 0x0b;
const LOGICAL_ID: u32 = 0x0d;
const SPURIOUS: u32 = 0x0f;
const IN_SERVICE: u32 = 0x10;
const TRIGGER: u32 = 0x18;
const REQUEST: u32 = 0x20;
const ERROR: u32 = 0x28;
const COMMAND: u32 = 0x30;
const TABLE_FIRST: u32 = 0x32;
const TABLE_LAST: u32 = 0x37;
const TIMER_INITIAL: u32 = 0x38;
const TIMER_CURRENT: u32 = 0x39;
const TIMER_DIVIDE: u32 = 0x3e;
const SELF: u32 = 0x3f;

const VERSION_VALUE: u64 = 0x00050014;
const MASKED: u32 = 0x10000;

const MODE_FIXED: u32 = 0;
const MODE_LOWEST: u32 = 1;
const MODE_NMI: u32 = 4;
const MODE_INIT: u32 = 5;
const MODE_STARTUP: u32 = 6;
/** Trigger mode level with level 0: an INIT de-assert, which does nothing. */
const DEASSERT: u32 = 0x8000;

function registerRow(vcpu: u32, register: u32): u32 {
  return (vcpu << 6) | register;
}

/** The state after reset: software-disabled, local vectors masked. */
export function resetApic(vcpu: u32): void {
  memory.fill(column.apicRegisterBase + (vcpu << 8), 0, 256);
  for (let register: u32 = TABLE_FIRST; register <= TABLE_LAST; register++) {
    column.setApicRegister(registerRow(vcpu, register), MASKED);
  }
  column.setApicRegister(registerRow(vcpu, SPURIOUS), 0xff);
  for (let word: u32 = 0; word < 4; word++) {
    column.setApicRequestWord((vcpu << 2) | word, 0);
    column.setApicServiceWord((vcpu << 2) | word, 0);
  }
}

/** The highest vector of four words, or 0. */
function highest(word0: u64, word1: u64, word2: u64, word3: u64): u32 {
  if (word3 != 0) return 255 - (clz(word3) as u32);
  if (word2 != 0) return 191 - (clz(word2) as u32);
  if (word1 != 0) return 127 - (clz(word1) as u32);
  if (word0 != 0) return 63 - (clz(word0) as u32);
  return 0;
}

function highestRequest(vcpu: u32): u32 {
  const row = vcpu << 2;
  return highest(
    column.apicRequestWord(row),
    column.apicRequestWord(row | 1),
    column.apicRequestWord(row | 2),
    column.apicRequestWord(row | 3),
  );
}

/** Is any vector requested, whatever its priority? */
export function hasRequest(vcpu: u32): bool {
  return highestRequest(vcpu) != 0;
}

function highestService(vcpu: u32): u32 {
  const row = vcpu << 2;
  return highest(
    column.apicServiceWord(row),
    column.apicServiceWord(row | 1),
    column.apicServiceWord(row | 2),
    column.apicServiceWord(row | 3),
  );
}

/** The task priority is the VMCB's virtual one: the guest may have changed it through CR8. */
function taskPriority(vcpu: u32): u32 {
  return ((column.vmcbInterruptControl(vcpu) & 15) as u32) << 4;
}

function processorPriority(vcpu: u32): u32 {
  return max<u32>(taskPriority(vcpu), highestService(vcpu) & 0xf0);
}

/** The vector that the vCPU would take now if its flags allow it, or 0. APIC-PENDING. */
export function pendingVector(vcpu: u32): u32 {
  const vector = highestRequest(vcpu);
  if (vector == 0) return 0;
  return (vector & 0xf0) > processorPriority(vcpu) ? vector : 0;
}

/** The vector goes from requested to in service. APIC-ACCEPT. */
export function acceptVector(vcpu: u32, vector: u32): void {
  const row = (vcpu << 2) | (vector >> 6);
  const bit = (1 as u64) << ((vector & 63) as u64);
  column.setApicRequestWord(row, column.apicRequestWord(row) & ~bit);
  column.setApicServiceWord(row, column.apicServiceWord(row) | bit);
}

function endOfInterrupt(vcpu: u32): void {
  const vector = highestService(vcpu);
  const row = (vcpu << 2) | (vector >> 6);
  const bit = (1 as u64) << ((vector & 63) as u64);
  column.setApicServiceWord(row, column.apicServiceWord(row) & ~bit);
}

/** An interrupt arrives at a vCPU. Vectors below 16 are refused by the architecture. */
function request(vcpu: u32, vector: u32): void {
  if (vector < 16) return;
  const row = (vcpu << 2) | (vector >> 6);
  const bit = (1 as u64) << ((vector & 63) as u64);
  column.setApicRequestWord(row, column.apicRequestWord(row) | bit);
  column.setVcpuAttention(vcpu, 1);
  wake(vcpu);
}

function initialise(vcpu: u32): void {
  const state = column.vcpuState(vcpu);
  if (state != VCPU_OFFLINE && state != VCPU_HALTED) {
    const domain = column.vcpuDomain(vcpu);
    column.setDomainOnline(domain, column.domainOnline(domain) - 1);
  }
  stop(vcpu, VCPU_OFFLINE);
  column.setVcpuAwaitsStartup(vcpu, 1);
  resetApic(vcpu);
}

function startUp(vcpu: u32, vector: u32): void {
  if (column.vcpuAwaitsStartup(vcpu) == 0) return;
  column.setVcpuAwaitsStartup(vcpu, 0);
  startReal(vcpu, vector);
  const domain = column.vcpuDomain(vcpu);
  column.setDomainOnline(domain, column.domainOnline(domain) + 1);
  column.setVcpuState(vcpu, VCPU_RUNNABLE);
  resume(vcpu);
}

/** One target of an interrupt command. */
function deliver(vcpu: u32, mode: u32, vector: u32): void {
  if (mode == MODE_FIXED || mode == MODE_LOWEST) return request(vcpu, vector);
  if (mode == MODE_NMI) {
    column.setVcpuNmi(vcpu, 1);
    column.setVcpuAttention(vcpu, 1);
    return wake(vcpu);
  }
  if (mode == MODE_INIT) return initialise(vcpu);
  if (mode == MODE_STARTUP) startUp(vcpu, vector);
}

/** Does destination `destination` name APIC id `id`? */
function names(destination: u32, logical: bool, id: u32): bool {
  if (destination == 0xffffffff) return true;
  if (!logical) return destination == id;
  return destination >> 16 == id >> 4 && ((destination >> (id & 15)) & 1) != 0;
}

/** Interrupt command: to each vCPU of the own domain that it names. APIC-COMMAND. */
function command(vcpu: u32, value: u64): void {
  const low = value as u32;
  const mode = (low >> 8) & 7;
  if (mode == MODE_INIT && (low & DEASSERT) != 0 && (low & 0x4000) == 0) return;
  const shorthand = (low >> 18) & 3;
  const logical = (low & 0x800) != 0;
  const domain = column.vcpuDomain(vcpu);
  for (let id: u32 = 0; id < VCPUS_PER_DOMAIN; id++) {
    const target = vcpuRow(domain, id);
    if (target == NONE) continue;
    const own = target == vcpu;
    let hit = names((value >> 32) as u32, logical, id);
    if (shorthand == 1) hit = own;
    if (shorthand == 2) hit = true;
    if (shorthand == 3) hit = !own;
    if (hit && !(own && mode >= MODE_INIT)) deliver(target, mode, low & 0xff);
  }
}

/** Half a word of a 256-bit register, as eight 32-bit MSRs show it. */
function part(word: u64, register: u32): u64 {
  return (register & 1) != 0 ? word >> 32 : word & 0xffffffff;
}

/** RDMSR of 0x800 + register; false: #GP. APIC-READ. */
export function readApic(vcpu: u32, register: u32): u64 {
  const id = column.vcpuId(vcpu);
  if (register == ID) return id as u64;
  if (register == VERSION) return VERSION_VALUE;
  if (register == TASK_PRIORITY) return taskPriority(vcpu) as u64;
  if (register == PROCESSOR_PRIORITY) return processorPriority(vcpu) as u64;
  if (register == LOGICAL_ID) return (((id >> 4) << 16) | (1 << (id & 15))) as u64;
  const word = (vcpu << 2) | ((register & 7) >> 1);
  if (register >= IN_SERVICE && register < TRIGGER) {
    return part(column.apicServiceWord(word), register);
  }
  if (register >= REQUEST && register < ERROR) return part(column.apicRequestWord(word), register);
  return column.apicRegister(registerRow(vcpu, register)) as u64;
}

/** May MSR 0x800 + register be read (written)? */
export function apicReadable(register: u32): bool {
  if (register == ID || register == VERSION || register == LOGICAL_ID) return true;
  if (register == PROCESSOR_PRIORITY || register == TIMER_CURRENT) return true;
  if (register >= IN_SERVICE && register < ERROR) return true;
  return register != END_OF_INTERRUPT && register != SELF && apicWritable(register);
}

export function apicWritable(register: u32): bool {
  if (register == TASK_PRIORITY || register == END_OF_INTERRUPT || register == SPURIOUS)
    return true;
  if (register == ERROR || register == COMMAND || register == SELF) return true;
  if (register >= TABLE_FIRST && register <= TABLE_LAST) return true;
  return register == TIMER_INITIAL || register == TIMER_DIVIDE;
}

/** WRMSR of 0x800 + register, which apicWritable allows. APIC-WRITE. */
export function writeApic(vcpu: u32, register: u32, value: u64): void {
  if (register == TASK_PRIORITY) {
    const control = column.vmcbInterruptControl(vcpu) & ~(15 as u64);
    column.setVmcbInterruptControl(vcpu, control | ((value >> 4) & 15));
    return;
  }
  if (register == END_OF_INTERRUPT) return endOfInterrupt(vcpu);
  if (register == COMMAND) return command(vcpu, value);
  if (register == SELF) return request(vcpu, (value & 0xff) as u32);
  const kept: u32 = register == ERROR ? 0 : (value as u32);
  column.setApicRegister(registerRow(vcpu, register), kept);
}
