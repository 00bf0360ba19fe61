// Privileged operations: what builds and governs domains. Each asks the policy for a permission of
// its own; none is longer than a superframe. The boot pack is a list of them (docs/boot-pack.md).

import {
  EBUSY,
  EEXIST,
  EFAULT,
  EINVAL,
  ENOENT,
  ENOMEM,
  ENOSPC,
  EPERM,
  PARAMETER_CONSOLE_PFN,
  PARAMETER_CONSOLE_PORT,
  PARAMETERS,
  PORT_CONSOLE,
  RESUME,
  SHARED_WALLCLOCK,
  VCPU_INFO_BYTES,
  VCPU_INFO_TIME,
} from "./abi";
import {
  mayCopyIn,
  mayCreateDomain,
  mayDestroy,
  mayLoadPolicy,
  mayPause,
  mayPopulate,
  mayReserve,
  maySetConsole,
  maySetContext,
  maySetDomainParameter,
  maySetSchedule,
  mayUnpause,
} from "./access";
import * as column from "./columns";
import { pauseDomain, unpauseDomain } from "./domain";
import { sharedInfo, vcpuRow } from "./event";
import { firstPort, setPort, usePort } from "./event_channel";
import {
  firstFree,
  frameCountable,
  poolFirst,
  scrubbed,
  takeFrame,
  takeSplit,
  takeWhole,
} from "./frame";
import {
  DIRECTORY_ENTRIES,
  DOMAIN_NAME_BYTES,
  DOMAINS,
  REGIONS,
  SCHEDULE_SLOTS,
  VCPUS,
  VCPUS_PER_DOMAIN,
} from "./limits";
import { copy, store32 } from "./machine";
import {
  createMap,
  directoryEmpty,
  directoryRow,
  entryOf,
  gfnExists,
  hasTable,
  mapFrame,
  mapSuperframe,
  translate,
} from "./p2m";
import { policyStep } from "./policy_load";
import { SCHEDULE_PINNED } from "./scheduler";
import {
  DOMAIN_BUILDING,
  DOMAIN_DYING,
  DOMAIN_FREE,
  DOMAIN_PAUSED,
  DOMAIN_RUNNING,
  ENTRY_PRESENT,
  FRAME_MEMORY,
  FRAME_SPECIAL,
  NONE,
  NOWHERE,
  VCPU_FREE,
  VCPU_OFFLINE,
  VCPU_RUNNABLE,
} from "./states";
import { teardownStep } from "./teardown";
import { createVcpu, freeVcpu, startPvh } from "./vcpu";
import { writeTime } from "./vcpu_op";
import { labelXen } from "./xsm";

function inState(domain: u32, state: u32): bool {
  return domain < DOMAINS && column.domainState(domain) == state;
}

/** Is `domain` a domain that is being built? */
export function building(domain: u32): bool {
  return inState(domain, DOMAIN_BUILDING);
}

/** The 24 bytes of a name, from three words. */
function setName(domain: u32, word: u32, value: u64): void {
  for (let index: u32 = 0; index < 8; index++) {
    const byte = ((value >> ((index << 3) as u64)) & 0xff) as u32;
    column.setDomainNameByte(domain * DOMAIN_NAME_BYTES + (word << 3) + index, byte);
  }
}

/** Are there `count` free vCPU rows? */
function vcpusAvailable(count: u32): bool {
  let found: u32 = 0;
  for (let row: u32 = 0; row < VCPUS; row++) {
    if (column.vcpuState(row) == VCPU_FREE) found++;
  }
  return found >= count;
}

/** Create: a free row becomes a domain that is being built; then its vCPUs, one a call.
 *  CONTROL-CREATE-*. */
export function createDomain(
  caller: u32,
  domain: u32,
  label: u64,
  vcpus: u64,
  frames: u64,
  weight: u64,
): i64 {
  if (label >= (column.policyLabels() as u64)) return EPERM;
  if (!mayCreateDomain(caller, label as u32)) return EPERM;
  if (domain == 0 || domain >= DOMAINS) return EINVAL;
  if (vcpus == 0 || vcpus > (VCPUS_PER_DOMAIN as u64)) return EINVAL;
  if (weight == 0 || weight > 65535 || frames > 0xffffffff) return EINVAL;
  if (column.domainState(domain) != DOMAIN_FREE) {
    return addVcpu(domain, label as u32, vcpus as u32);
  }
  if (!vcpusAvailable(vcpus as u32)) return ENOSPC;
  column.setDomainState(domain, DOMAIN_BUILDING);
  column.setDomainLabel(domain, label as u32);
  column.setDomainSelfLabel(domain, column.policySelfLabel(label as u32));
  column.setDomainWeight(domain, weight as u32);
  column.setDomainFramesLimit(domain, frames as u32);
  // Port 0 is never given out.
  usePort(domain, 0);
  createMap(domain);
  return RESUME;
}

/** The next vCPU of a domain whose creation goes on. */
function addVcpu(domain: u32, label: u32, vcpus: u32): i64 {
  const id = column.domainVcpus(domain);
  if (!building(domain) || column.domainLabel(domain) != label || id >= vcpus) return EEXIST;
  const row = freeVcpu();
  if (column.vcpuState(row) != VCPU_FREE) return ENOSPC;
  createVcpu(row, domain, id);
  column.setDomainVcpus(domain, id + 1);
  return id + 1 < vcpus ? RESUME : 0;
}

/** The name of a domain that is being built, 24 bytes. */
export function nameDomain(domain: u32, first: u64, second: u64, third: u64): void {
  setName(domain, 0, first);
  setName(domain, 1, second);
  setName(domain, 2, third);
}

/** Populate superframe: 2 MiB of zeros at a gfn, zeroed step by step. CONTROL-SUPERFRAME-*. */
export function populateSuperframe(caller: u32, domain: u32, gfn: u64): i64 {
  if (!building(domain) || !mayPopulate(caller, column.domainLabel(domain))) return EPERM;
  if (!gfnExists(gfn) || (gfn & 511) != 0) return EINVAL;
  if (!directoryEmpty(domain, gfn as u32)) return EEXIST;
  const frames = column.domainFrames(domain);
  if (frames + 512 > column.domainFramesLimit(domain)) return ENOMEM;
  const superframe = poolFirst();
  if (superframe == NONE) return ENOMEM;
  if (!scrubbed(superframe)) return RESUME;
  takeWhole(superframe, domain);
  column.setDomainFrames(domain, frames + 512);
  mapSuperframe(domain, gfn as u32, superframe);
  return 0;
}

/** Reserve: a superframe's frames join the domain's free ones. CONTROL-RESERVE-*. */
export function reserve(caller: u32, domain: u32): i64 {
  if (!building(domain) || !mayReserve(caller, column.domainLabel(domain))) return EPERM;
  const superframe = poolFirst();
  if (superframe == NONE) return ENOMEM;
  takeSplit(superframe, domain);
  return 0;
}

/** A free frame of the domain, at an empty gfn; negative: why not. */
function place(domain: u32, gfn: u64, kind: u32): i64 {
  if (!gfnExists(gfn)) return EINVAL;
  if ((entryOf(domain, gfn as u32) & ENTRY_PRESENT) != 0) return EEXIST;
  if (!hasTable(domain, gfn as u32)) return ENOMEM;
  const frame = firstFree(domain);
  if (frame == NONE || !frameCountable(frame)) return ENOMEM;
  takeFrame(frame, domain, kind);
  mapFrame(domain, gfn as u32, frame, true, false);
  return frame as i64;
}

/** Populate: a frame of zeros at a gfn. CONTROL-POPULATE-*. */
export function populate(caller: u32, domain: u32, gfn: u64): i64 {
  if (!building(domain) || !mayPopulate(caller, column.domainLabel(domain))) return EPERM;
  const frame = place(domain, gfn, FRAME_MEMORY);
  return frame < 0 ? frame : 0;
}

/** Copy in: bytes from machine memory to a guest-physical address of a domain that has not run.
 *  CONTROL-COPY-*. */
export function copyInto(caller: u32, domain: u32, target: u64, source: u64, bytes: u64): i64 {
  if (!building(domain) || !mayCopyIn(caller, column.domainLabel(domain))) return EPERM;
  if (bytes == 0 || bytes > 0x200000) return EINVAL;
  const last = target + bytes - 1;
  const first = translate(domain, target, true);
  const end = translate(domain, last, true);
  if (first == NOWHERE || end == NOWHERE) return ENOENT;
  // The area must be one piece of machine memory: inside one leaf, large or small.
  if (target >> 21 != last >> 21 || end - first != bytes - 1) return EINVAL;
  if (target >> 12 != last >> 12 && !isLarge(domain, target)) return EINVAL;
  copy(first, source, bytes as u32);
  return 0;
}

function isLarge(domain: u32, address: u64): bool {
  const index = ((address >> 21) as u32) & (DIRECTORY_ENTRIES - 1);
  const directory = column.directoryEntry(directoryRow(domain, index));
  return (directory & 0x80) != 0;
}

/** Parameter of a domain that is being built. CONTROL-PARAMETER-*. */
export function setDomainParameter(caller: u32, domain: u32, index: u64, value: u64): i64 {
  if (!building(domain)) return EPERM;
  if (!maySetDomainParameter(caller, column.domainLabel(domain))) return EPERM;
  if (index >= (PARAMETERS as u64)) return EINVAL;
  column.setDomainParameterValue((domain << 6) | (index as u32), value);
  return 0;
}

/** XSAVE: the domain's vCPUs are told of XSAVE and AVX. CONTROL-XSAVE-*. */
export function allowXsave(caller: u32, domain: u32): i64 {
  if (!building(domain)) return EPERM;
  if (!maySetDomainParameter(caller, column.domainLabel(domain))) return EPERM;
  column.setDomainXsave(domain, 1);
  return 0;
}

/** Console: a frame for the ring, a port for its kicks. CONTROL-CONSOLE-*. */
export function setConsole(caller: u32, domain: u32, gfn: u64): i64 {
  if (!building(domain) || !maySetConsole(caller, column.domainLabel(domain))) return EPERM;
  if (column.domainConsoleFrame(domain) != 0) return EEXIST;
  const port = firstPort(domain);
  if (port == NONE) return ENOSPC;
  const frame = place(domain, gfn, FRAME_SPECIAL);
  if (frame < 0) return frame;
  usePort(domain, port);
  setPort(domain, port, PORT_CONSOLE, 0, 0, 0, 0, column.domainSelfLabel(domain));
  column.setDomainConsoleFrame(domain, (frame as u32) + 1);
  column.setDomainConsolePort(domain, port);
  column.setDomainParameterValue((domain << 6) | PARAMETER_CONSOLE_PFN, gfn);
  column.setDomainParameterValue((domain << 6) | PARAMETER_CONSOLE_PORT, port as u64);
  return 0;
}

/** Start context: where a vCPU begins. CONTROL-CONTEXT-*. */
export function setContext(caller: u32, domain: u32, id: u64, entry: u64, info: u64): i64 {
  if (!building(domain) || !maySetContext(caller, column.domainLabel(domain))) return EPERM;
  if (id >= 32 || entry > 0xffffffff || info > 0xffffffff) return EINVAL;
  const vcpu = vcpuRow(domain, id as u32);
  if (vcpu == NONE) return ENOENT;
  if (column.vcpuState(vcpu) != VCPU_OFFLINE) return EBUSY;
  startPvh(vcpu, entry, info);
  column.setVcpuState(vcpu, VCPU_RUNNABLE);
  column.setDomainOnline(domain, column.domainOnline(domain) + 1);
  return 0;
}

/** shared_info: the clock, and each vCPU's first vcpu_info. */
function openShared(domain: u32, frame: u32): void {
  column.setDomainSharedInfo(domain, frame + 1);
  const shared = sharedInfo(domain);
  const seconds = column.bootWallSeconds();
  store32(shared + SHARED_WALLCLOCK, 2);
  store32(shared + SHARED_WALLCLOCK + 4, seconds as u32);
  store32(shared + SHARED_WALLCLOCK + 12, (seconds >> 32) as u32);
  for (let id: u32 = 0; id < VCPUS_PER_DOMAIN; id++) {
    const vcpu = vcpuRow(domain, id);
    const info = shared + (id as u64) * VCPU_INFO_BYTES;
    if (vcpu == NONE) continue;
    column.setVcpuInfo(vcpu, info);
    writeTime(info + VCPU_INFO_TIME);
  }
}

/** Unpause: the domain gets its shared_info and runs. CONTROL-UNPAUSE-*. */
export function unpause(caller: u32, domain: u32): i64 {
  if (!building(domain) || !mayUnpause(caller, column.domainLabel(domain))) return EPERM;
  const frame = firstFree(domain);
  if (frame == NONE) return ENOMEM;
  takeFrame(frame, domain, FRAME_SPECIAL);
  openShared(domain, frame);
  unpauseDomain(domain);
  return 0;
}

/** One row of the memory map that the domain is told. CONTROL-REGION-*. */
export function setRegion(
  caller: u32,
  domain: u32,
  index: u64,
  address: u64,
  bytes: u64,
  kind: u64,
): i64 {
  if (!building(domain)) return EPERM;
  if (!maySetDomainParameter(caller, column.domainLabel(domain))) return EPERM;
  if (index >= (REGIONS as u64) || bytes == 0 || kind > 0xffffffff) return EINVAL;
  const row = (domain << 4) | (index as u32);
  column.setRegionAddress(row, address);
  column.setRegionBytes(row, bytes);
  column.setRegionType(row, kind as u32);
  return 0;
}

/** Pause: a running domain stops until it is resumed. CONTROL-PAUSE-*. */
export function pause(caller: u32, domain: u32): i64 {
  if (!inState(domain, DOMAIN_RUNNING) || !mayPause(caller, column.domainLabel(domain)))
    return EPERM;
  pauseDomain(domain);
  return 0;
}

/** Resume: a paused domain goes on. CONTROL-RESUME-*. */
export function resumePaused(caller: u32, domain: u32): i64 {
  if (!inState(domain, DOMAIN_PAUSED)) return EPERM;
  if (!mayUnpause(caller, column.domainLabel(domain))) return EPERM;
  unpauseDomain(domain);
  return 0;
}

/** Destroy: one step; RESUME until the domain's row is free. CONTROL-DESTROY-*. */
export function destroy(caller: u32, domain: u32): i64 {
  if (domain == 0 || domain >= DOMAINS) return EPERM;
  const state = column.domainState(domain);
  if (state == DOMAIN_FREE || !mayDestroy(caller, column.domainLabel(domain))) return EPERM;
  if (state != DOMAIN_DYING) {
    pauseDomain(domain);
    column.setDomainState(domain, DOMAIN_DYING);
  }
  const result = teardownStep(domain);
  if (result == 1) return 0;
  return result == 0 ? RESUME : result;
}

/** Schedule: its kind and the slice for weight 256. CONTROL-SCHEDULE-*. */
export function setSchedule(caller: u32, kind: u64, slice: u64): i64 {
  if (!maySetSchedule(caller, labelXen())) return EPERM;
  if (kind > (SCHEDULE_PINNED as u64) || slice < 100000 || slice > 1000000000) return EINVAL;
  column.setScheduleKind(kind as u32);
  column.setScheduleSliceNanoseconds(slice);
  return 0;
}

/** One slot of the fixed frame; slots are set in order. */
export function setSlot(caller: u32, domain: u32, slot: u64, length: u64): i64 {
  if (!maySetSchedule(caller, labelXen())) return EPERM;
  if (slot >= (SCHEDULE_SLOTS as u64) || domain >= DOMAINS) return EINVAL;
  if (slot != (column.scheduleSlots() as u64) || length < 100000) return EINVAL;
  column.setSlotDomain(slot as u32, domain);
  column.setSlotNanoseconds(slot as u32, length);
  column.setScheduleSlots((slot as u32) + 1);
  return 0;
}

/** Load policy: a step of putting the table at a machine address in the place of the one in force.
 *  CONTROL-POLICY-*. */
export function loadPolicy(caller: u32, source: u64, bytes: u64): i64 {
  if (!mayLoadPolicy(caller, labelXen())) return EPERM;
  if (source == NOWHERE) return EFAULT;
  return policyStep(source, bytes);
}

/** Machine address of `bytes` bytes of a domain's own that lie in one piece inside one large leaf, or
 *  NOWHERE. */
export function largeArea(domain: u32, address: u64, bytes: u64): u64 {
  if (bytes == 0 || bytes > 0x200000) return NOWHERE;
  const last = address + bytes - 1;
  if (address >> 21 != last >> 21) return NOWHERE;
  const first = translate(domain, address, false);
  const end = translate(domain, last, false);
  if (first == NOWHERE || end == NOWHERE || end - first != bytes - 1) return NOWHERE;
  return isLarge(domain, address) ? first : NOWHERE;
}
