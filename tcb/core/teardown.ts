// Taking a domain apart, step by step: its ports, its mappings of others' frames, its own map, its
// memory, its vCPUs, its row. A step is bounded; whoever destroys calls again until it is done.
// Memory that others still map by a grant keeps the domain dying until they let go.

import { EAGAIN } from "./abi";
import * as column from "./columns";
import { vcpuRow } from "./event";
import { closeLowest } from "./event_channel";
import { dropReference, releaseSuperframe, superframeUsed } from "./frame";
import { releaseMapping } from "./grant_table";
import {
  DIRECTORY_ENTRIES,
  DOMAIN_NAME_BYTES,
  EXIT_KINDS,
  GRANT_FRAMES,
  HANDLES,
  HVM_PARAMETERS,
  PORT_MAP_WORDS,
  REGIONS,
  SUPERFRAMES,
  TABLES_PER_DOMAIN,
  VCPUS_PER_DOMAIN,
} from "./limits";
import { clearLeaf, directoryRow, dropSuperframe, dropTable } from "./p2m";
import { DOMAIN_FREE, NONE } from "./states";
import { forgetVcpu } from "./vcpu";

const STAGE_PORTS: u32 = 0;
const STAGE_HANDLES: u32 = 1;
const STAGE_VCPUS: u32 = 2;
const STAGE_LEAVES: u32 = 3;
const STAGE_DIRECTORY: u32 = 4;
const STAGE_MEMORY: u32 = 5;
const STAGE_ROW: u32 = 6;

/** Goes on with the next row of the stage, or with the next stage. */
function advance(domain: u32, rows: u32): void {
  const next = column.domainTeardownRow(domain) + 1;
  if (next < rows) {
    column.setDomainTeardownRow(domain, next);
    return;
  }
  column.setDomainTeardownRow(domain, 0);
  column.setDomainTeardownStage(domain, column.domainTeardownStage(domain) + 1);
}

function stepHandles(domain: u32, handle: u32): void {
  if (column.handleDomain((domain << 10) | handle) != 0) releaseMapping(domain, handle);
  advance(domain, HANDLES);
}

/** A vCPU leaves its row: the pin of its vcpu_info goes too. */
function stepVcpu(domain: u32, id: u32): void {
  const vcpu = vcpuRow(domain, id);
  if (vcpu != NONE) {
    if (column.vcpuInfoRegistered(vcpu) != 0) dropReference((column.vcpuInfo(vcpu) >> 12) as u32);
    forgetVcpu(vcpu);
    column.setDomainVcpuRow((domain << 5) | id, 0);
  }
  advance(domain, VCPUS_PER_DOMAIN);
}

/** An entry of a last-level table; the table itself after its last one. A table that is not in use
 *  is passed over. */
function stepLeaves(domain: u32, row: u32): void {
  const slot = row >> 9;
  if (column.tableOwnerDirectory((domain << 6) | slot) != 0) {
    clearLeaf((domain << 15) | row);
    if ((row & 511) == 511) dropTable(domain, slot);
  } else {
    column.setDomainTeardownRow(domain, row | 511);
  }
  advance(domain, TABLES_PER_DOMAIN << 9);
}

function stepDirectory(domain: u32, index: u32): void {
  if (column.directoryEntry(directoryRow(domain, index)) != 0) dropSuperframe(domain, index);
  advance(domain, DIRECTORY_ENTRIES);
}

/** One superframe; EAGAIN while somebody still maps a part of it. */
function stepMemory(domain: u32, superframe: u32): i64 {
  if (column.superOwner(superframe) == domain + 1) {
    if (superframeUsed(superframe)) return EAGAIN;
    releaseSuperframe(superframe);
  }
  advance(domain, SUPERFRAMES);
  return 0;
}

/** All that is left is the row and its small arrays: they become zero. */
function clearRow(domain: u32): void {
  memory.fill(column.domainNameByteBase + domain * DOMAIN_NAME_BYTES, 0, DOMAIN_NAME_BYTES);
  memory.fill(
    column.domainParameterValueBase + ((domain * HVM_PARAMETERS) << 3),
    0,
    HVM_PARAMETERS << 3,
  );
  memory.fill(column.domainExitCountBase + ((domain * EXIT_KINDS) << 3), 0, EXIT_KINDS << 3);
  memory.fill(column.grantFrameFrameBase + ((domain * GRANT_FRAMES) << 2), 0, GRANT_FRAMES << 2);
  memory.fill(column.iopmWordBase + (domain << 14), 0xff, PORT_MAP_WORDS << 3);
  for (let region: u32 = 0; region < REGIONS; region++) {
    column.setRegionBytes(domain * REGIONS + region, 0);
  }
  column.setPortUsedWord(domain << 6, 0);
  column.setDomainReason(domain, 0);
  column.setDomainLabel(domain, 0);
  column.setDomainSelfLabel(domain, 0);
  column.setDomainVcpus(domain, 0);
  column.setDomainOnline(domain, 0);
  column.setDomainWeight(domain, 0);
  column.setDomainXsave(domain, 0);
  column.setDomainBackground(domain, 0);
  column.setDomainFrames(domain, 0);
  column.setDomainFramesLimit(domain, 0);
  column.setDomainSharedInfo(domain, 0);
  column.setDomainCallbackVector(domain, 0);
  column.setDomainConsolePort(domain, 0);
  column.setDomainConsoleFrame(domain, 0);
  column.setDomainGrantFrames(domain, 0);
  column.setDomainResetWord(domain, 0);
  column.setDomainTeardownStage(domain, 0);
  column.setDomainDenials(domain, 0);
  column.setDomainLineLength(domain, 0);
  column.setDomainState(domain, DOMAIN_FREE);
}

/** One step of a dying domain's teardown; 0: go on, 1: done, EAGAIN: others hold its memory.
 *  TEARDOWN-*. */
export function teardownStep(domain: u32): i64 {
  const stage = column.domainTeardownStage(domain);
  const row = column.domainTeardownRow(domain);
  if (stage == STAGE_PORTS) {
    if (!closeLowest(domain, row)) advance(domain, 64);
    return 0;
  }
  if (stage == STAGE_HANDLES) stepHandles(domain, row);
  if (stage == STAGE_VCPUS) stepVcpu(domain, row);
  if (stage == STAGE_LEAVES) stepLeaves(domain, row);
  if (stage == STAGE_DIRECTORY) stepDirectory(domain, row);
  if (stage == STAGE_MEMORY) return stepMemory(domain, row);
  if (stage < STAGE_ROW) return 0;
  clearRow(domain);
  return 1;
}
