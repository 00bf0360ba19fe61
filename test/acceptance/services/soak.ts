// [services.soak]: guests that come and go leave every table as it was: 200 rounds of 24 small PVH
// guests on the simulated machine, 10 rounds of 6 stock guests on the metal.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type GuestFiles,
  guestFile,
  type RunningSystem,
  withRunningSystem,
} from "../../../scripts/bench/services/running.ts";
import { debianFiles, makeDebianGuests } from "../../../scripts/debian.ts";
import { columns } from "../../../tcb/core/layout.ts";
import { LinuxFiles } from "../../disaggregation/domains/metal/linux.ts";
import { soak as soakSimulated } from "../../disaggregation/domains/soak/rounds.ts";
import { ensureLoader } from "../../disaggregation/loader/built.ts";
import type { Check } from "../check.ts";

const SIMULATED = { rounds: 200, guests: 24 } as const;
const METAL = { rounds: 10, guests: 6, memoryMib: 128 } as const;
const SECONDS = 300;

interface Listed {
  readonly name: string;
  readonly domain: number;
  readonly memoryMib: number;
  readonly denials: number;
}

/** What the system has: domains with their frames, and every node of xenstore. */
function stateOf({ command }: RunningSystem): string {
  const domains = (JSON.parse(command("list", "--json")) as Listed[]).map((one) => {
    return [one.domain, one.name, one.memoryMib, one.denials];
  });
  return JSON.stringify([domains, command("xenstore-ls")]);
}

async function waitForNone(system: RunningSystem, names: readonly string[]): Promise<void> {
  for (let look = 0; look < SECONDS; look++) {
    const left = JSON.parse(system.command("list", "--json")) as Listed[];
    if (!left.some(({ name }) => names.includes(name))) return;
    await sleep(1000);
  }
}

async function metalRound(system: RunningSystem, guests: readonly string[]): Promise<void> {
  for (const name of guests) system.command("create", join(system.folder, `${name}.cfg`));
  for (const name of guests) system.command("destroy", name);
  await waitForNone(system, guests);
}

/** Rounds after which something was not as before. */
function soakMetal(files: GuestFiles): Promise<number[]> {
  const room = METAL.guests * METAL.memoryMib * 2;
  return withRunningSystem(files, room, SECONDS, async (system) => {
    const guests = Array.from({ length: METAL.guests }, (_, index) => `stock${index}`);
    for (const name of guests) {
      const path = join(system.folder, `${name}.cfg`);
      writeFileSync(path, guestFile(name, METAL.memoryMib, files));
    }
    const before = stateOf(system);
    const different: number[] = [];
    for (let round = 1; round <= METAL.rounds; round++) {
      await metalRound(system, guests);
      if (stateOf(system) !== before) different.push(round);
    }
    return different;
  });
}

export const soak: Check = {
  name: "services.soak",
  claim: "guests that come and go leave frames, ports, grants and xenstore nodes as they were",
  short: false,
  async run() {
    makeDebianGuests();
    await ensureLoader();
    const folder = mkdtempSync(join(tmpdir(), "xenolith-soak-"));
    const ramdisk = join(folder, "stays.cpio");
    // Longer than any round: they are destroyed while they run.
    writeFileSync(ramdisk, new LinuxFiles().ramdisk(`sleep ${SECONDS}`));
    const different = await soakMetal({ kernel: debianFiles.kernel, ramdisk });
    rmSync(folder, { recursive: true });
    const simulated = await soakSimulated(SIMULATED.rounds, SIMULATED.guests, columns);
    const figures = { metal: { ...METAL, different }, simulated };
    const passed = different.length === 0 && simulated.changed.length === 0;
    return { passed, figures, summary: JSON.stringify(figures) };
  },
};
