// A domain that is destroyed is taken apart step by step: its ports, its mappings of others'
// frames, its vCPUs, its own map, its memory, its row. Each step is bounded. Memory that others
// still map by a grant keeps the domain dying until they let go.

import {
  DIRECTORY_ENTRIES,
  DOMAIN_NAME_BYTES,
  EXIT_KINDS,
  FRAMES_PER_SUPERFRAME,
  GRANT_FRAMES,
  HANDLES,
  HVM_PARAMETERS,
  PORT_MAP_WORDS,
  PORTS,
  REGIONS,
  SUPERFRAMES,
  TABLES_PER_DOMAIN,
  VCPUS_PER_DOMAIN,
} from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { vcpuOf } from "./event.ts";
import { closePort } from "./event_channel.ts";
import { dropReference, isSuperframeUsed, releaseSuperframe } from "./frame.ts";
import { releaseMapping } from "./grant_map.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import { clearLeaf, dropSuperframe, dropTable } from "./p2m.ts";
import { DOMAIN_FREE } from "./states.ts";
import { forgetVcpu } from "./vcpu.ts";

export const STAGE_PORTS = 0;
export const STAGE_HANDLES = 1;
export const STAGE_VCPUS = 2;
export const STAGE_LEAVES = 3;
export const STAGE_DIRECTORY = 4;
export const STAGE_MEMORY = 5;

/** Entries of a last-level table. */
export const LEAVES_OF_TABLE = FRAMES_PER_SUPERFRAME;

/** Rows of each stage; the last is the domain's own row. */
export const ROWS_OF_STAGES = [
  PORTS / 64,
  HANDLES,
  VCPUS_PER_DOMAIN,
  TABLES_PER_DOMAIN * LEAVES_OF_TABLE,
  DIRECTORY_ENTRIES,
  SUPERFRAMES,
  1,
];

/** Goes on with the next row of the stage, or with the next stage. */
function advance(s: Transaction, domain: Word, rows: number): void {
  s.clause(
    "TEARDOWN-ADVANCE-1",
    "After a row comes the next, and after a stage's last the next stage.",
  );
  const row = s.row("domain", domain);
  const next = row.teardownRow.add(1);
  s.when(
    next.lt(rows),
    () => row.set({ teardownRow: next }),
    () => row.set({ teardownRow: 0, teardownStage: row.teardownStage.add(1) }),
  );
}

/** Closes the lowest open port of 64, the console's as well. */
function stepPorts(s: Transaction, domain: Word, word: Word): void {
  const open = s.least(64, (offset) =>
    s.row("port", domain, word.shl(6).or(offset)).state.ne(abi.EVTCHNSTAT_closed),
  );
  const closed = () => {
    s.clause(
      "TEARDOWN-PORTS-1",
      "A step closes the lowest open port of the 64 that it has come to.",
    );
    const port = word.shl(6).or(open.index);
    const row = s.row("port", domain, port);
    s.when(row.state.eq(abi.PORT_console), () => {
      s.clause("TEARDOWN-PORTS-2", "The console's port is closed as one that waits for nobody.");
      const nobody = { peerDomain: 0, peerPort: 0, vcpu: 0, virq: 0, label: 0 };
      row.set({ state: abi.EVTCHNSTAT_unbound, ...nobody });
    });
    s.attempt(() => closePort(s, domain, port));
  };
  s.when(open.exists, closed, () => advance(s, domain, PORTS / 64));
}

function stepHandles(s: Transaction, domain: Word, handle: Word): void {
  s.when(s.row("handle", domain, handle).domain.ne(0), () => {
    s.clause(
      "TEARDOWN-HANDLES-1",
      "A mapping of another's frame ends as if the domain unmapped it.",
    );
    releaseMapping(s, domain, handle);
  });
  advance(s, domain, HANDLES);
}

function stepVcpus(s: Transaction, domain: Word, id: Word): void {
  const vcpu = vcpuOf(s, domain, id);
  s.when(vcpu.exists, () => {
    s.clause("TEARDOWN-VCPUS-1", "A vCPU's row becomes free; the pin of its vcpu_info goes too.");
    const row = s.row("vcpu", vcpu.row);
    s.when(row.infoRegistered.ne(0), () => dropReference(s, row.info.shr(12).low()));
    forgetVcpu(s, vcpu.row);
    s.row("domainVcpu", domain, id).set({ row: 0 });
  });
  advance(s, domain, VCPUS_PER_DOMAIN);
}

function stepLeaves(s: Transaction, domain: Word, row: Word): void {
  const last = LEAVES_OF_TABLE - 1;
  const slot = row.shr(Math.log2(LEAVES_OF_TABLE));
  const at = row.and(last);
  const emptied = () => {
    s.clause("TEARDOWN-LEAVES-1", "A last-level table is emptied entry by entry, then given back.");
    clearLeaf(s, domain, slot, at);
    s.when(at.eq(last), () => dropTable(s, domain, slot));
  };
  const passed = () => {
    s.clause("TEARDOWN-LEAVES-2", "A table that is not in use is passed over.");
    s.row("domain", domain).set({ teardownRow: row.or(last) });
  };
  s.when(s.row("tableOwner", domain, slot).directory.ne(0), emptied, passed);
  advance(s, domain, TABLES_PER_DOMAIN * LEAVES_OF_TABLE);
}

function stepDirectory(s: Transaction, domain: Word, index: Word): void {
  s.when(s.row("directory", domain, index).entry.ne(0), () => {
    s.clause("TEARDOWN-DIRECTORY-1", "Then the leaves of 2 MiB are taken out.");
    dropSuperframe(s, domain, index);
  });
  advance(s, domain, DIRECTORY_ENTRIES);
}

/** The result, if the domain's memory cannot go yet. */
function stepMemory(s: Transaction, domain: Word, superframe: Word): void {
  s.when(s.row("super", superframe).owner.eq(domain.add(1)), () => {
    s.clause("TEARDOWN-MEMORY-1", "Memory that another still maps is not given back.");
    s.require(isSuperframeUsed(s, superframe).not(), abi.EAGAIN);
    s.clause("TEARDOWN-MEMORY-2", "Memory that nothing uses goes back to the pool.");
    releaseSuperframe(s, superframe);
  });
  advance(s, domain, SUPERFRAMES);
}

/** All that is left is the row and its small arrays. */
function clearRow(s: Transaction, domain: Word): void {
  s.clause(
    "TEARDOWN-ROW-1",
    "The row is free, and nothing remains that a later domain would inherit.",
  );
  s.setRows("domainName", [domain, 0], DOMAIN_NAME_BYTES, () => ({ byte: 0 }));
  s.setRows("domainParameter", [domain, 0], HVM_PARAMETERS, () => ({ value: 0 }));
  s.setRows("domainExit", [domain, 0], EXIT_KINDS, () => ({ count: 0 }));
  s.setRows("grantFrame", [domain, 0], GRANT_FRAMES, () => ({ frame: 0 }));
  s.setRows("iopm", [domain, 0], PORT_MAP_WORDS, () => ({ word: -1 }));
  s.setRows("region", [domain, 0], REGIONS, () => ({ bytes: 0 }));
  const row = s.row("domain", domain);
  row.set({
    reason: 0,
    label: 0,
    selfLabel: 0,
    vcpus: 0,
    online: 0,
    weight: 0,
    xsave: 0,
    background: 0,
  });
  row.set({ frames: 0, framesLimit: 0, sharedInfo: 0, callbackVector: 0 });
  row.set({ consolePort: 0, consoleFrame: 0, grantFrames: 0, resetWord: 0 });
  row.set({ teardownStage: 0, denials: 0, lineLength: 0, state: DOMAIN_FREE });
}

/** What a step gives: there is more to do, or the row is free. */
export const TEARDOWN_GOES_ON = 0;
export const TEARDOWN_DONE = 1;

/** One step of a dying domain's teardown; EAGAIN while others hold its memory. */
export function teardownStep(s: Transaction, domain: Word): Word {
  const { teardownStage, teardownRow } = s.row("domain", domain);
  const stage = (value: number, step: (row: Word) => void) => ({
    value,
    steps: () => {
      step(teardownRow);
      return s.word64(TEARDOWN_GOES_ON);
    },
  });
  s.clause(
    "TEARDOWN-1",
    "Ports, handles, vCPUs, leaves, directory, memory and the row go in turn.",
  );
  const stages = [
    stage(STAGE_PORTS, (row) => stepPorts(s, domain, row)),
    stage(STAGE_HANDLES, (row) => stepHandles(s, domain, row)),
    stage(STAGE_VCPUS, (row) => stepVcpus(s, domain, row)),
    stage(STAGE_LEAVES, (row) => stepLeaves(s, domain, row)),
    stage(STAGE_DIRECTORY, (row) => stepDirectory(s, domain, row)),
    stage(STAGE_MEMORY, (row) => stepMemory(s, domain, row)),
  ];
  return s.select(teardownStage, stages, () => {
    clearRow(s, domain);
    return s.word64(TEARDOWN_DONE);
  });
}
