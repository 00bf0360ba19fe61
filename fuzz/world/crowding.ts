// What makes the world small: tables that are nearly full, so that a program of a few steps comes
// to their end. The keeper's ports and map handles, the second guest's page tables and frames, the
// vCPUs and the machine's memory are taken but for a few.

import {
  HANDLES,
  PORTS,
  TABLES_PER_DOMAIN,
  VCPUS,
  VCPUS_PER_DOMAIN,
} from "../../tcb/core/limits.ts";
import type { Program } from "../program/program.ts";
import { parseProgram } from "../program/text.ts";
import { fillers, KEEPER, residents } from "./pack.ts";

const LEFT = 3;
const TABLES_LEFT = 1;
/** A domain that stays half built. */
const FIRST_CROWD = 20;
const FRAMES_OF_A_CALL = 4;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function ports(): string[] {
  const line = `d${KEEPER}v0 evtchn_alloc_unbound(domain=0x7ff0, remote=1)`;
  return numbers(PORTS - 1 - LEFT).map(() => line);
}

function handles(): string[] {
  const offer = `d2v0 offer(reference=500, flags=1, domain=${KEEPER}, gfn=0x27)`;
  const map = (index: number): string => {
    const page = (0x600 + index) * 4096;
    return `d${KEEPER}v0 grant_map(count=1, page=${page}, flags=2, reference=500, domain=2)`;
  };
  return [offer, ...numbers(HANDLES - LEFT).map(map)];
}

/** A table for each 2 MiB in which something is mapped. */
function tables(): string[] {
  return numbers(TABLES_PER_DOMAIN - 2 - TABLES_LEFT).map((index) => {
    return `d2v0 memory_add(domain=0x7ff0, space=1, index=0, gfn=${(2 + index) * 512})`;
  });
}

function frames(): string[] {
  return numbers(480 / FRAMES_OF_A_CALL).map((index) => {
    const list = 0x218 + index * FRAMES_OF_A_CALL;
    return `d2v0 memory_populate(list=${list}, extents=${FRAMES_OF_A_CALL}, domain=0x7ff0)`;
  });
}

function domains(): string[] {
  const used = [...fillers, ...residents].reduce((sum, { vcpus }) => sum + vcpus, 0);
  const count = Math.floor((VCPUS - used - LEFT) / VCPUS_PER_DOMAIN);
  return numbers(count).map((index) => {
    const size = `vcpus=${VCPUS_PER_DOMAIN}, frames=4096, weight=256`;
    return `d${KEEPER}v0 control_create(domain=${FIRST_CROWD + index}, label=2, ${size})`;
  });
}

function memory(): string[] {
  return [0, 1].map((index) => {
    const gfn = index * 512;
    return `d${KEEPER}v0 control_populate_superframe(domain=${FIRST_CROWD}, gfn=${gfn})`;
  });
}

const lines = [ports(), handles(), tables(), frames(), domains(), memory()].flat();

/** All of it, in one program. */
export const crowding: Program = parseProgram(lines.join("\n"));
